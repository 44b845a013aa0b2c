"""What issues are made with: the settings, the layouts, the key of the ways out, the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.drafting import new_message_id
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.settings import Settings


@dataclass(frozen=True, slots=True)
class Press:
    """`message_id` is given the sender's domain and makes a new id for each recipient."""

    settings: Settings
    signing: Signing
    calendar: Calendar
    message_id: Callable[[str], str] = new_message_id

    @classmethod
    def of(cls, settings: Settings, calendar: Calendar) -> Press:
        """With the key of the home folder. `calendar`: of the cadence in force (`PlanningRules.planner().calendar`)."""
        return cls(settings, Signing(leaving_key(settings.home)), calendar)

    @property
    def own(self) -> OwnAddresses:
        """Who we are."""
        return OwnAddresses.of(self.settings.own_addresses)

    @property
    def zone(self) -> ZoneInfo:
        """The salesperson's."""
        return ZoneInfo(self.settings.person.time_zone)
