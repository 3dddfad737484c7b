"""What the conversation about one unit's report of one day knows and leaves behind.

The draft belongs to the unit and the day, the cursor to the person in the chat, so that a report
can be begun by one and finished by another.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.core import doubt_messages, messages
from bot.core.explanations import Explanation
from bot.core.form import Answers, Field, Form, Mismatch, Value
from bot.core.history import Usual
from bot.core.life import Life
from bot.core.messages import Says
from bot.core.periods import Period


class Step(StrEnum):
    """What the person was last asked."""

    IDLE = "idle"
    FORM = "form"  # the whole form
    GAPS = "gaps"  # what is still missing; a full answer is sent at once
    QUESTION = "question"  # one field
    REVIEW = "review"  # to send what is shown
    REASON = "reason"  # why figures that are doubted are right


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where one person stands in one chat.

    Attributes:
        day: the reporting day the question was about.
        asked: ids of the fields that were shown as blanks, in the order shown.
        seen: mark of the figures that the person was shown.
    """

    step: Step = Step.IDLE
    day: date | None = None
    asked: tuple[str, ...] = ()
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been answered but not sent.

    Attributes:
        answers: only what was said for this draft, not what is carried over or already sent.
        doubts: sentence of a soft rule that was asked → how it was answered, "" when not yet. It
            holds the figures: other figures make another doubt.
        raised: doubts that others have raised about the report that was sent, each with the ids of
            the fields it is about; other figures there settle it.
        version: grows by one with each change.
        reason: why a report that was sent is corrected; "" when it was not said.
    """

    answers: Answers = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    reason: str = ""
    raised: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A report that was sent: of an earlier day, or of this day before a correction.

    Attributes:
        doubts: those that were answered when it was sent; a correction does not ask them again.
        doubt_fields: ids of the fields that each doubt was about; reports of old have none.
    """

    day: date
    answers: Answers
    stated_on: Mapping[str, date]
    revision: int
    sent_at: datetime
    doubts: Mapping[str, str] = field(default_factory=dict)
    doubt_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """What was doubted of this report, with the answers."""
        return tuple(
            Explanation(self.doubt_fields.get(says, ()), says, answer)
            for says, answer in self.doubts.items()
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the conversation needs to know.

    Attributes:
        now: aware local time.
        sent_at: when the message at hand was sent, by which it is judged on time and locked: what
            was sent in time and came late after an outage still counts.
        brief: messages are counted, so that a whole and certain report is sent without being shown
            first.
        frozen: the week's figures are frozen, so that nothing sent before counts any more.
        earlier: the unit's newest report of a day before; None when there is none.
        follows_on: whether `earlier` is of the reporting day just before.
        sent: this day's report as it stands; None when nothing was sent.
        on_behalf: why somebody else enters the report for the unit; None when the unit does so.
        to_approve: the unit's district approves its reports.
        usual: what is usual for the unit, by field id; a field with too few reports has nothing.
    """

    unit: str
    unit_name: str
    level: str
    form: Form
    period: Period
    now: datetime
    sent_at: datetime
    contact: str
    brief: bool = False
    frozen: bool = False
    earlier: Past | None = None
    follows_on: bool = False
    sent: Past | None = None
    life: Life = field(default_factory=Life)
    draft: Draft | None = None
    on_behalf: str | None = None
    to_approve: bool = False
    usual: Mapping[str, Usual] = field(default_factory=dict)

    @property
    def judged_at(self) -> datetime:
        """Return the moment by which it is judged whether the day is locked."""
        return self.now if self.frozen else self.sent_at

    @property
    def carried(self) -> dict[str, Value]:
        """Return the standing facts of the report before, which hold until changed."""
        if self.earlier is None:
            return {}
        standing = (f for f in self.form.fields if f.standing)
        return {f.id: self.earlier.answers[f.id] for f in standing if f.id in self.earlier.answers}

    @property
    def base(self) -> Answers:
        """Return what stands without the draft."""
        return self.sent.answers if self.sent else self.carried

    def mark(self, draft: Draft | None) -> str:
        """Return a mark of the figures with a draft: other figures have another mark."""
        if draft is None:
            return ""
        figures = repr(sorted(self.with_draft(draft).items()))
        return hashlib.sha256(figures.encode()).hexdigest()[:16]

    def with_draft(self, draft: Draft | None) -> dict[str, Value]:
        """Return all answers as they would be sent."""
        drafted = draft.answers if draft else {}
        return self.form.applicable(self.level, {**self.base, **drafted})

    def missing(self, draft: Draft | None) -> list[Field]:
        """Return the required fields that the draft leaves open, in order."""
        return self.form.missing(self.level, self.with_draft(draft))

    def mismatches(self, draft: Draft | None) -> list[Mismatch]:
        """Return the rules that the draft breaks, hard ones first.

        A doubt that was answered when the report was sent is not raised again by a correction.
        """
        settled = self.sent.doubts if self.sent else {}
        broken = [m for m in self.broken(draft) if m.hard or m.says not in settled]
        return [*broken, *self._old_facts(draft)]

    def broken(self, draft: Draft | None) -> list[Mismatch]:
        """Return all that does not fit or is unusual, answered for or not, hard rules first."""
        full = self.with_draft(draft)
        rules = self.form.mismatches(full, self.yesterday())
        return [*rules, *self._unusual(full), *self._raised(draft, full)]

    def _raised(self, draft: Draft | None, answers: Answers) -> list[Mismatch]:
        """Return the doubts that others have raised about figures which still stand."""
        if draft is None or self.sent is None:
            return []
        old = self.sent.answers
        return [
            Mismatch(hard=False, says=says, fields=fields)
            for says, fields in draft.raised.items()
            if all(answers.get(f) == old.get(f) for f in fields)
        ]

    def stale(self, draft: Draft | None) -> list[Field]:
        """Return the standing facts that nobody has stated for so long that they are asked again.

        Sending the report confirms them; a correction of it does not ask.
        """
        if self.earlier is None or self.sent is not None:
            return []
        drafted = draft.answers if draft else {}
        old = self.form.old(self.earlier.stated_on, self.period.day, asked=True)
        return [f for f in old if f.id in self.carried and f.id not in drafted]

    def _old_facts(self, draft: Draft | None) -> list[Mismatch]:
        """Return one doubt about all that nobody has stated for long."""
        fields = self.stale(draft)
        if not fields or self.earlier is None:
            return []
        since = self.earlier.stated_on
        lines = [messages.carried_line(f, self.carried, since[f.id]) for f in fields]
        says, ids = doubt_messages.stale(lines), tuple(f.id for f in fields)
        return [Mismatch(hard=False, says=says, fields=ids, old_fact=True)]

    def _unusual(self, answers: Answers) -> list[Mismatch]:
        """Return a doubt for each figure that lies far from the unit's own last reports."""
        found = []
        for field_id, usual in self.usual.items():
            figure = answers.get(field_id)
            if isinstance(figure, int) and usual.doubts(figure):
                says = doubt_messages.unusual(self.form.field(field_id), figure, usual)
                found.append(Mismatch(hard=False, says=says, fields=(field_id,)))
        return found

    def yesterday(self) -> Answers | None:
        """Return the answers of the reporting day before, if it was reported."""
        return self.earlier.answers if self.earlier and self.follows_on else None


@dataclass(frozen=True, slots=True)
class Submission:
    """A report to keep: all answers, since when standing facts hold, answered doubts.

    Attributes:
        reason: why it corrects the one before, or was entered for the unit; "" when not said.
        after_lock: it changes a locked day, of which a new edition must follow.
        doubts, doubt_fields: as in `Past`.
    """

    form_version: int
    answers: Answers
    stated_on: Mapping[str, date]
    doubts: Mapping[str, str]
    life: Life
    reason: str = ""
    after_lock: bool = False
    doubt_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one message: the answer, and the whole state after it.

    Attributes:
        gave: the values that were read from the message.
    """

    says: Says
    cursor: Cursor
    draft: Draft | None
    submission: Submission | None = None
    gave: Answers = field(default_factory=dict)
