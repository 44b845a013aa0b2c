"""An optional writer: a language model behind an OpenAI-compatible endpoint polishes the text of a draft. Off by default.

It is shown the new text of the draft and nothing else: no mail of the customer, no history, no addresses. It may change words only: an
answer with other figures, links or addresses than the text had is refused. A failing writer leaves the draft as it was.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from inboxcrm import sections
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, locale_of

_MOST_BYTES = 200_000
_MOST_GROWTH = 2.0
"""A polished text may be so many times as long as before, and some letters more."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FACTS = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+|\d+(?:[.,:/ ]\d+)*")
_INSTRUCTIONS = (
    "You polish short business mails of an export salesperson to a buyer. Rewrite the text that the user gives so that it reads "
    "naturally in {language}, as a native speaker would write it. Keep its meaning, its form of address, its paragraphs and about its "
    "length. Keep every figure, date, amount, product name and link exactly. Add no facts, promises, offers or compliments. "
    "Answer with the text alone."
)


class WriterError(InboxcrmError):
    """The writer gave no usable text; the message says why, without the text itself."""


class Writer(Protocol):
    """Somebody who polishes a text; the draft says who."""

    @property
    def name(self) -> str:
        """Who it is, in words."""
        ...

    def polish(self, text: str, language: str) -> str:
        """The text, polished, in the language (ISO 639-1). Raises WriterError."""
        ...


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """A model of an OpenAI-compatible service (`POST {url}/chat/completions`). `timeout` in seconds, for the connection and for the
    answer."""

    url: str
    model: str
    key: str = ""
    timeout: float = 30
    style: str = ""

    @property
    def name(self) -> str:
        """Model and service: "some-model at api.example.com"."""
        return _("{model} at {host}").format(model=self.model, host=urlsplit(self.url).hostname or "?")

    def polish(self, text: str, language: str) -> str:
        """See `Writer.polish`."""
        told = _INSTRUCTIONS.format(language=locale_of(language).english_name or language)
        if self.style:
            told += f" The salesperson's style: {self.style}"
        answer = self._ask(
            {
                "model": self.model,
                "messages": [{"role": "system", "content": told}, {"role": "user", "content": text}],
                "stream": False,
            }
        )
        return faithful(text, answer)

    def _ask(self, question: Mapping[str, Any]) -> str:
        place = urlsplit(self.url)
        secure = place.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(place.hostname or "", place.port, timeout=self.timeout)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request("POST", f"{place.path.rstrip('/')}/chat/completions", json.dumps(question), headers)
            answer = connection.getresponse()
            data = _read(answer, time.monotonic() + self.timeout)
        except TimeoutError as error:
            raise WriterError(_("it didn't answer within {seconds} s").format(seconds=self.timeout)) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise WriterError(
                _("it can't be reached ({reason})").format(reason=error or type(error).__name__)
            ) from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise WriterError(_("it answered with {status}").format(status=f"{answer.status} {answer.reason}".strip()))
        if len(data) > _MOST_BYTES:
            raise WriterError(_("its answer is too long"))
        return _content(data)


def writer_of(configured: sections.Writer, environment: Mapping[str, str]) -> Writer | None:
    """The writer of these settings; None when it is off. The key comes from the environment."""
    if not configured.enabled:
        return None
    return ModelWriter(
        configured.url,
        configured.model,
        environment.get(configured.key_variable, ""),
        configured.timeout_seconds,
        configured.style,
    )


def faithful(text: str, polished: str) -> str:
    """The polished text, when it is one that may stand for `text`: not empty, not much longer, with the same figures, links and
    addresses. Raises WriterError.
    """
    polished = polished.translate({0x0D: None, 0xA0: " ", 0x202F: " "}).strip().strip("`").strip()
    if not polished or _CONTROL.search(polished):
        raise WriterError(_("its answer holds no text"))
    if len(polished) > _MOST_GROWTH * len(text) + 200:
        raise WriterError(_("its text is much longer than the draft"))
    before, after = _facts(text), _facts(polished)
    if before != after:
        changed = ", ".join(sorted(((before - after) + (after - before)).keys())[:5])
        raise WriterError(_("it changed figures, links or addresses: {what}").format(what=changed))
    return polished


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """The body, up to what is allowed and a little more. Raises TimeoutError when it comes too slowly."""
    data = b""
    while len(data) <= _MOST_BYTES and (piece := answer.read1(65_536)):
        data += piece
        if time.monotonic() > deadline:
            raise TimeoutError
    return data


def _facts(text: str) -> Counter[str]:
    return Counter(re.sub(r"\s", "", one.rstrip(".,:;!?)")) for one in _FACTS.findall(text))


def _content(data: bytes) -> str:
    try:
        found = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise WriterError(_("its answer isn't one of this kind of service")) from error
    if not isinstance(found, str):
        raise WriterError(_("its answer holds no text"))
    return found
