"""Made-up people: each answers in a manner of its own, from what stands in its diary alone.

Nobody remembers anything that is not in the diary, so that a person goes on where they were after
any crash.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from bot.core.form import Adds, Field, Form, Kind
from bot.core.text import fold, number
from bot.demo.diary import Diary, Line
from bot.demo.figures import Figures, Truth, nothing_arose

_BLANK = re.compile(r"^\d+\. (.+?): __", re.MULTILINE)
_QUESTION = re.compile(r"^Câu \d+/\d+[.:] (.+?)(?: \(hôm trước|$)", re.MULTILINE)
_RECEIPT = re.compile(r"Đã nhận (báo cáo|bản sửa)")
_TOO_EARLY = "chưa có quản trị nào tham gia"
_ACCEPTS = "/chapnhan "
_ONE_BY_ONE = "từng câu"
_ASKED_AT = time(15)
_DEPUTY_AT = time(16, 20)


class Manner(StrEnum):
    """How somebody answers."""

    WHOLE = "whole"  # names and numbers in one message
    ORDER = "order"  # numbers in order
    QUESTIONS = "questions"  # question by question
    CORRECTION = "correction"  # corrects after sending
    TYPO = "typo"  # a slip at first
    NOTHING = "nothing"  # nothing arose
    LATE = "late"  # after the deadline
    SILENT = "silent"  # never
    LEAVE = "leave"  # on leave: the deputy answers after the last reminder


_SHARES = {
    Manner.WHOLE: 34, Manner.ORDER: 25, Manner.QUESTIONS: 8, Manner.CORRECTION: 8,
    Manner.TYPO: 6, Manner.NOTHING: 5, Manner.LATE: 9, Manner.SILENT: 2, Manner.LEAVE: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address in the built-in messenger.

    Attributes:
        unit: code of the unit reported for; None for who only reads.
        joins: what to type to join; used once.
        deputy: stands in for the unit's main focal point.
        group: the group in which the person speaks; None in private.
        admits: accepts whoever asks to be let in: an admin.
    """

    address: str
    joins: str
    unit: str | None = None
    manner: Manner = Manner.SILENT
    deputy: bool = False
    group: str | None = None
    admits: bool = False

    @property
    def chat(self) -> str:
        """Return where the person speaks and reads."""
        return self.group or self.address


def manner_of(unit: str, *, seed: int) -> Manner:
    """Return how the focal point of a unit answers all week."""
    chance = random.Random(f"{seed}/{unit}/manner")  # noqa: S311
    return chance.choices(list(_SHARES), weights=list(_SHARES.values()))[0]


@dataclass(frozen=True, slots=True)
class Mind:
    """What lets a person decide what to say next.

    Attributes:
        days: the reporting days, oldest first.
    """

    form: Form
    truth: Truth
    days: Sequence[date]
    seed: int

    def next_words(self, person: Person, diary: Diary, now: datetime) -> str | None:
        """Return what the person says now, or None when there is nothing to say."""
        if not diary.lines:
            return person.joins
        if diary.unanswered:
            return None
        if person.admits:
            return _next_admission(diary)
        if person.group is not None:
            return person.joins if _came_too_early(diary) else None
        if person.unit is None or now.date() not in self.days:
            return None
        today = diary.since(datetime.combine(now.date(), time(), now.tzinfo))
        talk = [x for x in today if x.kind != "taken" and x.text != person.joins]
        if not any(x.kind == "said" for x in talk):
            return self._first_words(person, talk, now)
        return self._go_on(person, talk, now)

    def _first_words(self, person: Person, talk: Sequence[Line], now: datetime) -> str | None:
        at = self._begins(person, now.date())
        if at is None or now.replace(tzinfo=None) < datetime.combine(now.date(), at):
            return None
        if person.manner is Manner.NOTHING:
            return "không phát sinh"
        form = next((x for x in reversed(talk) if _BLANK.search(x.text)), None)
        # Where messages are counted the form does not offer it, and they answer it as a whole.
        if person.manner is Manner.QUESTIONS and (form is None or _ONE_BY_ONE in form.buttons):
            return _ONE_BY_ONE
        if form is None:
            return "/baocao"
        return self._typo(person, now.date()) or self._answer(person, form, now.date())

    def _begins(self, person: Person, day: date) -> time | None:
        """Return when the person turns to the report that day; None when not at all."""
        chance = random.Random(f"{self.seed}/{person.address}/{day}")  # noqa: S311
        after = timedelta(minutes=5 * chance.randint(1, 10))
        match person.manner:
            case Manner.SILENT:
                return None
            case Manner.LEAVE:
                return _later(_DEPUTY_AT, timedelta(minutes=5)) if person.deputy else None
            case Manner.LATE:
                return _later(_ASKED_AT, timedelta(minutes=90) + after)
        return _later(_ASKED_AT, after)

    def _go_on(self, person: Person, talk: Sequence[Line], now: datetime) -> str | None:
        """Return the next words of a conversation that has begun."""
        last = talk[-1]
        if last.kind == "said":
            return None  # the bot has the word
        replies = [x for x in talk if x.kind == "saw" and x.key.startswith("reply/")]
        if not replies:
            return None
        heard = replies[-1]
        if any(x.kind == "said" for x in talk[talk.index(heard) + 1 :]):
            return None
        if _RECEIPT.match(heard.text):
            return self._afterwards(person, replies, heard, now)
        return self._answer(person, heard, now.date())

    def _afterwards(
        self, person: Person, replies: Sequence[Line], receipt: Line, now: datetime
    ) -> str | None:
        """Return a correction when it is time for one."""
        receipts = [x for x in replies if _RECEIPT.match(x.text)]
        waited = now - receipt.at >= timedelta(minutes=15)
        if person.manner is not Manner.CORRECTION or len(receipts) > 1 or not waited:
            return None
        figures = self._figures(person, now.date())
        on_duty = self.form.field("staff_on_duty")
        return f"sửa {on_duty.label} {max(1, figures[on_duty.id] - 1)}"

    def _answer(self, person: Person, heard: Line, day: date) -> str | None:
        """Return the answer to what the bot asks: blanks, a question, or whether to send."""
        figures = self._figures(person, day)
        blanks = [self._labelled(label) for label in _BLANK.findall(heard.text)]
        if blanks:
            return self._fill(person, blanks, figures)
        question = _QUESTION.search(heard.text)
        if question:
            asked = next(f for f in self.form.fields if f.ask == question.group(1))
            return typed(asked, figures[asked.id])
        if "gửi" in heard.buttons:
            return "gửi"
        return None

    def _fill(self, person: Person, blanks: Sequence[Field], figures: Figures) -> str:
        if person.manner is Manner.ORDER:
            return "\n".join(_short(f, figures[f.id]) for f in blanks)
        lines = [f"{f.label}: {typed(f, figures[f.id])}" for f in blanks]
        plain = random.Random(f"{self.seed}/{person.address}/letters").random() < 0.4  # noqa: S311
        return fold("\n".join(lines)) if plain else "\n".join(lines)

    def _typo(self, person: Person, day: date) -> str | None:
        """Return a first message with a slip, from who makes them."""
        if person.manner is not Manner.TYPO:
            return None
        figures = self._figures(person, day)
        return (
            f"Trực tiếp: {figures['received_direct']}o, Trực tuyến: {figures['received_online']}, "
            "đúng hạn nhiều"
        )

    def _figures(self, person: Person, day: date) -> Figures:
        figures = self.truth.of[person.unit or "", day]
        if person.manner is not Manner.NOTHING:
            return figures
        flows = [f.id for f in self.form.fields if f.adds is Adds.FLOW and f.required]
        return nothing_arose(figures, flows)

    def _labelled(self, label: str) -> Field:
        return next(f for f in self.form.fields if f.label == label)


def _next_admission(diary: Diary) -> str | None:
    """Return the acceptance of the oldest request that was not accepted yet."""
    said = {x.text for x in diary.lines if x.kind == "said"}
    offered = (b for x in diary.lines for b in x.buttons if b.startswith(_ACCEPTS))
    return next((words for words in offered if words not in said), None)


def _came_too_early(diary: Diary) -> bool:
    """Whether the group's code was shown before there was an admin to confirm it."""
    return diary.lines[-1].kind == "saw" and _TOO_EARLY in diary.lines[-1].text


def typed(field: Field, value: Any) -> str:
    """Return how a person writes an answer."""
    match field.kind:
        case Kind.COUNT:
            return number(int(value))
        case Kind.CHOICES:
            return "đủ"
        case Kind.YES_NO:
            return "có" if value else "chưa"
        case Kind.TEXT:
            return str(value) or "không"
    return field.shown(value)


def _short(field: Field, value: Any) -> str:
    """Return the shortest way to answer: the number of an option, bare figures."""
    if field.kind is Kind.CHOICE:
        return str([o.id for o in field.options].index(str(value)) + 1)
    return typed(field, value)


def _later(at: time, by: timedelta) -> time:
    return (datetime.combine(date.min, at) + by).time()
