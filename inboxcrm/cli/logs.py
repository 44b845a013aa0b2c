"""How commands that run for long log: one line an event on the error output, a sentence and its fields, never a mail or a password."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, level: int = logging.INFO) -> None:
    """Sends log lines of this `level` (of `logging`) and above to the error output: coloured on a terminal, else as key=value."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.dev.ConsoleRenderer(colors=True) if terminal else _plain,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


def _plain(logger: object, name: str, event: structlog.typing.EventDict) -> str:
    structlog.processors.format_exc_info(logger, name, event)
    first = [str(event.pop(key, "")) for key in ("timestamp", "level", "event")]
    trace = event.pop("exception", None)
    line = " ".join([first[0], first[1], f"{first[2]}:", *(f"{key}={value!r}" for key, value in event.items())])
    return f"{line.removesuffix(':')}\n{trace}" if trace else line.removesuffix(":")
