"""Desks and conversations for the tests of the dialogue, built from plain values."""

import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.desk import Cursor, Desk, Past, Submission, Turn
from bot.core.dialogue import hear, open_form
from bot.core.form import Answers, form_from
from bot.core.periods import Period

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FORM = form_from(tomllib.loads(Path("bot/forms/daily_one_stop.toml").read_text("utf-8")))
TODAY = date(2020, 4, 15)
YESTERDAY = TODAY - timedelta(days=1)
STANDING = {
    "staff_total": 3,
    "notice_posted": True,
    "measures": ("masks", "temperature", "distance", "disinfection"),
}
QUIET_DAY: Answers = {
    "counter_status": "open",
    "staff_on_duty": 2,
    "received_direct": 6,
    "received_online": 1,
    "received_postal": 0,
    "resolved_on_time": 7,
    "resolved_late": 0,
    "pending": 4,
    "overdue": 0,
    "urgent_received": 1,
    "urgent_resolved": 1,
    "issues": "",
    **STANDING,
}
# All that a commune is asked on an ordinary day; yesterday's 4 pending + 7 received - 8 resolved.
WHOLE_FORM = (
    "Quầy: mở\nTrực 2\nTrực tiếp 5, trực tuyến 2, bưu chính 0\nTrả đúng hạn 8, trả quá hạn 0\n"
    "Đang giải quyết 3, quá hạn chưa trả 0\nCấp thiết nhận 1, cấp thiết xong 1\nKhó khăn: không"
)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), HANOI)


def period(day: date = TODAY) -> Period:
    return Period(
        day=day,
        opens_at=at(15, day=day - timedelta(days=1)),
        closes_at=at(15, day=day),
        cut_off=at(16, 30, day=day),
        locks_at=at(9, day=day + timedelta(days=1)),
    )


def past(answers: Answers = QUIET_DAY, day: date = YESTERDAY) -> Past:
    return Past(day, answers, dict.fromkeys(STANDING, day), revision=1, sent_at=at(16, day=day))


def first_day(level: str = "commune", now: datetime | None = None) -> Desk:
    """A unit that has never reported."""
    now = now or at(15, 20)
    return Desk(
        unit="VP-01",
        unit_name="Xã Quang Sơn",
        level=level,
        form=FORM,
        period=period(),
        now=now,
        sent_at=now,
        contact="Văn phòng",
    )


def second_day(before: Answers = QUIET_DAY, **changes: object) -> Desk:
    """A commune that reported yesterday."""
    desk = replace(first_day(), earlier=past(before), follows_on=True)
    return replace(desk, **changes)  # type: ignore[arg-type]


def after(desk: Desk, turn: Turn) -> Desk:
    """The desk as the next message finds it."""
    if turn.submission is None:
        return replace(desk, draft=turn.draft)
    sent = turn.submission
    kept = Past(
        desk.period.day,
        sent.answers,
        sent.stated_on,
        sent.life.revisions,
        desk.now,
        sent.doubts,
        sent.doubt_fields,
    )
    return replace(desk, draft=None, sent=kept, life=sent.life)


@dataclass
class Talk:
    """One person talking about one desk; a second person may share the desk."""

    desk: Desk
    cursor: Cursor = field(default_factory=Cursor)
    heard: list[str] = field(default_factory=list)
    sent: list[Submission] = field(default_factory=list)

    def takes(self, turn: Turn) -> Turn:
        self.desk, self.cursor = after(self.desk, turn), turn.cursor
        self.heard.append(turn.says.text)
        self.sent += [turn.submission] if turn.submission else []
        return turn

    def opens(self) -> Turn:
        return self.takes(open_form(self.desk))

    def says(self, *messages: str) -> Turn:
        """Say messages one after the other; return what follows from the last."""
        return [self.takes(hear(self.desk, self.cursor, message)) for message in messages][-1]

    @property
    def answers(self) -> Answers:
        """What the draft holds."""
        return self.desk.draft.answers if self.desk.draft else {}


def talk(desk: Desk | None = None) -> Talk:
    """A person who has just been shown the form."""
    person = Talk(desk or second_day())
    person.opens()
    return person
