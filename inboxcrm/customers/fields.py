"""The fields of a customer file that can be set: what each takes, and how a written value is read.

One table for pages, commands and import, so that all of them refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inboxcrm.customers.countries import country_code, language_code
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, mark
from inboxcrm.model import Channel, DecisionRole, Grade, Status


class FieldError(InboxcrmError):
    """A value that a field can't take. `field` names it; the message says what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what people call it, how a value is read (raising ValueError with what was expected), and how long it may be."""

    label: str
    read: Callable[[Any], Any]
    most: int = 0


GRADES = {
    "a": Grade.A, "b": Grade.B, "c": Grade.C, "watch": Grade.WATCH, "w": Grade.WATCH, "d": Grade.WATCH,
    "a级": Grade.A, "b级": Grade.B, "c级": Grade.C, "a类": Grade.A, "b类": Grade.B, "c类": Grade.C,
    "重点": Grade.A, "重点客户": Grade.A, "普通": Grade.C, "普通客户": Grade.C, "观察": Grade.WATCH, "观察池": Grade.WATCH,
}  # fmt: skip
"""How grades are written."""

STATUSES = {
    "prospect": Status.PROSPECT, "lead": Status.PROSPECT, "potential": Status.PROSPECT, "new": Status.PROSPECT,
    "following": Status.FOLLOWING, "follow-up": Status.FOLLOWING, "in progress": Status.FOLLOWING, "active": Status.FOLLOWING,
    "won": Status.WON, "customer": Status.WON, "closed": Status.WON, "ordered": Status.WON,
    "dormant": Status.DORMANT, "inactive": Status.DORMANT, "lost": Status.DORMANT,
    "潜在": Status.PROSPECT, "潜在客户": Status.PROSPECT, "新客户": Status.PROSPECT, "意向客户": Status.PROSPECT,
    "跟进": Status.FOLLOWING, "跟进中": Status.FOLLOWING, "在跟进": Status.FOLLOWING, "洽谈中": Status.FOLLOWING,
    "成交": Status.WON, "已成交": Status.WON, "成交客户": Status.WON, "合作": Status.WON, "合作中": Status.WON, "老客户": Status.WON,
    "休眠": Status.DORMANT, "沉睡": Status.DORMANT, "流失": Status.DORMANT, "已流失": Status.DORMANT, "无效": Status.DORMANT,
}  # fmt: skip
"""How statuses are written."""


def _text(value: Any) -> str:
    return "\n".join(" ".join(line.split()) for line in str(value or "").strip().splitlines())


def _name(value: Any) -> str:
    return " ".join(str(value or "").split())


def _listed(value: Any) -> list[str]:
    """A list as it is, or its parts separated by ";", "，", "、" or a comma; each once."""
    parts = value if isinstance(value, (list, tuple)) else _separated(str(value or ""))
    return list(dict.fromkeys(name for part in parts if (name := _name(part))))


def _separated(text: str) -> list[str]:
    for separator in ";；，、\n|":
        text = text.replace(separator, ",")
    return text.split(",")


def _country(value: Any) -> str:
    code = country_code(str(value or ""))
    if code is None:
        raise ValueError(_("a country by its name (Germany, 德国) or its two-letter code (DE)"))
    return code


def _one_of(words: Mapping[str, Any], expected: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        found = words.get(_name(value).casefold().replace("_", " "))
        if found is None:
            raise ValueError(_(expected))
        return found

    return read


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(_("names with their values"))
    return {name: kept for key, one in value.items() if (name := _name(key)) and (kept := _name(one))}


def _date(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_name(value)) if _name(value) else None
    except ValueError:
        raise ValueError(_("a date written like 2026-03-31")) from None


def _zone(value: Any) -> str:
    name = _name(value)
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(_("a time zone written like Europe/Berlin")) from None


_GRADE = _one_of(GRADES, mark("A, B, C or watch (观察)"))
_STATUS = _one_of(STATUSES, mark("prospect (潜在), following (跟进中), won (已成交) or dormant (休眠)"))
_ROLE = _one_of(
    {role.value.replace("_", " "): role for role in DecisionRole}
    | {
        "决策人": DecisionRole.DECISION_MAKER,
        "决策者": DecisionRole.DECISION_MAKER,
        "影响者": DecisionRole.INFLUENCER,
        "使用者": DecisionRole.USER,
        "未知": DecisionRole.UNKNOWN,
    },
    mark("decision maker, influencer, user or unknown"),
)
_CHANNEL = _one_of({"": ""} | {one.value: one.value for one in Channel}, mark("mail, call, wechat, whatsapp or other"))


def _language(value: Any) -> str:
    code = language_code(_name(value))
    if code is None:
        raise ValueError(_("a language by its name (German, 德语) or code (de)"))
    return code


def _owner(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


CUSTOMER_FIELDS: dict[str, Field] = {
    "name": Field(mark("Company name"), _name, 300),
    "local_name": Field(mark("Chinese or local name"), _name, 300),
    "website": Field(mark("Website"), _name, 300),
    "founded": Field(mark("Founded"), _name, 40),
    "industry": Field(mark("Industry"), _name, 200),
    "size": Field(mark("Size"), _name, 100),
    "markets": Field(mark("Main markets"), _listed),
    "address": Field(mark("Address"), _text),
    "country": Field(mark("Country"), _country),
    "phones": Field(mark("Phones"), _listed),
    "social": Field(mark("Social accounts"), _mapping),
    "source": Field(mark("Source"), _name, 100),
    "tags": Field(mark("Tags"), _listed),
    "custom": Field(mark("Custom fields"), _mapping),
    "products": Field(mark("Products wanted"), _listed),
    "payment_terms": Field(mark("Payment terms"), _name, 200),
    "competitors": Field(mark("Competitors"), _text),
    "news": Field(mark("Industry news"), _text),
    "opinions": Field(mark("Opinions of our products"), _text),
    "objections": Field(mark("Possible objections"), _text),
    "notes": Field(mark("Notes"), _text),
    "status": Field(mark("Status"), _STATUS),
    "grade": Field(mark("Grade"), _GRADE),
    "owner_id": Field(mark("Owner"), _owner),
}
"""What can be set of a customer."""

CONTACT_FIELDS: dict[str, Field] = {
    "name": Field(mark("Name"), _name, 200),
    "title": Field(mark("Title"), _name, 200),
    "phones": Field(mark("Phones"), _listed),
    "social": Field(mark("Social accounts"), _mapping),
    "sex": Field(mark("Sex"), _name, 10),
    "born": Field(mark("Born"), _date),
    "language": Field(mark("Language"), _language),
    "time_zone": Field(mark("Time zone"), _zone),
    "preferred_channel": Field(mark("Preferred channel"), _CHANNEL),
    "character": Field(mark("Character"), _text),
    "concerns": Field(mark("Concerns"), _text),
    "interests": Field(mark("Interests"), _text),
    "decision_role": Field(mark("Decision role"), _ROLE),
}
"""What can be set of a contact."""


def read_field(fields: Mapping[str, Field], name: str, value: Any) -> Any:
    """`value` as the field `name` keeps it. Raises FieldError naming the field, the value and what was expected."""
    field = fields.get(name)
    if field is None:
        raise FieldError(name, _("There is no field {name!r}.").format(name=name))
    try:
        found = field.read(value)
    except ValueError as error:
        message = _("{label}: {value!r} was not understood; expected {expected}.")
        raise FieldError(name, message.format(label=_(field.label), value=value, expected=error)) from error
    if field.most and len(found) > field.most:
        message = _("{label} is too long: {length} characters; at most {most}.")
        raise FieldError(name, message.format(label=_(field.label), length=len(found), most=field.most))
    return found
