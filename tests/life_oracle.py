"""What DESIGN §5 says of the report of Wednesday 15/4/2020, told from the list of what happened.

It knows nothing of the program but the words that both use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CUT_OFF = datetime(2020, 4, 15, 16, 30, tzinfo=ZONE)
LOCK = datetime(2020, 4, 16, 9, tzinfo=ZONE)
NEXT_LOCK = datetime(2020, 4, 17, 9, tzinfo=ZONE)
ISSUE = datetime(2020, 4, 17, 16, tzinfo=ZONE)
MONDAY = datetime(2020, 4, 20, 9, tzinfo=ZONE)


@dataclass(frozen=True)
class Event:
    """Something that happened to the report."""

    what: str
    at: datetime
    by: str = ""
    figure: int = 0


class Oracle:
    """What the table of DESIGN §5 says of a report, told from the list of what happened to it."""

    def __init__(self, events: Iterable[Event], *, approval: bool) -> None:
        self._events = list(events)
        self._approval = approval
        self.sendings = [e for e in self._events if e.what in ("send", "enter for")]
        self.exempt = self._last("exempt", "lift") == "exempt"
        self.expected = not self.exempt
        self.received = self.in_totals = self.expected and bool(self.sendings)
        self.on_time = self.received and self.sendings[0].at <= CUT_OFF
        self.awaits = approval and self._last("send", "enter for", "return", "approve") == "send"

    def open(self, now: datetime) -> bool:
        """Whether anything may be changed."""
        since = [e for e in self._events if e.what in ("reopen", "send", "enter for")]
        reopened = since[-1].at if since and since[-1].what == "reopen" else None
        return now < LOCK or (reopened is not None and now < locked_again(reopened))

    @property
    def status(self) -> str:
        if self.exempt:
            return "exempt"
        if not self.sendings:
            return "draft" if self._drafted() else "missing"
        if self._last("return", "send", "enter for") == "return":
            return "returned"
        if any(s.at >= LOCK for s in self.sendings):
            return "amended"
        if self.sendings[-1].what == "enter for":
            return "entered_for"
        if len(self.sendings) > 1:
            return "corrected"
        return "on_time" if self.on_time else "late"

    def _last(self, *kinds: str) -> str:
        return next((e.what for e in reversed(self._events) if e.what in kinds), "")

    def _drafted(self) -> bool:
        return any(e.what == "draft" for e in self._events)


def locked_again(reopened: datetime) -> datetime:
    """Until when a report is open that was reopened at a moment: the week's paper is due on Friday
    at 16:00."""
    if reopened < NEXT_LOCK:
        return NEXT_LOCK
    return ISSUE if reopened < ISSUE else MONDAY
