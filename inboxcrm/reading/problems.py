"""What can be wrong with the bytes of a mail, in words for a person: every text that stands in `Reading.problems`.

English here and in a Reading; `inboxcrm.i18n` translates them where they are shown.
"""

from __future__ import annotations

from inboxcrm.i18n import mark

NO_TEXT = mark("The mail has no text.")
ENCRYPTED = mark("The mail is encrypted; its text can't be read here.")
NO_SENDER = mark("The mail names no sender.")
SEVERAL_SENDERS = mark("The mail names several senders; the first is taken.")
NO_DATE = mark("The Date header is missing or can't be read.")
WRONG_DATE = mark("The Date header can't be true; the time of arrival is taken.")
STRANGE_HEADER_LINE = mark("A line of the header is no field.")
NO_BLANK_LINE = mark("The blank line between header and body is missing.")
TOO_DEEP = mark("The mail is nested too deep; its parts were read without their order.")
PARSER_FAILED = mark("mail-parser could not read the structure; the standard library did.")
UNKNOWN_CHARSET = mark("A text names a character set that does not exist.")
BROKEN_BASE64 = mark("A part is broken base64.")
LOST_CHARACTERS = mark("Some characters of the text could not be read.")
TNEF = mark("Outlook packed attachments into winmail.dat; they can't be opened here.")

DEFECTS = {
    "NoBoundaryInMultipartDefect": mark("A multipart mail names no boundary."),
    "StartBoundaryNotFoundDefect": mark("The boundary that a multipart mail names is not in it."),
    "CloseBoundaryNotFoundDefect": mark("The mail ends before its last part does."),
    "MultipartInvariantViolationDefect": mark("A multipart mail has no parts."),
    "InvalidMultipartContentTransferEncodingDefect": mark(
        "A multipart mail has a transfer encoding, which only single parts can have."
    ),
    "InvalidBase64PaddingDefect": BROKEN_BASE64,
    "InvalidBase64CharactersDefect": BROKEN_BASE64,
    "InvalidBase64LengthDefect": BROKEN_BASE64,
}
"""mail-parser's name of a defect → what to tell a person."""
