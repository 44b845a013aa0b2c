"""How the fields of the customer file look on the pages: their groups, and how each is written in a form.

What a field is called, what it takes and what it refuses is in `inboxcrm.customers.fields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from inboxcrm.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, FieldError
from inboxcrm.i18n import _, mark
from inboxcrm.model import Contact, Customer
from inboxcrm.web import words

Kind = Literal["line", "text", "list", "pairs", "date", "country", "choice"]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `label` is marked for translation; "list" and "pairs" ("name: value") stand one a line;
    `choices` names the table of `inboxcrm.web.words` that a "choice" offers.
    """

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    choices: Mapping[str, str] | None = None
    optional: bool = False
    """Whether a choice may be left open."""


def _customer(name: str, kind: Kind = "line", hint: str = "", choices: Mapping[str, str] | None = None) -> FormField:
    return FormField(name, CUSTOMER_FIELDS[name].label, kind, hint, choices)


def _contact(
    name: str, kind: Kind = "line", hint: str = "", choices: Mapping[str, str] | None = None, *, optional: bool = False
) -> FormField:
    return FormField(name, CONTACT_FIELDS[name].label, kind, hint, choices, optional)


CUSTOMER_GROUPS: tuple[tuple[str, tuple[FormField, ...]], ...] = (
    (
        mark("Basic"),
        (
            _customer("name"),
            _customer("local_name"),
            _customer("country", "country"),
            _customer("website"),
            _customer("industry"),
            _customer("size"),
            _customer("founded"),
            _customer("source"),
            _customer("markets", "list"),
            _customer("phones", "list"),
            _customer("tags", "list"),
            _customer("address", "text"),
            _customer("social", "pairs", mark("one a line, like LinkedIn: name")),
            _customer("custom", "pairs", mark("one a line, like Agent: Mr Ito")),
        ),
    ),
    (
        mark("Business"),
        (
            _customer("status", "choice", choices=words.STATUSES),
            _customer("grade", "choice", choices=words.GRADES),
            _customer("payment_terms"),
            _customer("products", "list"),
        ),
    ),
    (
        mark("Background"),
        (
            _customer("competitors", "text"),
            _customer("news", "text"),
            _customer("opinions", "text"),
            _customer("objections", "text"),
            _customer("notes", "text"),
        ),
    ),
)
CUSTOMER_FORM: tuple[FormField, ...] = tuple(field for _title, fields in CUSTOMER_GROUPS for field in fields)
CONTACT_FORM: tuple[FormField, ...] = (
    _contact("name"),
    _contact("title"),
    _contact("decision_role", "choice", choices=words.DECISION_ROLES),
    _contact("phones", "list"),
    _contact("preferred_channel", "choice", choices=words.CHANNELS, optional=True),
    _contact("language", hint=mark("two letters, like en or es")),
    _contact("time_zone", hint=mark("like Europe/Berlin")),
    _contact("sex", "choice", choices=words.SEXES),
    _contact("born", "date"),
    _contact("social", "pairs", mark("one a line, like LinkedIn: name")),
    _contact("character", "text"),
    _contact("concerns", "text"),
    _contact("interests", "text"),
)


def written(field: FormField, row: Customer | Contact | None) -> str:
    """The value as it stands in the form; "" for a new row."""
    value = getattr(row, field.name) if row is not None else None
    if value is None:
        return ""
    if field.kind == "list":
        return "\n".join(str(one) for one in value)
    if field.kind == "pairs":
        return "\n".join(f"{key}: {one}" for key, one in value.items())
    return value.isoformat() if isinstance(value, date) else str(value)


def read_form(fields: Sequence[FormField], form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says of those `fields` that it holds, for `inboxcrm.customers`. Raises FieldError."""
    return {field.name: _read(field, form[field.name].replace("\r\n", "\n")) for field in fields if field.name in form}


def shown(field: FormField, row: Customer | Contact) -> str:
    """The value as a person reads it; "" when there is none."""
    if field.choices is not None:
        value = getattr(row, field.name)
        return _(field.choices[value]) if value and value in field.choices else ""
    return written(field, row) if field.kind != "list" else ", ".join(getattr(row, field.name))


def options(field: FormField) -> list[tuple[str, str]]:
    """What a choice offers, as (value, text)."""
    return ([("", "–")] if field.optional else []) + words.choices(field.choices or {})


def _read(field: FormField, text: str) -> Any:
    if field.kind == "list":
        return text.split("\n")
    if field.kind != "pairs":
        return text
    pairs = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not (key and colon and value):
            message = _("{field}: this line should read “name: value”, but reads “{line}”.")
            raise FieldError(field.name, message.format(field=_(field.label), line=line))
        pairs[key] = value
    return pairs
