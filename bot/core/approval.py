"""Whether the district approves what its communes report.

An office switches it on; by itself it is off. A report that waits for approval is received, on time
by its submission and in the totals, and marked: nobody's figures wait for a third person, and the
deadline of 16:30 stays that of the unit.

Source: DESIGN §5; an office setting is valid from the next occurrence (§4.12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.core.office import Office

REQUIRED, SINCE = "approval.required", "approval.since"
"""Keys of the settings."""

_APPROVED_LEVEL = "commune"


@dataclass(frozen=True, slots=True)
class Approvals:
    """The setting.

    Attributes:
        since: the first day for which it holds; for days before it the contrary holds. None when it
            was never changed.
    """

    required: bool = False
    since: date | None = None

    def needed(self, level: str, day: date) -> bool:
        """Whether the report of a unit of this level must be approved."""
        holds = self.since is None or day >= self.since
        return level == _APPROVED_LEVEL and self.required is holds


def approvals_from(settings: Mapping[str, Any]) -> Approvals:
    """Return what the office settings say."""
    since = settings.get(SINCE)
    return Approvals(
        bool(settings.get(REQUIRED, False)), date.fromisoformat(since) if since else None
    )


def switched(approvals: Approvals, *, required: bool, since: date) -> Approvals:
    """Return the setting after a change that is to hold from a day on.

    A change that is taken back before it holds never was.
    """
    return Approvals(required, None if approvals.since == since else since)


def settings_of(approvals: Approvals) -> dict[str, Any]:
    """Return the office settings that say so."""
    since = approvals.since.isoformat() if approvals.since else ""
    return {REQUIRED: approvals.required, SINCE: since}


def next_asked_day(office: Office, now: datetime) -> date:
    """Return the first reporting day that has not been asked yet: from it on a change holds."""
    today, calendar = now.date(), office.calendar
    not_asked = now.time() < office.times.prompt_at
    if calendar.is_reporting_day(today) and not_asked:
        return today
    return calendar.next_reporting_day(today)
