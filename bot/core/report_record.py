"""What has happened to a report, a line each, as its unit is shown it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core import text
from bot.core.form import Answers, Form
from bot.core.messages import changed_line, person_named

_LONGEST_LINE = 200
_MOST_LINES = 8

_DONE = {
    "report returned": "trả lại để sửa",
    "report reopened": "mở lại",
    "unit exempted": "tạm miễn báo cáo",
    "exemption lifted": "bỏ tạm miễn",
    "report approved": "duyệt",
}
RECORDED = ("report sent", "report corrected", *_DONE)
"""What is put on the record of a report."""


@dataclass(frozen=True, slots=True)
class Revised:
    """One revision of a report.

    Attributes:
        at: local time.
        by, channel: who sent it, on which messenger, as people call it.
        reason: why it was corrected or entered for the unit; "" when not said.
    """

    number: int
    at: datetime
    by: str
    channel: str
    answers: Answers
    reason: str = ""
    for_another: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done to a report: one of `RECORDED`."""

    what: str
    at: datetime
    by: str
    detail: Mapping[str, Any]


def history(form: Form, revisions: Sequence[Revised], done: Sequence[Done]) -> list[str]:
    """Return what happened, oldest first; of a long history the newest part.

    "Lần 2: 16h05 15/4, Trần Bình, Zalo. Nhận trực tuyến: 12 → 21. Lý do: nhập nhầm"

    Args:
        done: all that is on record, in its order; of a revision it tells only its place.
    """
    sent = {r.number: r for r in revisions}
    told = [
        text.shortened(_done(d) if d.what in _DONE else _sent(form, sent, d), _LONGEST_LINE)
        for d in done
    ]
    left = len(told) - _MOST_LINES
    return [f"({left} việc trước đó)", *told[left:]] if left > 0 else told


def _sent(form: Form, sent: Mapping[int, Revised], done: Done) -> str:
    number = done.detail["revision"]
    return _revised(form, sent.get(number - 1), sent[number])


def _revised(form: Form, old: Revised | None, now: Revised) -> str:
    parts = [f"Lần {now.number}: {_when(now.at)}, {person_named(now.by)}, {now.channel}"]
    if now.for_another:
        parts[0] += ", nhập thay"
    if old is not None:
        fields = [f for f in form.fields if old.answers.get(f.id) != now.answers.get(f.id)]
        parts.append("; ".join(changed_line(f, old.answers, now.answers) for f in fields))
    parts.append(f"Lý do: {now.reason}" if now.reason else "")
    return ". ".join(filter(None, parts))


def _done(done: Done) -> str:
    reason = done.detail.get("reason")
    said = f"{_when(done.at)}, {person_named(done.by)} {_DONE[done.what]}"
    return f"{said}: {reason}" if reason else said


def _when(moment: datetime) -> str:
    return f"{text.clock(moment)} {text.day_short(moment)}"
