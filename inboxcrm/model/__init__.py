"""The tables, one module a group. No logic but constraints; `inboxcrm.model.database` opens them."""

from inboxcrm.model.account import Account, AccountState, Folder, FolderRole, Trouble
from inboxcrm.model.base import Base
from inboxcrm.model.customer import (
    AddressHealth,
    Contact,
    ContactAddress,
    ContactProposal,
    Customer,
    CustomerDomain,
    DecisionRole,
    FieldChange,
    FieldSource,
    Grade,
    ProposalState,
    Status,
)
from inboxcrm.model.grade import Assessment, ChangedBy, GradeChange, GradePin
from inboxcrm.model.journal import Channel, LogEntry, MatchedBy, SearchDocument, SearchKind
from inboxcrm.model.message import (
    Direction,
    Exclusion,
    ExclusionKind,
    Location,
    Message,
    Party,
    PartyRole,
    Standing,
    TextState,
    Thread,
    ThreadLink,
)
from inboxcrm.model.records import BusinessRecord, RecordKind, RecordStep, Stage
from inboxcrm.model.signal import Signal, SignalState
from inboxcrm.model.user import User

__all__ = [
    "Account",
    "AccountState",
    "AddressHealth",
    "Assessment",
    "Base",
    "BusinessRecord",
    "ChangedBy",
    "Channel",
    "Contact",
    "ContactAddress",
    "ContactProposal",
    "Customer",
    "CustomerDomain",
    "DecisionRole",
    "Direction",
    "Exclusion",
    "ExclusionKind",
    "FieldChange",
    "FieldSource",
    "Folder",
    "FolderRole",
    "Grade",
    "GradeChange",
    "GradePin",
    "Location",
    "LogEntry",
    "MatchedBy",
    "Message",
    "Party",
    "PartyRole",
    "ProposalState",
    "RecordKind",
    "RecordStep",
    "SearchDocument",
    "SearchKind",
    "Signal",
    "SignalState",
    "Stage",
    "Standing",
    "Status",
    "TextState",
    "Thread",
    "ThreadLink",
    "Trouble",
    "User",
]
