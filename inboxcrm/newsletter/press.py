"""What issues are made with: the settings, the layouts, the key of the ways out, the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.drafting import new_message_id
from inboxcrm.i18n import _
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.layouts import Layouts
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.reading.addresses import normal
from inboxcrm.settings import Account, Settings


class NoAccountError(InboxcrmError):
    """The account that an issue goes from is not in the settings."""


@dataclass(frozen=True, slots=True)
class Press:
    """`message_id` is given the sender's domain and makes a new id for each recipient."""

    settings: Settings
    layouts: Layouts
    signing: Signing
    calendar: Calendar
    message_id: Callable[[str], str] = new_message_id

    @classmethod
    def of(cls, configured: Settings, calendar: Calendar) -> Press:
        """With the layouts and the key of the home folder. `calendar`: of the cadence in force (`PlanningRules.planner().calendar`)."""
        return cls(configured, Layouts(configured.home), Signing(leaving_key(configured.home)), calendar)

    @property
    def own(self) -> OwnAddresses:
        """Who we are."""
        return OwnAddresses.of(self.settings.own_addresses)

    @property
    def zone(self) -> ZoneInfo:
        """The salesperson's."""
        return ZoneInfo(self.settings.person.time_zone)

    def office_calendar(self) -> Calendar:
        """The calendar by which issues go: at any working hour, not only in the morning."""
        return replace(self.calendar, morning=self.calendar.office)

    def account(self, address: str) -> Account:
        """The account of this address. Raises NoAccountError."""
        found = next((one for one in self.settings.accounts if normal(one.address) == normal(address)), None)
        if found is None:
            raise NoAccountError(_("The account {address} is not in the settings.").format(address=address))
        return found
