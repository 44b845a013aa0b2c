"""What matching looks at in one mail: who wrote it to whom, with our own people left out, and what kind of mail it is.

Built from a header alone, from a whole reading, or from a stored message; it decides nothing about customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from inboxcrm.matching.domains import is_relay
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Direction, FolderRole, PartyRole
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.reading import Address

LONGEST_ADDRESS = 320
"""Characters of an address that are kept (RFC 5321 4.5.3.1: 64 + "@" + 255)."""
RECIPIENTS = (PartyRole.TO, PartyRole.CC, PartyRole.BCC)


class Heading(Protocol):
    """The part of `Reading` and `Envelope` that names people and ties threads."""

    @property
    def message_id(self) -> str: ...
    @property
    def in_reply_to(self) -> str: ...
    @property
    def references(self) -> tuple[str, ...]: ...
    @property
    def sender(self) -> Address: ...
    @property
    def to(self) -> tuple[Address, ...]: ...
    @property
    def cc(self) -> tuple[Address, ...]: ...
    @property
    def bcc(self) -> tuple[Address, ...]: ...
    @property
    def reply_to(self) -> tuple[Address, ...]: ...
    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Named:
    """An address that a mail names: `role` is the field, `address` in comparison form, `name` and `written` as they stand."""

    role: PartyRole
    address: str
    name: str = ""
    written: str = ""

    @property
    def domain(self) -> str:
        """The part behind the "@"."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail for matching. `parties` are the outside addresses, each once a role, the sender (when outside) first.

    `automatic` is a value of `Automatic` or ""; `verified` is False when the receiving provider says that the sender is forged.
    """

    direction: Direction
    parties: tuple[Named, ...]
    automatic: str = ""
    verified: bool | None = None
    people: tuple[Named, ...] = field(init=False)
    """With whom the mail is a conversation: to whom we wrote; or who wrote, which is who stands in Reply-To when a relay sent it."""

    def __post_init__(self) -> None:
        """Finds `people`, which every rule asks for."""
        people = self.of(*RECIPIENTS)
        if self.direction is Direction.IN:
            senders, answers = self.of(PartyRole.FROM), self.of(PartyRole.REPLY_TO)
            people = answers if answers and (not senders or is_relay(senders[0].address)) else senders
        object.__setattr__(self, "people", tuple(people))

    @property
    def is_internal(self) -> bool:
        """Whether nobody outside takes part."""
        return not self.parties and self.direction is Direction.OUT

    def of(self, *roles: PartyRole) -> list[Named]:
        """The parties in these roles, in order."""
        return [party for party in self.parties if party.role in roles]

    @property
    def is_relayed(self) -> bool:
        """Whether a platform or form sent it in the name of the one in Reply-To."""
        return bool(self.people) and self.people[0].role is PartyRole.REPLY_TO

    @property
    def counterparts(self) -> list[str]:
        """The addresses of `people`."""
        return [person.address for person in self.people]


def mail_of(
    heading: Heading,
    folder_role: FolderRole,
    own: OwnAddresses,
    *,
    automatic: str = "",
    verified: bool | None = None,
    failed: Sequence[str] = (),
) -> Mail:
    """The mail of a header in a folder. Outgoing is what lies in Sent or what one of us wrote; a bounce always comes in,
    and so does a web form's mail: ours by sender, to us alone, with a stranger in Reply-To.
    """
    sender = _named(PartyRole.FROM, heading.sender)
    ours = own.is_ours(sender.address)
    outside = [
        named
        for role, addresses in ((PartyRole.TO, heading.to), (PartyRole.CC, heading.cc), (PartyRole.BCC, heading.bcc))
        for address in addresses
        if not own.is_ours((named := _named(role, address)).address)
    ]
    answers = [
        named
        for address in heading.reply_to
        if (named := _named(PartyRole.REPLY_TO, address)).address != sender.address and not own.is_ours(named.address)
    ]
    if automatic == "bounce":
        direction = Direction.IN
    elif folder_role is FolderRole.SENT:
        direction = Direction.OUT
    else:
        is_form = bool(answers) and not outside and not own.is_person(sender.address)
        direction = Direction.OUT if ours and not is_form else Direction.IN
    parties = [] if ours or direction is Direction.OUT or not sender.address else [sender]
    parties += outside
    if direction is Direction.IN:
        parties += answers
    parties += [
        Named(PartyRole.FAILED, normal(address)[:LONGEST_ADDRESS], written=address) for address in failed if address
    ]
    unique = {(party.role, party.address): party for party in reversed(parties) if party.address}
    return Mail(direction, tuple(reversed(unique.values())), automatic, verified)


def _named(role: PartyRole, address: Address) -> Named:
    written = address.address[:LONGEST_ADDRESS]
    if not written.isprintable():
        # NUL and lone surrogates: no database takes them, and no mailbox has them.
        written = "".join(one for one in written if one.isprintable())
    return Named(role, normal(written)[:LONGEST_ADDRESS], address.name, written)
