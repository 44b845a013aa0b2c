"""Writes the reference pages docs/settings.md and docs/commands.md from the declarations in the code.

`python -m tests.reference` (`make docs`) rewrites what stands between the two "generated" marks of each page; the rest is written by
hand. A test compares, so that a setting or a command can't be added without its line in the docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.core import TyperGroup

from inboxcrm.cli import COMMANDS, loaded
from inboxcrm.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
_BEGIN, _END = "<!-- generated from the code by `make docs`: begin -->", "<!-- generated: end -->"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is declared: its TOML `table` ("accounts.imap"), and its `default` as TOML, "" where it must be given."""

    table: str
    key: str
    kind: str
    default: str
    description: str


def declared_settings() -> list[Setting]:
    """Every setting that may stand in the file, in the order of the declarations; `home` is none."""
    return list(_settings_of(Settings, ""))


def _settings_of(model: type[BaseModel], table: str) -> Iterator[Setting]:
    nested: list[tuple[type[BaseModel], str]] = []
    for key, field in model.model_fields.items():
        inner = _section_in(field.annotation)
        if inner is not None:
            nested.append((inner, f"{table}.{key}".lstrip(".")))
        elif table:
            yield Setting(table, key, _kind(field.annotation), _default(field), field.description or "")
    for inner, name in nested:
        yield from _settings_of(inner, name)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f'"{one}"' for one in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list of texts"
    options = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return {bool: "true or false", int: "whole number", date: "day"}.get(options[0], "text")


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return ""
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def settings_reference() -> str:
    """The tables of docs/settings.md: one a TOML table."""
    lines: list[str] = []
    table = ""
    for one in declared_settings():
        if one.table != table:
            table = one.table
            lines += ["", f"### `[{table}]`" if table != "accounts" else "### `[[accounts]]`", ""]
            lines += ["| setting | default | what it is |", "|---|---|---|"]
        default = f"`{one.default}`" if one.default not in ("", "unset") else one.default or "*must be given*"
        lines.append(f"| `{one.key}` | {default} | {one.description} ({one.kind}) |")
    return "\n".join(lines).strip()


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that can be typed, with its object, in the order of `--help`; a group comes before its commands."""
    for name in COMMANDS:
        yield from _with_subcommands(name, loaded(name))


def _with_subcommands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    if isinstance(command, TyperGroup):
        for inner_name, inner in command.commands.items():
            if not inner.hidden:
                yield from _with_subcommands(f"{name} {inner_name}", inner)


def commands_reference() -> str:
    """The chapters of docs/commands.md: one a command, with its arguments and options."""
    lines: list[str] = []
    for name, command in commands():
        group = isinstance(command, TyperGroup)
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        usage = " ".join([f"inboxcrm {name}", *(_argument(one) for one in arguments), *(["COMMAND"] if group else [])])
        lines += [f"{'#' * (3 + name.count(' '))} `{usage}`", "", _one_line(command.help), ""]
        shown = [one for one in command.params if not getattr(one, "hidden", False) and getattr(one, "help", None)]
        lines += [f"- `{_spelling(one)}`: {_one_line(one.help)}" for one in shown] + [""] * bool(shown)
    return "\n".join(lines).strip()


def _argument(one: Any) -> str:
    name = (one.metavar or one.name).upper().strip("[]…") + ("…" if one.nargs == -1 else "")
    return name if one.required else f"[{name}]"


def _spelling(one: Any) -> str:
    if one.param_type_name == "argument":
        return _argument(one).strip("[]")
    names = ", ".join([*one.opts, *one.secondary_opts])
    takes_value = not (one.is_flag or one.count)
    return f"{names} {(one.metavar or one.name).upper()}" if takes_value else names


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


PAGES = {"settings.md": settings_reference, "commands.md": commands_reference}


def renewed(page: str) -> str:
    """The text of a page of `PAGES` with its generated part as the code has it now."""
    before, _begin, rest = (DOCS / page).read_text(encoding="utf-8").partition(_BEGIN)
    _old, _end, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{PAGES[page]()}\n\n{_END}{after}"


if __name__ == "__main__":
    for name in PAGES:
        (DOCS / name).write_text(renewed(name), encoding="utf-8")
