"""Both mail servers of the demo in one thread beside everything else, so that the service meets them as it meets real ones."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from inboxcrm.demo.imap_server import ImapServer
from inboxcrm.demo.letters import Letter
from inboxcrm.demo.smtp_sink import SmtpSink
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

_Result = TypeVar("_Result")
_STOP_SECONDS = 5


class DemoServerError(InboxcrmError):
    """A server of the demo can't be started."""


class MailServers:
    """IMAP and SMTP on free ports of this machine, while the `with` block runs. Callable from any thread."""

    imap_port: int
    smtp_port: int

    def __init__(self, home: Path, user: str, password: str) -> None:
        """`home` is the folder for everything that they keep."""
        self._imap = ImapServer(home / "mailbox", user, password)
        self._smtp = SmtpSink(home / "sent-by-smtp", user, password)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo-mail-servers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.imap_port = self._in_thread(self._imap.start())
            self.smtp_port = self._in_thread(self._smtp.start())
        except OSError as error:
            self._end()
            msg = _("The demo can't listen on this machine: {error}").format(error=error)
            raise DemoServerError(msg) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._in_thread(self._smtp.stop())
        self._in_thread(self._imap.stop())
        self._end()

    def deliver(self, letters: Iterable[Letter]) -> None:
        """Puts mails into the mailbox, in their order. Returns when they lie there."""
        self._in_thread(self._imap.deliver(letters))

    def tell_of_sent_mail(self, hear: Callable[[bytes], None]) -> None:
        """Has `hear` be told each mail that is sent from now on, in the thread of the servers; it must not take long."""
        self._smtp.on_mail = hear

    def _in_thread(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _end(self) -> None:
        self._in_thread(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)


async def _end_tasks() -> None:
    """Ends every conversation of the servers that is still open."""
    open_ones = asyncio.all_tasks() - {asyncio.current_task()}
    for task in open_ones:
        task.cancel()
    await asyncio.gather(*open_ones, return_exceptions=True)
