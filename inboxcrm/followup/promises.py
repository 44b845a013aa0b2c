# ruff: noqa: E501  the words of one meaning stand together
"""What we said we would do: found in sent mail by the signal "promise", or written by hand; closed by the sent mail that keeps it.

A promise is kept by a later mail of ours to the customer that does what it was about: a quotation, samples, papers attached; where that
can't be told, by the next mail of ours in the same thread. A person has the last word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.engagement.folding import plain
from inboxcrm.engagement.signals import Kind
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import unplanned
from inboxcrm.followup.due_days import due_day
from inboxcrm.i18n import _
from inboxcrm.model import (
    Customer,
    Direction,
    LogEntry,
    Message,
    Promise,
    PromiseState,
    Signal,
    SignalState,
)

_COUNTS = (SignalState.COUNTED, SignalState.CONFIRMED, SignalState.ADDED)
_OLD = timedelta(days=60)
"""A promise older than this when it is first found is history: nobody is reminded of it."""

ATTACHMENT = "attachment"
_ABOUT: Mapping[str, str] = {
    Kind.QUOTE_SENT.value: "quotation offer price quote cotizacion oferta precio devis offre prix tarif angebot preis cotacao proposta preco "
    "preventivo offerta prezzo предложени кп цен عرض سعر اسعار الاسعار 报价 价格",
    Kind.SAMPLE_SENT.value: "sample samples muestra muestras echantillon echantillons muster amostra amostras campion образ عينه عينات 样品 样",
    Kind.PROFORMA_SENT.value: "proforma pi invoice factura facture rechnung fattura fatura счет инвойс فاتوره 形式发票 发票",
    Kind.SHIPMENT_SENT.value: "ship shipment goods container tracking envio embarque expedition marchandise versand ware lieferung embarcar "
    "spedizione merce отгруз груз شحن البضاعه 发货 出货 装柜 提单",
    ATTACHMENT: "catalogue catalog drawing drawings certificate certificates datasheet photos pictures video report documents catalogo plano planos "
    "ficha certificado fotos dessin certificat fiche photos zeichnung zertifikat datenblatt bilder unterlagen desenho certificato disegno scheda "
    "каталог чертеж сертификат фото документ كتالوج شهاده صور مستندات 目录 图纸 证书 照片 视频 报告 资料 单据",
}
"""Words by which one tells what a promise is about, in their folded form; a word is found at the beginning of words."""


class PromiseError(InboxcrmError):
    """A promise can't be changed so; the message says why."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """One later mail of ours: the signals in it, and whether something was attached."""

    entry_id: int
    at: datetime
    thread_id: int | None
    kinds: frozenset[str]
    attached: bool


def about(text: str) -> str:
    """What a promise is about: a kind of our mail, "attachment", or "" when it can't be told."""
    words = plain(text)
    for kind, listed in _ABOUT.items():
        for word in listed.split():
            place = words.find(word)
            if place >= 0 and (
                ord(word[0]) > 0x2E7F or place == 0 or not words[place - 1].isalpha() or word.startswith("ال")
            ):
                return kind
    return ""


def settle(session: Session, customers: Sequence[int], zone: ZoneInfo, now: datetime) -> None:
    """Notes the promises that were newly found with these customers, forgets those whose signal was called wrong, and closes those that
    were kept. `zone`: ours, in which days are meant. The same again changes nothing.
    """
    there = session.scalars(select(Promise).where(Promise.customer_id.in_(customers))).all()
    noted = {one.entry_id: one for one in there}
    found = session.execute(
        select(Signal.customer_id, Signal.entry_id, Signal.at, Signal.evidence, LogEntry.content, Message.new_text)
        .join(LogEntry, LogEntry.id == Signal.entry_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .where(
            Signal.customer_id.in_(customers),
            Signal.kind == Kind.PROMISE.value,
            Signal.state.in_(_COUNTS),
            LogEntry.direction == Direction.OUT,
        )
    ).all()
    promised = {row[1] for row in found}
    for entry, promise in noted.items():
        if entry is not None and entry not in promised and promise.state is PromiseState.OPEN:
            session.delete(promise)
    made: dict[int, Promise] = {}
    for customer, entry, at, evidence, content, text_of_mail in found:
        if entry not in noted and entry not in made and now - at <= _OLD:
            # The log holds long mails in short.
            text, written = _sentence(text_of_mail or content, evidence), at.astimezone(zone).date()
            due_on, kind = due_day(text, written), about(text)
            made[entry] = Promise(
                customer_id=customer,
                entry_id=entry,
                text=text,
                made_at=at,
                due_on=due_on,
                about=kind,
                state=PromiseState.OPEN,
            )
    session.add_all(made.values())
    open_ones = [
        one for one in there if one.state is PromiseState.OPEN and (one.entry_id is None or one.entry_id in promised)
    ]
    _close(session, [*open_ones, *made.values()], now)
    session.flush()


def add(session: Session, customer_id: int, text: str, due_on: date | None, *, now: datetime) -> Promise:
    """A promise by hand, such as one given on the telephone; a mail that does what it is about closes it. Raises PromiseError."""
    if session.get(Customer, customer_id) is None:
        raise PromiseError(_("There is no such customer; perhaps it was merged or removed."))
    if not text.strip():
        raise PromiseError(_("Write down what was promised."))
    promise = Promise(customer_id=customer_id, text=text.strip(), made_at=now, due_on=due_on, about=about(text))
    session.add(promise)
    session.flush()
    unplanned.mark(session, [customer_id])
    return promise


def keep(session: Session, promise_id: int, *, now: datetime, by: str) -> Promise:
    """A person says that it was kept. Raises PromiseError."""
    return _decide(session, promise_id, PromiseState.KEPT, now, by)


def drop(session: Session, promise_id: int, *, now: datetime, by: str) -> Promise:
    """A person says that it is called off, or was none. Raises PromiseError."""
    return _decide(session, promise_id, PromiseState.DROPPED, now, by)


def reopen(session: Session, promise_id: int) -> Promise:
    """Takes back that it was kept or dropped. The mail that was taken for keeping it is remembered: only a later one may close it again.
    Raises PromiseError.
    """
    promise = get(session, promise_id)
    promise.state, promise.closed_at, promise.closed_by = PromiseState.OPEN, None, ""
    session.flush()
    return promise


def move(session: Session, promise_id: int, due_on: date | None) -> Promise:
    """Another day, or none. Raises PromiseError."""
    promise = get(session, promise_id)
    promise.due_on = due_on
    session.flush()
    return promise


def get(session: Session, promise_id: int) -> Promise:
    """The promise with this number. Raises PromiseError."""
    found = session.get(Promise, promise_id)
    if found is None:
        raise PromiseError(_("There is no promise with the number {id}.").format(id=promise_id))
    return found


def open_promises(session: Session, customer_id: int | None = None, *, limit: int = 200) -> list[tuple[Promise, str]]:
    """Promises that are to be kept, with the customer's name: those with a day first, by day; of one customer, or of all (None)."""
    chosen = (
        select(Promise, Customer.name)
        .join(Customer, Customer.id == Promise.customer_id)
        .where(Promise.state == PromiseState.OPEN)
        .order_by(Promise.due_on.is_(None), Promise.due_on, Promise.id)
        .limit(limit)
    )
    if customer_id is not None:
        chosen = chosen.where(Promise.customer_id == customer_id)
    return [(promise, name) for promise, name in session.execute(chosen)]


def _sentence(content: str, evidence: str) -> str:
    """The whole line in which the evidence stands: what was promised by when, without the greetings around it."""
    place = content.find(evidence)
    if place < 0 or not evidence:
        return evidence or content[:300]
    start = max(content.rfind(mark, 0, place) for mark in ("\n", ". ", "。", "! ", "? ", "！", "？"))
    ends = [
        found for mark in ("\n", ". ", "。", "!", "！") if (found := content.find(mark, place + len(evidence))) >= 0
    ]
    return content[start + 1 : min(ends, default=len(content))].strip(" \n.。")[:500]


def _close(session: Session, promises: Sequence[Promise], now: datetime) -> None:
    if not promises:
        return
    sent = _sent(session, promises)
    rows = session.execute(
        select(LogEntry.id, Message.thread_id)
        .join(Message, Message.id == LogEntry.message_id)
        .where(LogEntry.id.in_([one.entry_id for one in promises if one.entry_id is not None]))
    )
    threads = dict(rows.all())
    for promise in promises:
        if promise.state is not PromiseState.OPEN:
            continue
        mails = sent[promise.customer_id]
        refused = next((place for place, mail in enumerate(mails, 1) if mail.entry_id == promise.kept_entry_id), 0)
        for mail in mails[refused:]:
            if mail.at > promise.made_at and mail.entry_id != promise.entry_id and _keeps(mail, promise, threads):
                promise.state, promise.closed_at, promise.kept_entry_id = PromiseState.KEPT, now, mail.entry_id
                break


def _keeps(mail: _Sent, promise: Promise, threads: Mapping[int, int]) -> bool:
    if promise.about == ATTACHMENT:
        return mail.attached
    if promise.about:
        return promise.about in mail.kinds
    same = promise.entry_id is not None and mail.thread_id == threads.get(promise.entry_id, -1)
    return same and Kind.PROMISE.value not in mail.kinds


def _sent(session: Session, promises: Sequence[Promise]) -> Mapping[int, list[_Sent]]:
    rows = session.execute(
        select(LogEntry.customer_id, LogEntry.id, LogEntry.at, Message.thread_id, Message.attachments)
        .join(Message, Message.id == LogEntry.message_id)
        .where(
            LogEntry.customer_id.in_({one.customer_id for one in promises}),
            LogEntry.direction == Direction.OUT,
            LogEntry.automatic == "",
            LogEntry.at > min(one.made_at for one in promises),
        )
        .order_by(LogEntry.at, LogEntry.id)
    ).all()
    kinds: dict[int, set[str]] = defaultdict(set)
    entries = [row[1] for row in rows]
    for entry, kind in session.execute(
        select(Signal.entry_id, Signal.kind).where(Signal.entry_id.in_(entries), Signal.state.in_(_COUNTS))
    ):
        kinds[entry].add(kind)
    found: dict[int, list[_Sent]] = defaultdict(list)
    for customer, entry, at, thread, attachments in rows:
        found[customer].append(_Sent(entry, at, thread, frozenset(kinds[entry]), bool(attachments)))
    return found


def _decide(session: Session, promise_id: int, state: PromiseState, now: datetime, by: str) -> Promise:
    promise = get(session, promise_id)
    promise.state, promise.closed_at, promise.closed_by = state, now, by
    session.flush()
    return promise
