"""Search over the log and the customer files: every word must occur, the last one may be only begun; newest entries first.

The same on SQLite (FTS5) and PostgreSQL (tsvector), which get the same tokens and the same question in their own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, TextClause, literal_column, select, text
from sqlalchemy.orm import Session

from inboxcrm.journal.timeline import Line, lines
from inboxcrm.journal.tokens import is_unspaced, pairs, runs
from inboxcrm.model import Customer, LogEntry, Message, SearchDocument, SearchKind

SNIPPET = 160
"""Characters of a text around a hit."""
_MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must follow each other; the last one may be only the beginning of a word (`open_end`)."""

    tokens: tuple[str, ...]
    open_end: bool


@dataclass(frozen=True, slots=True)
class EntryHit:
    """A log entry that was found; `snippet` is the place in its text."""

    line: Line
    snippet: str


@dataclass(frozen=True, slots=True)
class CustomerHit:
    """A customer that was found by what stands in the file."""

    id: int
    name: str
    local_name: str
    country: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: customers by name, entries newest first."""

    customers: tuple[CustomerHit, ...]
    entries: tuple[EntryHit, ...]


def search(session: Session, asked: str, limit: int = 50, *, customer_id: int | None = None) -> Hits:
    """Finds log entries and customers that contain all words of `asked`; of one customer's log only, when given."""
    terms = question(asked)
    if not terms:
        return Hits((), ())
    found = session.scalars(
        _documents(session, terms, SearchKind.ENTRY, customer_id)
        .join(LogEntry, LogEntry.id == SearchDocument.ref_id)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(limit)
    ).all()
    customers = () if customer_id is not None else _customers(session, terms, limit)
    return Hits(customers, _entries(session, found, terms))


def find_customers(session: Session, asked: str) -> Select[int] | None:
    """A query for the ids of the customers whose files contain all words of `asked`; None when it has no word to look for."""
    terms = question(asked)
    return _documents(session, terms, SearchKind.CUSTOMER, None) if terms else None


def question(asked: str) -> list[Term]:
    """The terms of a question: what stands together must occur together. Pure.

    A run of a script without blanks becomes its pairs in a row; a single character may begin a longer word.
    """
    terms: list[Term] = []
    for word in asked.split()[:_MOST_WORDS]:
        pieces: list[str] = []
        for run in runs(word):
            if not is_unspaced(run):
                pieces.append(run)
                continue
            if pieces:
                terms.append(Term(tuple(pieces), open_end=False))
                pieces = []
            terms.append(Term(tuple(pairs(run)) or (run,), open_end=len(run) == 1))
        if pieces:
            terms.append(Term(tuple(pieces), open_end=False))
    if terms and not is_unspaced(terms[-1].tokens[-1]) and not asked[-1:].isspace():
        terms[-1] = Term(terms[-1].tokens, open_end=True)
    return terms


def snippet(content: str, terms: Sequence[Term], width: int = SNIPPET) -> str:
    """The part of `content` around the first word of the question that occurs in it; its beginning when none does."""
    flat = " ".join(content.split())
    if len(flat) <= width:
        return flat
    place = _place(flat, terms)
    start = max(0, place - width // 3)
    if start:
        start = flat.find(" ", start, place) + 1 or start
    end = min(len(flat), start + width)
    if end < len(flat):
        end = max(flat.rfind(" ", start + width * 2 // 3, end), 0) or end
    return ("…" if start else "") + flat[start:end].strip() + ("…" if end < len(flat) else "")


def _place(flat: str, terms: Sequence[Term]) -> int:
    """Where in a text of one line the first term that it has begins: word by word, each folded as the index folds it."""
    heads = {term.tokens[0]: term for term in terms}
    place = 0
    for word in flat.split(" "):
        for run in runs(word):
            for head, term in heads.items():
                if is_unspaced(run):
                    inside = run.find(head)
                    if inside >= 0:
                        return place + inside
                elif run == head or (term.open_end and len(term.tokens) == 1 and run.startswith(head)):
                    return place
        place += len(word) + 1
    return 0


def _documents(session: Session, terms: Sequence[Term], kind: SearchKind, customer_id: int | None) -> Select[int]:
    chosen = select(SearchDocument.ref_id).where(SearchDocument.kind == kind, _contains(session, terms))
    return chosen if customer_id is None else chosen.where(SearchDocument.customer_id == customer_id)


def _contains(session: Session, terms: Sequence[Term]) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        clause: TextClause = text(
            "search_document.id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :question)"
        )
        return clause.bindparams(question=_for_fts5(terms))
    clause = text("to_tsvector('simple', search_document.tokens) @@ to_tsquery('simple', :question)")
    return clause.bindparams(question=_for_tsquery(terms))


def _for_fts5(terms: Sequence[Term]) -> str:
    """FTS5: "a b" is a phrase, a star behind it leaves its last word open."""
    return " AND ".join(f'"{" ".join(term.tokens)}"' + ("*" if term.open_end else "") for term in terms)


def _for_tsquery(terms: Sequence[Term]) -> str:
    """PostgreSQL: <-> is "followed by", :* leaves a word open; tokens are letters and digits, so quotes are safe."""
    return " & ".join(
        "("
        + " <-> ".join(
            f"'{token}'" + (":*" if term.open_end and place == len(term.tokens) - 1 else "")
            for place, token in enumerate(term.tokens)
        )
        + ")"
        for term in terms
    )


def _customers(session: Session, terms: Sequence[Term], limit: int) -> tuple[CustomerHit, ...]:
    ids = _documents(session, terms, SearchKind.CUSTOMER, None)
    return tuple(
        CustomerHit(*row)
        for row in session.execute(
            select(Customer.id, Customer.name, Customer.local_name, Customer.country)
            .where(Customer.id.in_(ids))
            .order_by(Customer.last_entry_at.desc().nulls_last(), Customer.name, literal_column("customer.id"))
            .limit(limit)
        )
    )


def _entries(session: Session, found: Sequence[int], terms: Sequence[Term]) -> tuple[EntryHit, ...]:
    texts = {
        entry: (content, new_text, feedback)
        for entry, content, new_text, feedback in session.execute(
            select(LogEntry.id, LogEntry.content, Message.new_text, LogEntry.feedback)
            .outerjoin(Message, Message.id == LogEntry.message_id)
            .where(LogEntry.id.in_(found))
        )
    }
    return tuple(
        EntryHit(
            line, snippet("\n".join(filter(None, (texts[line.id][1] or texts[line.id][0], texts[line.id][2]))), terms)
        )
        for line in lines(session, found)
    )
