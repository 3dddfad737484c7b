"""The life of one unit's report for one day: what may happen to it, and how it then stands.

What each state counts for is said by `rollup.Entry`. Waiting for the approval of the district is no
state of its own: such a report is received, on time by its submission and in the totals, and only
marked.

Source: DESIGN §5, the table of states.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.core.periods import Period


class Status(StrEnum):
    """What a unit's report of a day is shown as."""

    MISSING = "missing"
    DRAFT = "draft"
    ON_TIME = "on_time"
    LATE = "late"
    CORRECTED = "corrected"
    RETURNED = "returned"
    ENTERED_FOR = "entered_for"
    AMENDED = "amended"  # reopened after the lock and sent again
    EXEMPT = "exempt"


class Refusal(StrEnum):
    """Why something may not happen to a report."""

    LOCKED = "locked"
    NOT_LOCKED = "not_locked"
    NOTHING_SENT = "nothing_sent"
    EXEMPT = "exempt"
    NOT_EXEMPT = "not_exempt"
    NOTHING_AWAITS = "nothing_awaits"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands.

    Attributes:
        on_time: judged by the first submission; a later correction never changes it.
    """

    status: Status
    on_time: bool


@dataclass(frozen=True, slots=True)
class Life:
    """All that has happened to one report.

    Attributes:
        reopened: it may be changed after the lock, once and before `open_until`.
        reason: why it was returned or reopened last; "" when it was neither.
        awaits: its district has yet to approve what was sent last.
    """

    drafted: bool = False
    first_sent_at: datetime | None = None
    on_time: bool = False
    revisions: int = 0
    returned: bool = False
    entered_for: bool = False
    reopened: bool = False
    amended: bool = False
    exempt_reason: str | None = None
    open_until: datetime | None = None
    reason: str = ""
    awaits: bool = False

    def open_after_lock(self, now: datetime) -> bool:
        """Whether it was reopened and that still holds."""
        return self.reopened and self.open_until is not None and now < self.open_until

    @property
    def standing(self) -> Standing:
        """Return the row of the table that this life has reached."""
        if self.exempt_reason is not None:
            return Standing(Status.EXEMPT, on_time=False)
        return Standing(self._status(), self.on_time)

    def _status(self) -> Status:
        if self.revisions == 0:
            return Status.DRAFT if self.drafted else Status.MISSING
        shown = (
            (self.returned, Status.RETURNED),
            (self.amended, Status.AMENDED),
            (self.entered_for, Status.ENTERED_FOR),
            (self.revisions > 1, Status.CORRECTED),
            (self.on_time, Status.ON_TIME),
        )
        return next((status for holds, status in shown if holds), Status.LATE)


def draft(life: Life, period: Period, *, now: datetime) -> Life | Refusal:
    """Somebody began to answer; what cannot be sent cannot be begun."""
    return _barred(life, period, now) or replace(life, drafted=True)


def send(
    life: Life,
    period: Period,
    *,
    sent_at: datetime,
    now: datetime,
    for_another: bool = False,
    to_approve: bool = False,
) -> Life | Refusal:
    """Submit a first report or a correction.

    Args:
        sent_at: by which it is judged on time: the messenger's time where it gives one.
        now: by which it is judged locked.
        to_approve: the unit's district approves its reports; what the district itself enters needs
            no approval.
    """
    if barred := _barred(life, period, now):
        return barred
    first = life.first_sent_at is None
    return replace(
        life,
        drafted=False,
        first_sent_at=sent_at if first else life.first_sent_at,
        on_time=sent_at <= period.cut_off if first else life.on_time,
        revisions=life.revisions + 1,
        returned=False,
        entered_for=for_another,
        reopened=False,
        open_until=None,
        amended=life.amended or period.locked(now),
        reason="",
        awaits=to_approve and not for_another,
    )


def send_back(life: Life, period: Period, reason: str, *, now: datetime) -> Life | Refusal:
    """Return a report to its unit for correction; its figures stay in the totals, marked."""
    if life.revisions == 0 and life.exempt_reason is None:
        return Refusal.NOTHING_SENT
    return _barred(life, period, now) or replace(life, returned=True, awaits=False, reason=reason)


def reopen(
    life: Life, period: Period, reason: str, *, until: datetime, now: datetime
) -> Life | Refusal:
    """Allow one more submission after the lock, or to exempt the unit or end its exemption.

    Args:
        until: from then on it is locked again, whether or not anything was sent.
    """
    if not period.locked(now):
        return Refusal.NOT_LOCKED
    return replace(life, reopened=True, open_until=until, reason=reason)


def exempt(life: Life, period: Period, reason: str, *, now: datetime) -> Life | Refusal:
    """Excuse the unit from this day's report; a report already sent leaves the totals.

    It changes the day's expected set and totals, so a locked day must be reopened for it.
    """
    return _barred(life, period, now) or replace(life, exempt_reason=reason)


def lift(life: Life, period: Period, *, now: datetime) -> Life | Refusal:
    """End an exemption: the unit owes the report again, and one already sent counts again."""
    if life.exempt_reason is None:
        return Refusal.NOT_EXEMPT
    owing = replace(life, exempt_reason=None)
    return _barred(owing, period, now) or owing


def approve(life: Life) -> Life | Refusal:
    """The district has seen the report; no figure changes, so the lock does not matter."""
    if life.exempt_reason is not None:
        return Refusal.EXEMPT
    return replace(life, awaits=False) if life.awaits else Refusal.NOTHING_AWAITS


def _barred(life: Life, period: Period, now: datetime) -> Refusal | None:
    """Return why nothing may be changed, or None."""
    if life.exempt_reason is not None:
        return Refusal.EXEMPT
    if period.locked(now) and not life.open_after_lock(now):
        return Refusal.LOCKED
    return None
