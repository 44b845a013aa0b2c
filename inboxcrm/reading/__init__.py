"""bytes → Reading: MIME, new text, signature, language, automatic mail, bounces. Pure: no server, no database, no clock."""

from inboxcrm.reading.read import Envelope, envelope, read
from inboxcrm.reading.reading import (
    Address,
    Attachment,
    Automatic,
    Bounce,
    BounceKind,
    FailedRecipient,
    Reading,
)

__all__ = [
    "Address",
    "Attachment",
    "Automatic",
    "Bounce",
    "BounceKind",
    "Envelope",
    "FailedRecipient",
    "Reading",
    "envelope",
    "read",
]
