"""The fields of the customer file as the pages show and edit them: label, group and kind of each, in one table.

`kind` says how a field is written in a form and read back: "line", "text", "list" (one a line), "pairs" (name: value, one
a line), "date", "country", or the name of a table of `inboxcrm.web.words`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, mark
from inboxcrm.model import Contact, Customer
from inboxcrm.web import words


@dataclass(frozen=True, slots=True)
class FileField:
    """One field: its column, what it is called, how it is written, and a hint for the form."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""


CUSTOMER_GROUPS: tuple[tuple[str, tuple[FileField, ...]], ...] = (
    (
        mark("Basic"),
        (
            FileField("name", mark("Company")),
            FileField("local_name", mark("Name in its own script")),
            FileField("country", mark("Country"), "country"),
            FileField("website", mark("Website")),
            FileField("industry", mark("Industry")),
            FileField("size", mark("Size")),
            FileField("founded", mark("Founded")),
            FileField("markets", mark("Main markets"), "list"),
            FileField("address", mark("Address"), "text"),
            FileField("phones", mark("Phones"), "list"),
            FileField("social", mark("Social accounts"), "pairs", mark("One a line, like LinkedIn: name")),
            FileField("source", mark("Source")),
            FileField("tags", mark("Tags"), "list"),
            FileField("custom", mark("Own fields"), "pairs", mark("One a line, like Agent: Mr Ito")),
        ),
    ),
    (
        mark("Business"),
        (
            FileField("status", mark("Status"), "STATUSES"),
            FileField("grade", mark("Grade"), "GRADES"),
            FileField("products", mark("Products wanted"), "list"),
            FileField("payment_terms", mark("Payment terms")),
        ),
    ),
    (
        mark("Background"),
        (
            FileField("competitors", mark("Competitors"), "text"),
            FileField("news", mark("Industry news"), "text"),
            FileField("opinions", mark("Opinions of our products"), "text"),
            FileField("objections", mark("Possible objections"), "text"),
            FileField("notes", mark("Notes"), "text"),
        ),
    ),
)
CONTACT_FIELDS: tuple[FileField, ...] = (
    FileField("name", mark("Name")),
    FileField("title", mark("Title")),
    FileField("phones", mark("Phones"), "list"),
    FileField("social", mark("Social accounts"), "pairs", mark("One a line, like LinkedIn: name")),
    FileField("decision_role", mark("Say in a purchase"), "DECISION_ROLES"),
    FileField("language", mark("Language"), hint=mark("Two letters, like en or es")),
    FileField("time_zone", mark("Time zone"), hint=mark("Like Europe/Berlin")),
    FileField("preferred_channel", mark("Prefers"), "CHANNELS"),
    FileField("sex", mark("Sex"), "SEXES"),
    FileField("born", mark("Born"), "date"),
    FileField("character", mark("Character"), "text"),
    FileField("concerns", mark("Concerns"), "text"),
    FileField("interests", mark("Interests"), "text"),
)
CUSTOMER_FIELDS: tuple[FileField, ...] = tuple(field for _group, fields in CUSTOMER_GROUPS for field in fields)


class FieldError(InboxcrmError):
    """A form field can't be used; the message names it and says what was expected."""


def written(field: FileField, value: Any) -> str:
    """The value as it stands in the form."""
    if value is None:
        return ""
    if field.kind == "list":
        return "\n".join(str(one) for one in value)
    if field.kind == "pairs":
        return "\n".join(f"{key}: {one}" for key, one in value.items())
    return value.isoformat() if isinstance(value, date) else str(value)


def read_form(fields: Sequence[FileField], form: Mapping[str, Any]) -> dict[str, Any]:
    """The values of those `fields` that the form holds. Raises FieldError naming the field that can't be understood."""
    return {field.name: _read(field, str(form[field.name])) for field in fields if field.name in form}


def options(field: FileField) -> list[tuple[str, str]]:
    """What a field with a closed list offers."""
    table: Mapping[str, str] = getattr(words, field.kind)
    optional = [("", "–")] if field.name == "preferred_channel" else []
    return optional + words.choices(table)


def shown(field: FileField, row: Customer | Contact) -> str:
    """The value as a person reads it; "" when there is none. Countries and closed lists are put into words by the template."""
    value = getattr(row, field.name)
    if field.kind == "list":
        return ", ".join(str(one) for one in value)
    if field.kind == "pairs":
        return "\n".join(f"{key}: {one}" for key, one in value.items())
    if field.kind.isupper():
        table: Mapping[str, str] = getattr(words, field.kind)
        return _(table[value]) if value and value in table else ""
    return "" if value is None else str(value)


def _read(field: FileField, text: str) -> Any:
    text = text.replace("\r\n", "\n").strip()
    if field.kind == "list":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.kind == "pairs":
        pairs = {}
        for line in text.split("\n"):
            key, colon, value = line.partition(":")
            if line.strip() and not (colon and key.strip() and value.strip()):
                raise FieldError(
                    _("{field}: write “name: value”, one a line; this line has no colon: {line}").format(
                        field=_(field.label), line=line.strip()
                    )
                )
            if key.strip():
                pairs[key.strip()] = value.strip()
        return pairs
    if field.kind == "date":
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise FieldError(_("{field}: write a date like 1984-05-17.").format(field=_(field.label))) from error
    if field.kind.isupper() and text not in dict(options(field)):
        raise FieldError(_("{field}: choose one of the list.").format(field=_(field.label)))
    return text if field.kind == "text" else " ".join(text.split())
