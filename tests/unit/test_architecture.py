"""What the import contract (lint-imports) can't say: who may look at the clock, at chance, at the network, and how modules are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "inboxcrm"
MODULES = sorted(
    path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts
)

TIMELESS = ("intake", "customers", "journal", "matching", "model", "reading")
"""Stages below the service, save the mailbox: `now`, chance and the network come in as arguments."""

PURE = (
    "reading/",
    "mailbox/cursor.py",
    "matching/rules.py",
    "matching/words.py",
    "journal/content.py",
    "journal/tokens.py",
)
"""Rules: values in, values out. They don't know the database either."""

CLOCK_AND_CHANCE = {
    *(
        f"{owner}.{call}"
        for owner in ("datetime", "date", "datetime.datetime", "datetime.date")
        for call in ("now", "utcnow", "today")
    ),
    *(
        "time.time",
        "time.monotonic",
        "time.sleep",
        "time.localtime",
        "sleep",
        "monotonic",
        "uuid.uuid4",
        "uuid4",
        "os.urandom",
    ),
}
OUTSIDE = {
    "socket",
    "ssl",
    "imaplib",
    "imapclient",
    "smtplib",
    "urllib.request",
    "http.client",
    "httpx",
    "requests",
    "random",
    "secrets",
    "subprocess",
}
DATABASE = {"sqlalchemy", "sqlite3", "psycopg", "alembic"}


def _tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    """The modules imported, each with its packages: `urllib.request` gives both "urllib" and "urllib.request"."""
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _calls(tree: ast.Module) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _in(module: str, stages: tuple[str, ...]) -> bool:
    return module.removesuffix(".py").split("/")[0] in stages


@pytest.mark.parametrize("module", [one for one in MODULES if _in(one, TIMELESS)])
def test_below_the_service_nothing_looks_at_the_clock_at_chance_or_at_the_network(module: str) -> None:
    tree = _tree(module)
    assert not CLOCK_AND_CHANCE.intersection(_calls(tree))
    assert not OUTSIDE.intersection(_imports(tree))


@pytest.mark.parametrize("module", [one for one in MODULES if one.startswith(PURE)])
def test_rules_know_no_database(module: str) -> None:
    assert not DATABASE.intersection(_imports(_tree(module)))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_for_and_fits_on_a_few_screens(module: str) -> None:
    text = (PACKAGE / module).read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert text.count("\n") <= 400
