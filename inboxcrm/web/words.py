"""What the closed lists of the tables are called on the pages: one table each, in the order in which they are offered.

The texts are marked here and translated where they are shown (`label`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from inboxcrm.engagement.signals import Kind
from inboxcrm.i18n import _, mark
from inboxcrm.model import (
    AccountState,
    Action,
    AddressHealth,
    Channel,
    DecisionRole,
    Direction,
    DraftState,
    FieldSource,
    FolderRole,
    Grade,
    IssueState,
    RecipientState,
    RecordKind,
    SignalState,
    Stage,
    Status,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
)
from inboxcrm.newsletter import states
from inboxcrm.newsletter.reasons import Why

GRADES: Mapping[str, str] = {
    Grade.A: mark("A"),
    Grade.B: mark("B"),
    Grade.C: mark("C"),
    Grade.WATCH: mark("Watch"),
}
STATUSES: Mapping[str, str] = {
    Status.PROSPECT: mark("Prospect"),
    Status.FOLLOWING: mark("Following"),
    Status.WON: mark("Won"),
    Status.DORMANT: mark("Dormant"),
}
CHANNELS: Mapping[str, str] = {
    Channel.MAIL: mark("Mail"),
    Channel.CALL: mark("Call"),
    Channel.WECHAT: mark("WeChat"),
    Channel.WHATSAPP: mark("WhatsApp"),
    Channel.MEETING: mark("Meeting"),
    Channel.FAIR: mark("Fair"),
    Channel.VISIT: mark("Visit"),
    Channel.OTHER: mark("Other"),
}
BY_HAND = {key: text for key, text in CHANNELS.items() if key != Channel.MAIL}
"""The channels of entries that a person writes."""
DIRECTIONS: Mapping[str, str] = {
    Direction.IN: mark("From the customer"),
    Direction.OUT: mark("From us"),
}
DECISION_ROLES: Mapping[str, str] = {
    DecisionRole.UNKNOWN: mark("Unknown"),
    DecisionRole.DECISION_MAKER: mark("Decision maker"),
    DecisionRole.INFLUENCER: mark("Influencer"),
    DecisionRole.USER: mark("User of the product"),
}
ADDRESS_HEALTHS: Mapping[str, str] = {
    AddressHealth.OK: mark("Mail arrives"),
    AddressHealth.BOUNCING: mark("Bouncing"),
    AddressHealth.LEFT: mark("Left the company"),
}
SOURCES: Mapping[str, str] = {
    FieldSource.MAIL: mark("from a mail"),
    FieldSource.IMPORT: mark("by import"),
    FieldSource.PERSON: mark("by a person"),
}
ACCOUNT_STATES: Mapping[str, str] = {
    AccountState.NEW: mark("Not connected yet"),
    AccountState.OK: mark("Connected"),
    AccountState.RETRYING: mark("Trying again"),
    AccountState.STOPPED: mark("Stopped"),
}
FOLDER_ROLES: Mapping[str, str] = {
    FolderRole.INBOX: mark("Inbox"),
    FolderRole.SENT: mark("Sent"),
    FolderRole.DRAFTS: mark("Drafts"),
    FolderRole.OTHER: mark("Other"),
}
AUTOMATIC: Mapping[str, str] = {
    "auto_reply": mark("Automatic reply"),
    "bounce": mark("Not delivered"),
    "complaint": mark("Spam complaint"),
    "list": mark("Mailing list"),
    "calendar": mark("Calendar invitation"),
}
SEXES: Mapping[str, str] = {
    "": mark("Unknown"),
    "female": mark("Female"),
    "male": mark("Male"),
}

SIGNALS: Mapping[str, str] = {
    Kind.INQUIRY: mark("Inquiry"),
    Kind.QUOTE_REQUEST: mark("Asks for a quotation"),
    Kind.SAMPLE_REQUEST: mark("Asks for samples"),
    Kind.NEGOTIATION: mark("Negotiates"),
    Kind.ORDER: mark("Order"),
    Kind.PAYMENT: mark("Payment"),
    Kind.SHIPPING_QUESTION: mark("Asks about shipping"),
    Kind.TECHNICAL_QUESTION: mark("Technical question"),
    Kind.MEETING_REQUEST: mark("Wants to meet"),
    Kind.COMPLAINT: mark("Complaint"),
    Kind.POSITIVE_FEEDBACK: mark("Pleased"),
    Kind.NOT_INTERESTED: mark("Not interested"),
    Kind.UNSUBSCRIBE: mark("Wants no more mail"),
    Kind.PERSONNEL_CHANGE: mark("Change of person"),
    Kind.QUOTE_SENT: mark("Quotation sent"),
    Kind.SAMPLE_SENT: mark("Samples sent"),
    Kind.PROFORMA_SENT: mark("Proforma sent"),
    Kind.SHIPMENT_SENT: mark("Goods shipped"),
    Kind.PROMISE: mark("Promise"),
}
SIGNAL_STATES: Mapping[str, str] = {
    SignalState.COUNTED: mark("counts"),
    SignalState.SUGGESTED: mark("perhaps"),
    SignalState.CONFIRMED: mark("confirmed"),
    SignalState.REJECTED: mark("called wrong"),
    SignalState.ADDED: mark("added by hand"),
}
RECORDS: Mapping[str, str] = {
    RecordKind.INQUIRY: mark("Inquiry"),
    RecordKind.QUOTE: mark("Quote"),
    RecordKind.SAMPLE: mark("Sample"),
    RecordKind.ORDER: mark("Order"),
}
STAGES: Mapping[str, str] = {
    Stage.OPEN: mark("open"),
    Stage.ANSWERED: mark("answered"),
    Stage.SENT: mark("sent"),
    Stage.NEGOTIATED: mark("negotiated"),
    Stage.REQUESTED: mark("requested"),
    Stage.RECEIVED: mark("received"),
    Stage.JUDGED: mark("judged"),
    Stage.PLACED: mark("placed"),
    Stage.CONFIRMED: mark("confirmed"),
    Stage.PAID: mark("paid"),
    Stage.SHIPPED: mark("shipped"),
    Stage.DONE: mark("done"),
    Stage.CLOSED: mark("closed"),
}

ACTIONS: Mapping[str, str] = {
    Action.MAIL: mark("Mail"),
    Action.CALL: mark("Call"),
    Action.VISIT: mark("Visit"),
    Action.TASK: mark("Task"),
}
DRAFT_STATES: Mapping[str, str] = {
    DraftState.OPEN: mark("waits for review"),
    DraftState.SNOOZED: mark("postponed"),
    DraftState.APPROVED: mark("approved"),
    DraftState.SENDING: mark("on its way"),
    DraftState.SENT: mark("sent"),
    DraftState.FAILED: mark("refused"),
    DraftState.UNKNOWN: mark("sent or not: unknown"),
    DraftState.SKIPPED: mark("left out"),
    DraftState.WITHDRAWN: mark("withdrawn"),
}
RECIPIENT_STATES: Mapping[str, str] = {
    RecipientState.QUEUED: mark("waits for its turn"),
    RecipientState.SENDING: mark("on its way"),
    RecipientState.SENT: mark("sent"),
    RecipientState.REFUSED: mark("refused"),
    RecipientState.UNKNOWN: mark("sent or not: unknown"),
    RecipientState.DROPPED: mark("left out"),
    RecipientState.CANCELLED: mark("cancelled"),
}
SUPPRESSION_REASONS: Mapping[str, str] = {
    SuppressionReason.LEFT: mark("unsubscribed"),
    SuppressionReason.ASKED: mark("asked for no more mail"),
    SuppressionReason.COMPLAINT: mark("reported as spam"),
    SuppressionReason.HARD_BOUNCE: mark("address doesn't exist"),
    SuppressionReason.SOFT_BOUNCES: mark("came back three times"),
    SuppressionReason.PERSON: mark("set by hand"),
}
SUPPRESSION_SCOPES: Mapping[str, str] = {
    SuppressionScope.BULK: mark("no newsletters"),
    SuppressionScope.ALL: mark("no mail at all"),
}
SUPPRESSION_KINDS: Mapping[str, str] = {
    SuppressionKind.ADDRESS: mark("one address"),
    SuppressionKind.DOMAIN: mark("everybody at a domain"),
}
WHYS: Mapping[str, str] = {
    Why.GRADE: mark("another grade"),
    Why.STATUS: mark("another status"),
    Why.COUNTRY: mark("another country"),
    Why.LANGUAGE: mark("another language"),
    Why.PRODUCT: mark("wants other products"),
    Why.TAG: mark("has none of the tags"),
    Why.SOURCE: mark("another source"),
    Why.LAST_CONTACT: mark("last contact outside the chosen days"),
    Why.NO_ADDRESS: mark("no mail address"),
    Why.UNUSABLE: mark("no usable mail address"),
    Why.BOUNCING: mark("mail comes back"),
    Why.LEFT_COMPANY: mark("has left the company"),
    Why.SUPPRESSED: mark("left, complained or blocked"),
    Why.NOBODY_READS: mark("an address that nobody reads"),
    Why.OURS: mark("an address of ours"),
    Why.REFUSED: mark("said no"),
    Why.WRITTEN: mark("written to personally a short while ago"),
    Why.ISSUE: mark("got a newsletter a short while ago"),
    Why.QUEUED: mark("waits for another newsletter"),
    Why.CADENCE: mark("is being followed up"),
    Why.HELD: mark("plan paused"),
    Why.UNANSWERED: mark("waits for our answer"),
    Why.UNJUDGED: mark("grade not sure"),
    Why.NO_TEXT: mark("no text in their language"),
    Why.SHARED: mark("address shared with a customer of another grade"),
    Why.TWICE: mark("the address is in already"),
    Why.GONE: mark("no longer in the file"),
}
"""Why people are left out of a newsletter, as many together; for one person see `inboxcrm.newsletter.reasons`."""
SERIES_TEMPLATES: Mapping[str, str] = {
    "new_products": mark("New products"),
    "fairs": mark("The next fairs"),
    "holidays": mark("Our holidays"),
    "news": mark("News: products, fairs and holidays together"),
}
FOLLOW_UP_STAGES: Mapping[str, str] = {
    "first_answer": mark("Inquiry to be answered"),
    "new_inquiry": mark("New inquiry"),
    "quoted": mark("Quotation sent"),
    "sample_sent": mark("Samples sent"),
    "sample_judged": mark("Samples judged"),
    "order_running": mark("Order running"),
    "after_delivery": mark("After delivery"),
    "silent": mark("Silent"),
    "dormant": mark("Dormant"),
    "fair_contact": mark("Met at a fair"),
    "yearly_check": mark("Yearly check"),
    "personal": mark("Personal word"),
    "general": mark("General"),
}
DRAFT_CHANGES: Mapping[str, str] = {
    "edit": mark("edited"),
    "redraft": mark("written anew"),
    "approve": mark("approved"),
    "snooze": mark("postponed"),
    "skip": mark("left out"),
    "withdraw": mark("withdrawn"),
    "take_back": mark("taken back"),
    "send_again": mark("to be sent again"),
    "mark_sent": mark("noted as sent"),
    "undo": mark("last step taken back"),
}

_TABLES: tuple[tuple[type[StrEnum], Mapping[str, str]], ...] = (
    (Grade, GRADES),
    (Status, STATUSES),
    (Channel, CHANNELS),
    (Direction, DIRECTIONS),
    (DecisionRole, DECISION_ROLES),
    (AddressHealth, ADDRESS_HEALTHS),
    (FieldSource, SOURCES),
    (AccountState, ACCOUNT_STATES),
    (FolderRole, FOLDER_ROLES),
    (Kind, SIGNALS),
    (SignalState, SIGNAL_STATES),
    (RecordKind, RECORDS),
    (Stage, STAGES),
    (Action, ACTIONS),
    (DraftState, DRAFT_STATES),
    (IssueState, states.STATES),
    (Why, WHYS),
    (RecipientState, RECIPIENT_STATES),
    (SuppressionReason, SUPPRESSION_REASONS),
    (SuppressionScope, SUPPRESSION_SCOPES),
    (SuppressionKind, SUPPRESSION_KINDS),
)


def label(value: StrEnum) -> str:
    """What `value` is called, in the language of the context."""
    for kind, table in _TABLES:
        if isinstance(value, kind):
            return _(table[value])
    msg = f"{type(value).__name__} has no words; add its table to inboxcrm/web/words.py"
    raise LookupError(msg)


def automatic_label(kind: str) -> str:
    """What a kind of automatic mail is called; the kind itself when it is unknown."""
    return _(AUTOMATIC[kind]) if kind in AUTOMATIC else kind


def choices(table: Mapping[str, str]) -> list[tuple[str, str]]:
    """The (value, text) pairs of a table for a select field, translated."""
    return [(str(key), _(text)) for key, text in table.items()]


def follow_up_stage(stage: str) -> str:
    """What a stage of the cadence, or a template, is called; a person's own ones by their own names."""
    return _(FOLLOW_UP_STAGES[stage]) if stage in FOLLOW_UP_STAGES else stage.replace("_", " ")


def draft_change(what: str) -> str:
    """What happened to a draft, in a word or two."""
    return _(DRAFT_CHANGES[what]) if what in DRAFT_CHANGES else what.replace("_", " ")


def series_template(name: str) -> str:
    """What a template of a series tells of; a person's own ones by their own names."""
    return _(SERIES_TEMPLATES[name]) if name in SERIES_TEMPLATES else name.replace("_", " ")
