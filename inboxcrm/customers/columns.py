"""What the columns of a customer list mean, in English and Chinese, and how a row is read. Nothing is looked up or written here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from inboxcrm.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, FieldError, read_field
from inboxcrm.customers.file import check_address, check_domain
from inboxcrm.customers.table import Table, row_text
from inboxcrm.i18n import _
from inboxcrm.matching.domains import is_shared
from inboxcrm.reading.addresses import domain_of

COLUMNS: dict[str, str] = {
    "name": """company, company name, customer, customer name, name, account, account name, client, buyer, firm, organization,
        organisation, firma, 公司, 公司名称, 公司名, 客户, 客户名称, 客户名, 企业名称, 单位名称, 单位, 英文名称, 公司英文名,
        公司英文名称, 英文名""",
    "local_name": """local name, chinese name, native name, company name local, name local, local company name, name chinese,
        company chinese name, 中文名称, 中文名, 公司中文名, 公司中文名称, 本地名称, 当地名称, 简称, 客户简称""",
    "country": "country, country region, nation, country code, land, pays, 国家, 国家地区, 国别, 所在国家, 地区",
    "contact": """contact, contact name, contact person, person, full name, buyer name, attn,
        联系人, 联系人姓名, 姓名, 主要联系人, 客户联系人""",
    "title": "title, job title, position, job, role, 职位, 职务, 头衔, 岗位",
    "emails": """email, emails, e mail, mail, email address, email addresses, mail address, contact email, e mail address,
        邮箱, 邮件, 电子邮箱, 电子邮件, 邮箱地址, 邮件地址, 邮件邮箱, 联系邮箱, 电邮""",
    "domains": "domain, domains, mail domain, email domain, mail domains, 域名, 邮箱域名, 企业域名, 邮件域名, 后缀, 邮箱后缀",
    "phones": """phone, phones, telephone, tel, mobile, cell, phone number, whatsapp,
        电话, 手机, 联系电话, 手机号, 手机号码, 电话号码, 联系方式""",
    "grade": "grade, level, class, rank, abc, customer grade, rating, 等级, 客户等级, 级别, 客户级别, 分级, 星级",
    "status": "status, stage, state, customer status, 状态, 合作状态, 客户状态, 阶段, 客户阶段",
    "tags": "tag, tags, label, labels, keywords, 标签, 客户标签, 分组",
    "owner": "owner, salesperson, sales, sales rep, account manager, responsible, 负责人, 业务员, 跟进人, 所属人, 销售, 归属",
    "source": "source, lead source, origin, channel, 来源, 客户来源, 渠道, 线索来源",
    "language": "language, lang, 语言, 语种",
    "time_zone": "time zone, timezone, tz, 时区",
    "website": "website, web, url, homepage, site, web site, 网址, 网站, 官网, 主页, 公司网站, 公司网址",
    "address": "address, street, company address, postal address, location, city, 地址, 公司地址, 详细地址, 城市",
    "industry": "industry, sector, business, business type, 行业, 所属行业, 客户行业, 主营",
    "size": "size, employees, company size, staff, 规模, 公司规模, 人数, 员工数, 企业规模",
    "founded": "founded, established, year founded, since, 成立, 成立时间, 成立年份, 创立",
    "markets": "market, markets, main markets, 市场, 主要市场, 目标市场",
    "products": "product, products, products wanted, interest, items, 产品, 意向产品, 采购产品, 感兴趣产品, 需求产品, 主营产品",
    "payment_terms": "payment, payment terms, terms, 付款, 付款方式, 付款条件, 支付方式",
    "competitors": "competitor, competitors, 竞争对手, 竞品",
    "objections": "objection, objections, 异议, 顾虑",
    "notes": "note, notes, remark, remarks, comment, comments, memo, description, 备注, 说明, 描述, 注释",
}  # fmt: skip
"""Column → the headers by which it is known, compared without case, blanks and marks. Another header becomes a custom field."""

_LISTS = ("phones", "tags", "products", "markets")
_SEPARATORS = re.compile(r"[\s;,；，、|/]+")
_PEOPLE = re.compile(r"\s*[;；、|/\n]\s*")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, what stands there, and what was expected."""

    line: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = _("line {line}, column {column}").format(line=self.line, column=self.column)
        return f"{place}: {self.value!r}: {self.expected}" if self.value else f"{place}: {self.expected}"


@dataclass(slots=True)
class Row:
    """One customer as a file has it. `people`: (name, title, language, time zone, addresses as written) of each contact."""

    line: int
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    domains: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    owner: str = ""

    @property
    def addresses(self) -> list[str]:
        """All addresses, as written."""
        return [address for one in self.people for address in one.addresses]


@dataclass(slots=True)
class Person:
    """A contact as a file has it."""

    name: str
    addresses: list[str]
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """What was read: the rows, what was wrong, and what is worth knowing."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def folded(header: str) -> str:
    """A header for comparing: without case, blanks, brackets and marks."""
    text = unicodedata.normalize("NFKC", header).casefold()
    text = re.sub(r"\(.*?\)|\*", " ", text)
    return "".join(one for one in text if one.isalnum())


_KEY_OF = {folded(name): key for key, names in COLUMNS.items() for name in names.split(",")}


def is_known(header: str) -> bool:
    """Whether a column is understood by its header."""
    return folded(header) in _KEY_OF


def read_rows(table: Table) -> Rows:
    """The rows of a table as customers; rows of one company (by name) become one customer. Everything wrong is collected."""
    found = Rows()
    keys = _keys(table.headers)
    if "name" not in keys.values():
        expected = _("a column with the company's name ('company', '公司名称')")
        found.problems.append(Problem(1, "1", ", ".join(table.headers)[:80], expected))
        return found
    by_name: dict[str, Row] = {}
    for line, cells in table.rows:
        before = len(found.problems)
        row = _row(line, cells, table.headers, keys, found)
        if row is None or len(found.problems) > before:
            continue
        there = by_name.get(row.name.casefold())
        if there is None:
            by_name[row.name.casefold()] = row
            found.rows.append(row)
        else:
            _join(there, row)
    return found


def _keys(headers: Sequence[str]) -> dict[int, str]:
    """Place → column key; the first of several headers for one key has it, except where several make sense."""
    keys: dict[int, str] = {}
    for place, header in enumerate(headers):
        key = _KEY_OF.get(folded(header))
        if key == "name" and "name" in keys.values():
            key = "local_name"
        if key and (key not in keys.values() or key in (*_LISTS, "emails", "domains", "notes", "address")):
            keys[place] = key
    if "name" not in keys.values():
        for place, key in keys.items():
            if key == "local_name":
                keys[place] = "name"
                break
    return keys


def _row(line: int, cells: Sequence[str], headers: Sequence[str], keys: dict[int, str], found: Rows) -> Row | None:
    extra = [cell for cell in cells[len(headers) :] if cell]
    if extra:
        expected = _("at most {count} cells; a cell that contains the delimiter must stand in quotes")
        found.problems.append(Problem(line, str(len(headers) + 1), extra[0], expected.format(count=len(headers))))
        return None
    texts: dict[str, list[tuple[str, str]]] = {}
    custom: dict[str, str] = {}
    for place, header in enumerate(headers):
        text = row_text(cells, place)
        if not text:
            continue
        if place in keys:
            texts.setdefault(keys[place], []).append((header, text))
        elif header:
            custom[header] = text
    row = Row(line, " ".join(texts["name"][0][1].split()) if "name" in texts else "")
    if not row.name:
        header = next((headers[place] for place, key in keys.items() if key == "name"), "")
        found.problems.append(Problem(line, header, "", _("the company's name is missing")))
        return None
    if custom:
        row.values["custom"] = custom
    for key, cells_of_key in texts.items():
        for header, text in cells_of_key:
            _read_cell(row, key, header, text, found)
    _read_people(row, texts, found)
    return row


def _read_cell(row: Row, key: str, header: str, text: str, found: Rows) -> None:
    if key == "owner":
        row.owner = " ".join(text.split())
    elif key == "domains":
        for written in filter(None, _SEPARATORS.split(text)):
            _read_domain(row, header, written, found)
    elif key in CUSTOMER_FIELDS:
        try:
            value = read_field(CUSTOMER_FIELDS, key, text)
        except FieldError as error:
            expected = str(error.__cause__) if error.__cause__ else str(error)
            found.problems.append(Problem(row.line, header, text, _("expected {expected}").format(expected=expected)))
            return
        there = row.values.get(key)
        if isinstance(there, list):
            row.values[key] = list(dict.fromkeys([*there, *value]))
        else:
            row.values[key] = f"{there}\n{value}" if there and key in ("notes", "address") else value


def _read_domain(row: Row, header: str, written: str, found: Rows) -> None:
    bare = written.lower().removeprefix("@")
    if "." in bare and is_shared(domain_of(f"x@{bare}")):
        note = _("a public mail provider's domain stands for no company; left out")
        found.notes.append(Problem(row.line, header, written, note))
        return
    try:
        row.domains.append(check_domain(written))
    except FieldError:
        expected = _("expected a mail domain like buyer.de")
        found.problems.append(Problem(row.line, header, written, expected))


def _read_people(row: Row, texts: dict[str, list[tuple[str, str]]], found: Rows) -> None:
    addresses: list[str] = []
    for header, text in texts.get("emails", ()):
        for written in filter(None, _SEPARATORS.split(text)):
            try:
                address = check_address(written)
            except FieldError:
                expected = _("expected mail addresses like anna@buyer.de, several separated by ';'")
                found.problems.append(Problem(row.line, header, written, expected))
                continue
            if address.casefold() not in (one.casefold() for one in addresses):
                addresses.append(address)
    names = [name for _header, text in texts.get("contact", ()) for name in _PEOPLE.split(text) if name]
    if len(names) > 1 and len(names) != len(addresses):
        names = [" / ".join(names)] if len(addresses) <= 1 else names[: len(addresses)]
    # One name and several addresses: whose the others are, nobody says; each gets a contact of its own.
    for place in range(max(len(names), len(addresses))):
        row.people.append(Person(names[place] if place < len(names) else "", addresses[place : place + 1]))
    if row.people:
        row.people[0].values = {key: texts[key][0][1] for key in ("title", "language", "time_zone") if key in texts}
        for key, value in list(row.people[0].values.items()):
            _check_person(row, key, texts[key][0][0], value, found)


def _check_person(row: Row, key: str, header: str, value: str, found: Rows) -> None:
    try:
        row.people[0].values[key] = read_field(CONTACT_FIELDS, key, value)
    except FieldError as error:
        expected = str(error.__cause__) if error.__cause__ else str(error)
        found.problems.append(Problem(row.line, header, value, _("expected {expected}").format(expected=expected)))


def _join(there: Row, row: Row) -> None:
    """Another row of the same company: its people are added, and what the first row left open is filled."""
    for key, value in row.values.items():
        if isinstance(value, list):
            there.values[key] = list(dict.fromkeys([*there.values.get(key, []), *value]))
        elif isinstance(value, dict):
            there.values[key] = {**value, **there.values.get(key, {})}
        else:
            there.values.setdefault(key, value)
    there.domains += [one for one in row.domains if one not in there.domains]
    known = {address.casefold() for address in there.addresses}
    for person in row.people:
        fresh = [address for address in person.addresses if address.casefold() not in known]
        same = next((one for one in there.people if person.name and one.name == person.name), None)
        if same is not None:
            same.addresses += fresh
        elif fresh or (person.name and not person.addresses):
            there.people.append(Person(person.name, fresh, person.values))
    there.owner = there.owner or row.owner
