"""The writer changes words only; whatever goes wrong with it is told and changes nothing. Tried against a service on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from inboxcrm import sections
from inboxcrm.followup.writer import ModelWriter, WriterError, faithful, writer_of

TEXT = "Dear Anna,\n\nDid our quotation of 5 May (USD 12,500) arrive?\n\nBest regards"
POLISHED = "Dear Anna,\n\nHas our quotation of 5 May (USD 12,500) reached you?\n\nBest regards"


class Service(ThreadingHTTPServer):
    """An OpenAI-compatible service that answers as it is told, and keeps what it was asked."""

    status = 200
    content: Any = POLISHED
    raw: bytes | None = None
    asked: list[dict[str, Any]]
    hang: threading.Event | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        if self.server.hang is not None:
            self.server.hang.wait(10)
            return
        data = self.server.raw
        if data is None:
            data = json.dumps(
                {"choices": [{"message": {"role": "assistant", "content": self.server.content}}]}
            ).encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    if server.hang is not None:
        server.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_service_is_shown_the_text_and_nothing_else(service: Service) -> None:
    writer = ModelWriter(service.url, "some-model", "secret", style="warm, brief")
    assert writer.polish(TEXT, "en") == POLISHED
    (asked,) = service.asked
    assert (asked["path"], asked["key"], asked["model"]) == ("/v1/chat/completions", "Bearer secret", "some-model")
    system, user = asked["messages"]
    assert user == {"role": "user", "content": TEXT}
    assert "English" in system["content"]
    assert "warm, brief" in system["content"]
    assert writer.name == "some-model at 127.0.0.1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": 500}, "500"),
        ({"status": 302}, "302"),
        ({"status": 401}, "401"),
        ({"raw": b"<html>"}, "isn't one of this kind"),
        ({"raw": b'{"choices": []}'}, "isn't one of this kind"),
        ({"content": None}, "no text"),
        ({"content": "  "}, "no text"),
        ({"content": "a\x1b[31mb"}, "no text"),
        ({"content": TEXT.replace("12,500", "11,900")}, "11,900"),
        ({"content": TEXT.replace("5 May", "May")}, "5"),
        ({"content": TEXT + "\n\nSee https://evil.example/a"}, "evil.example"),
        ({"content": TEXT + " word" * 500}, "longer"),
        ({"raw": b"x" * 300_000}, "too long"),
    ],
)
def test_what_is_no_faithful_text_is_refused(service: Service, changes: dict[str, Any], why: str) -> None:
    for name, value in changes.items():
        setattr(service, name, value)
    with pytest.raises(WriterError, match=why):
        ModelWriter(service.url, "m").polish(TEXT, "en")


def test_a_service_that_hangs_is_given_up(service: Service) -> None:
    service.hang = threading.Event()
    with pytest.raises(WriterError, match=r"didn't answer"):
        ModelWriter(service.url, "m", timeout=0.2).polish(TEXT, "en")


def test_a_service_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and listened to by nobody
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(WriterError, match="reached"):
            ModelWriter(url, "m").polish(TEXT, "en")


def test_spaces_inside_figures_and_fences_around_the_text_are_no_change() -> None:
    assert faithful("12 500 USD", "```12\u202f500 USD```") == "12 500 USD"


def test_it_is_off_unless_switched_on_and_complete() -> None:
    assert writer_of(sections.Writer(), {}) is None
    on = sections.Writer(enabled=True, url="https://api.example.com/v1", model="m", key_variable="KEY")
    writer = writer_of(on, {"KEY": "k"})
    assert isinstance(writer, ModelWriter)
    assert writer.key == "k"
    with pytest.raises(ValueError, match="needs url and model"):
        sections.Writer(enabled=True)
    with pytest.raises(ValueError, match="url"):
        sections.Writer(url="http://api.example.com/v1")
