"""The conversation about one unit's report of one day: what was said in, what follows out.

Nothing is looked up and nothing is sent here. The draft belongs to the unit and the day, the
cursor to the person in the chat, so that a report can be begun by one and finished by another.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.core import life, messages
from bot.core.form import Adds, Answers, Field, Form, Kind, Value
from bot.core.life import Life, Refusal
from bot.core.messages import Blank, Says
from bot.core.parsing import Reading, Unclear, read_message, read_value
from bot.core.periods import Period
from bot.core.text import clean, fold, one_line

LONGEST_MESSAGE = 4000
CONFIRMED = "xác nhận"

_SEND = ("gui", "gui di", "gui bao cao", "gui luon", "xac nhan")
_CANCEL = ("huy", "huy bo")
_BACK = ("quay lai", "lui lai")
_SKIP = ("bo qua",)
_ONE_BY_ONE = ("tung cau", "hoi tung cau")
_NOTHING = re.compile(r"(hom nay )?(khong|ko|k) (co )?phat sinh( (ho so|hs))?( nao)?( hom nay)?")
_SENT_AT_END = re.compile(r"(?:\n|[.,;]\s*)gui\s*[.!]?$")
_EXPLAINS = re.compile(r"(?:vi|do|giai thich)\s*:?\s+(?=\w)")
_CORRECTS = re.compile(r"sua(?: lai)?\b\s*:?\s*")


class Step(StrEnum):
    """What the person was last asked."""

    IDLE = "idle"
    FORM = "form"  # the whole form
    GAPS = "gaps"  # what is still missing; a full answer is sent at once
    QUESTION = "question"  # one field
    REVIEW = "review"  # to send what is shown


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where one person stands in one chat.

    Attributes:
        day: the reporting day the question was about.
        asked: ids of the fields that were shown as blanks, in the order shown.
    """

    step: Step = Step.IDLE
    day: date | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been answered but not sent.

    Attributes:
        answers: only what was said for this draft, not what is carried over or already sent.
        doubts: sentence of a soft rule that was asked → how it was answered, "" when not yet.
        version: grows by one with each change.
    """

    answers: Answers = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """A report that was sent: of an earlier day, or of this day before a correction."""

    day: date
    answers: Answers
    stated_on: Mapping[str, date]
    revision: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the conversation needs to know.

    Attributes:
        now: aware local time.
        sent_at: when the message at hand was sent, by which it is judged on time.
        earlier: the unit's newest report of a day before; None when there is none.
        follows_on: whether `earlier` is of the reporting day just before.
        sent: this day's report as it stands; None when nothing was sent.
    """

    unit: str
    unit_name: str
    level: str
    form: Form
    period: Period
    now: datetime
    sent_at: datetime
    contact: str
    earlier: Past | None = None
    follows_on: bool = False
    sent: Past | None = None
    life: Life = field(default_factory=Life)
    draft: Draft | None = None

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

    def with_draft(self, draft: Draft | None) -> dict[str, Value]:
        """Return all answers as they would be sent."""
        drafted = draft.answers if draft else {}
        return self.form.applicable(self.level, {**self.base, **drafted})

    def yesterday(self) -> Answers | None:
        """Return the answers of the reporting day before, if it was reported."""
        return self.earlier.answers if self.earlier and self.follows_on else None


@dataclass(frozen=True, slots=True)
class Submission:
    """A report to keep: all answers, since when standing facts hold, answered doubts."""

    form_version: int
    answers: Answers
    stated_on: Mapping[str, date]
    doubts: Mapping[str, str]
    life: Life


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one message: the answer, and the whole state after it."""

    says: Says
    cursor: Cursor
    draft: Draft | None
    submission: Submission | None = None


def open_form(desk: Desk) -> Turn:
    """Show the whole form, or what is left of it when a draft exists."""
    refused = _refusal(desk)
    if refused:
        return _unchanged(desk, refused)
    if desk.sent is not None:
        if desk.draft is not None:
            return _screen(desk, desk.draft, Reading())
        return _unchanged(
            desk, messages.already_sent(desk.unit_name, desk.period, at=desk.sent.sent_at)
        )
    answers = desk.with_draft(desk.draft)
    missing = desk.form.missing(desk.level, answers)
    if not missing and desk.draft is not None:
        return _screen(desk, desk.draft, Reading())
    return Turn(
        _form_screen(desk, answers),
        Cursor(Step.FORM, desk.period.day, tuple(f.id for f in missing)),
        desk.draft,
    )


def hear(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Return what follows from a typed message or a tap, which says the same as typing."""
    if cursor.day != desk.period.day:
        cursor = Cursor()
    refused = _refusal(desk)
    if refused:
        return _unchanged(desk, refused)
    if len(said) > LONGEST_MESSAGE:
        return _unchanged(desk, messages.too_long(LONGEST_MESSAGE), cursor)
    said = clean(said)
    if not said:
        return _unchanged(desk, messages.no_text(), cursor)
    return _by_word(desk, cursor, said) or _by_figures(desk, cursor, said)


def show_sent(desk: Desk) -> Turn:
    """/xem: what was sent, or what is being entered."""
    if desk.sent is None:
        return (
            open_form(desk)
            if desk.draft
            else _unchanged(desk, messages.nothing_sent(desk.unit_name, desk.period))
        )
    says = messages.sent_report(
        desk.unit_name,
        desk.period,
        [
            messages.answer_line(f, desk.sent.answers)
            for f in desk.form.fields
            if f.id in desk.sent.answers
        ],
        at=desk.sent.sent_at,
        revision=desk.sent.revision,
        locked=_refusal(desk) is not None,
    )
    return _unchanged(desk, says)


def correct(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """/sua, or "sửa …": change the report that was sent."""
    refused = _refusal(desk)
    if refused:
        return _unchanged(desk, refused)
    if desk.sent is None and desk.draft is None:
        return _unchanged(desk, messages.nothing_sent(desk.unit_name, desk.period))
    if not said.strip():
        return _unchanged(desk, messages.how_to_correct(desk.unit_name, desk.period), cursor)
    return _by_figures(desk, cursor, clean(said))


def nothing_arose(desk: Desk) -> Turn:
    """No dossier today: flows are 0, the counter stays as it was, only stocks are asked."""
    refused = _refusal(desk)
    if refused:
        return _unchanged(desk, refused)
    if desk.sent is not None:
        return _unchanged(
            desk, messages.already_sent(desk.unit_name, desk.period, at=desk.sent.sent_at)
        )
    draft = desk.draft or Draft()
    flows = [
        f
        for f in desk.form.asked(desk.level, draft.answers)
        if f.adds is Adds.FLOW and f.required and f.kind is Kind.COUNT
    ]
    contradicted = any(draft.answers.get(f.id) for f in flows)
    answers = {"issues": "", **_counter_as_before(desk), **draft.answers}
    draft = Draft(answers | {f.id: 0 for f in flows}, draft.doubts, draft.version + 1)
    missing = desk.form.missing(desk.level, desk.with_draft(draft))
    if contradicted or not missing:
        return _screen(desk, draft, Reading())
    says = messages.nothing_arose(
        desk.unit_name, desk.period, [_blank(desk, f, {}) for f in missing]
    )
    return Turn(says, Cursor(Step.GAPS, desk.period.day, tuple(f.id for f in missing)), draft)


def ask_one_by_one(desk: Desk) -> Turn:
    """Ask the form question by question, beginning with the first that has no answer."""
    refused = _refusal(desk)
    if refused:
        return _unchanged(desk, refused)
    draft = desk.draft or Draft()
    missing = desk.form.missing(desk.level, desk.with_draft(draft))
    if not missing:
        return open_form(desk)
    return _ask(desk, draft, missing[0])


def receipt_code(unit: str, day: date, revision: int) -> str:
    """Return the short code of a receipt: the same report always has the same code."""
    digest = hashlib.sha256(f"{unit}/{day.isoformat()}/{revision}".encode()).hexdigest()
    return digest[:6].upper()


def _by_word(desk: Desk, cursor: Cursor, said: str) -> Turn | None:
    """Return what follows when the message is one of the words that steer, else None."""
    word = fold(one_line(said)).strip(" .!")
    if word in _CANCEL:
        return _cancel(desk)
    if word in _SEND:
        return _send(desk)
    if cursor.step is Step.QUESTION:
        return _move(desk, cursor, -1 if word in _BACK else 1) if word in (*_BACK, *_SKIP) else None
    if word in _ONE_BY_ONE:
        return ask_one_by_one(desk)
    if _NOTHING.fullmatch(word):
        return nothing_arose(desk)
    return _explain(desk, said, cursor)


def _by_figures(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Return what follows when the message carries answers."""
    if cursor.step is Step.QUESTION:
        return _answer(desk, cursor, said)
    ends = _SENT_AT_END.search(fold(said))
    body = said[: ends.start()] if ends else said
    if desk.sent is not None:
        body = body[_end(_CORRECTS.match(fold(body))) :]
    reading = read_message(
        body,
        fields=[f for f in desk.form.fields if not f.levels or desk.level in f.levels],
        blanks=_shown_blanks(desk, cursor),
        day=desk.period.day,
    )
    if reading.empty:
        return _not_understood(desk, cursor)
    return _take(desk, cursor, reading, send=ends is not None)


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def _shown_blanks(desk: Desk, cursor: Cursor) -> list[Field]:
    """Return the fields that values without names belong to."""
    if cursor.asked and cursor.step in (Step.FORM, Step.GAPS):
        return [desk.form.field(f) for f in cursor.asked]
    if desk.sent is not None:
        return []
    return desk.form.missing(desk.level, desk.with_draft(desk.draft))


def _take(desk: Desk, cursor: Cursor, reading: Reading, *, send: bool) -> Turn:
    """Add what was read to the draft; send it when the person was told so, else show it."""
    old = desk.draft or Draft()
    draft = replace(old, answers={**old.answers, **reading.values}, version=old.version + 1)
    full = desk.with_draft(draft)
    if desk.sent is not None and full == desk.sent.answers and not reading.unclear:
        return Turn(messages.nothing_changed(desk.period), Cursor(), None)
    told = send or (cursor.step is Step.GAPS and desk.sent is None)
    if told and not reading.unclear and not _obstacles(desk, draft):
        return _submit(desk, draft)
    return _screen(desk, draft, reading)


def _obstacles(desk: Desk, draft: Draft) -> list[object]:
    """Return what keeps a draft from being sent: gaps, hard mismatches, doubts not yet asked."""
    full = desk.with_draft(draft)
    mismatches = desk.form.mismatches(full, desk.yesterday())
    unasked = [m for m in mismatches if m.hard or m.says not in draft.doubts]
    return [*desk.form.missing(desk.level, full), *unasked]


def _screen(desk: Desk, draft: Draft, reading: Reading) -> Turn:
    """Show what stands in the draft and what is missing or doubtful; each doubt is now asked."""
    full = desk.with_draft(draft)
    missing = desk.form.missing(desk.level, full)
    mismatches = desk.form.mismatches(full, desk.yesterday())
    says = messages.review(
        desk.unit_name,
        desk.period,
        _given(desk, full),
        unclear=reading.unclear,
        missing=[_blank(desk, f, {}) for f in missing],
        mismatches=mismatches,
        correcting=desk.sent is not None,
    )
    asked = {m.says: draft.doubts.get(m.says, "") for m in mismatches if not m.hard}
    step = Step.GAPS if missing else Step.REVIEW
    return Turn(
        says,
        Cursor(step, desk.period.day, tuple(f.id for f in missing)),
        replace(draft, doubts=asked),
    )


def _given(desk: Desk, full: Answers) -> list[str]:
    """Return the lines of a review: all answers of a first report, the changes of a correction."""
    fields = desk.form.fields
    if desk.sent is not None:
        old = desk.sent.answers
        return [
            messages.changed_line(f, old, full) for f in fields if full.get(f.id) != old.get(f.id)
        ]
    return [messages.answer_line(f, full) for f in fields if f.id in full]


def _send(desk: Desk) -> Turn:
    """ "gửi": send the draft, or say what is still missing."""
    if desk.draft is None:
        return open_form(desk)
    if _obstacles(desk, desk.draft):
        return _screen(desk, desk.draft, Reading())
    return _submit(desk, desk.draft)


def _explain(desk: Desk, said: str, cursor: Cursor) -> Turn | None:
    """ "vì …": keep the reason for what was doubted, and send."""
    open_doubts = [d for d, answer in desk.draft.doubts.items() if not answer] if desk.draft else []
    reason = _EXPLAINS.match(fold(said))
    if not reason or not open_doubts or cursor.step is not Step.REVIEW or desk.draft is None:
        return None
    why = one_line(said)[:300]
    draft = replace(
        desk.draft,
        doubts={**desk.draft.doubts, **dict.fromkeys(open_doubts, why)},
        version=desk.draft.version + 1,
    )
    return _send(replace(desk, draft=draft))


def _submit(desk: Desk, draft: Draft) -> Turn:
    """Turn the draft into the unit's report and say so."""
    after = life.send(desk.life, desk.period, sent_at=desk.sent_at, now=desk.now)
    if isinstance(after, Refusal):
        return _unchanged(desk, _refusal(desk) or messages.no_text())
    full = desk.with_draft(draft)
    broken = {m.says for m in desk.form.mismatches(full, desk.yesterday())}
    says = messages.receipt(
        desk.unit_name,
        desk.period,
        answers=full,
        at=desk.now,
        on_time=after.on_time,
        first=desk.sent is None,
        code=receipt_code(desk.unit, desk.period.day, after.revisions),
    )
    submission = Submission(
        form_version=desk.form.version,
        answers=full,
        stated_on=_stated_on(desk, draft),
        doubts={d: answer or CONFIRMED for d, answer in draft.doubts.items() if d in broken},
        life=after,
    )
    return Turn(says, Cursor(), None, submission)


def _stated_on(desk: Desk, draft: Draft) -> dict[str, date]:
    """Return since when each standing fact holds."""
    source = desk.sent or desk.earlier
    old = dict(source.stated_on) if source else {}
    said = {f.id: desk.period.day for f in desk.form.fields if f.standing and f.id in draft.answers}
    return old | said


def _cancel(desk: Desk) -> Turn:
    if desk.draft is None:
        return Turn(messages.nothing_to_cancel(), Cursor(), None)
    return Turn(messages.cancelled(desk.period, sent=desk.sent is not None), Cursor(), None)


def _not_understood(desk: Desk, cursor: Cursor) -> Turn:
    if desk.sent is not None and desk.draft is None:
        says = messages.already_sent(desk.unit_name, desk.period, at=desk.sent.sent_at)
        return _unchanged(desk, says, cursor)
    return _unchanged(desk, messages.not_understood(desk.period), cursor)


def _refusal(desk: Desk) -> Says | None:
    """Return why nothing can be sent for this day, or None when it can."""
    if desk.life.exempt_reason is not None:
        return messages.exempted(desk.unit_name, desk.period, reason=desk.life.exempt_reason)
    if desk.period.locked(desk.now) and not desk.life.reopened:
        return messages.locked(desk.unit_name, desk.period, contact=desk.contact)
    return None


def _unchanged(desk: Desk, says: Says, cursor: Cursor | None = None) -> Turn:
    return Turn(says, cursor or Cursor(), desk.draft)


# Question by question


def _questions(desk: Desk, draft: Draft) -> list[Field]:
    """Return the fields asked one by one, in order: required ones that are not carried over."""
    full = desk.with_draft(draft)
    carried = desk.carried.keys() - draft.answers.keys()
    return [f for f in desk.form.asked(desk.level, full) if f.required and f.id not in carried]


def _ask(desk: Desk, draft: Draft, asked: Field, problem: str | None = None) -> Turn:
    questions = _questions(desk, draft)
    says = messages.question(
        asked,
        at=questions.index(asked) + 1,
        of=len(questions),
        before=_before(desk, asked),
        problem=problem,
    )
    return Turn(says, Cursor(Step.QUESTION, desk.period.day, (asked.id,)), draft)


def _answer(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Take the answer to the question at hand and ask the next one."""
    draft = desk.draft or Draft()
    asked = desk.form.field(cursor.asked[0])
    read = read_value(asked, said, day=desk.period.day)
    if isinstance(read, Unclear):
        return _ask(desk, draft, asked, messages.why_unclear(read))
    answers = {**draft.answers, **read}
    draft = replace(draft, answers=answers, version=draft.version + 1)
    return _next_question(desk, draft, asked, 1)


def _move(desk: Desk, cursor: Cursor, by: int) -> Turn:
    return _next_question(desk, desk.draft or Draft(), desk.form.field(cursor.asked[0]), by)


def _next_question(desk: Desk, draft: Draft, asked: Field, by: int) -> Turn:
    """Go on to the next question without an answer, or back to the one before."""
    questions = _questions(desk, draft)
    at = questions.index(asked)
    if by < 0:
        return _ask(desk, draft, questions[max(0, at - 1)])
    ahead = [q for q in questions[at + 1 :] if q.id not in draft.answers]
    return _ask(desk, draft, ahead[0]) if ahead else _screen(desk, draft, Reading())


# The form on one screen


def _form_screen(desk: Desk, answers: Mapping[str, Value]) -> Says:
    carried = [f for f in desk.form.fields if f.id in desk.carried]
    drafted = desk.draft.answers if desk.draft else {}
    shown = [
        _blank(desk, f, drafted)
        for f in desk.form.asked(desk.level, answers)
        if (f.required and f.id not in desk.carried) or f.id in drafted
    ]
    extra = [f for f in desk.form.asked(desk.level, answers) if not f.required]
    since = desk.earlier.stated_on if desk.earlier else {}
    return messages.form(
        desk.unit_name,
        desk.period,
        shown,
        before_day=desk.earlier.day if desk.earlier else None,
        carried=[
            messages.carried_line(f, desk.carried, since.get(f.id, desk.period.day))
            for f in carried
            if f.id not in drafted
        ],
        extra=[f for f in extra if f.id not in drafted],
        late=desk.now > desk.period.cut_off,
    )


def _blank(desk: Desk, asked: Field, drafted: Answers) -> Blank:
    answer = asked.shown(drafted[asked.id]) if asked.id in drafted else None
    return Blank(asked, answer, _before(desk, asked))


def _before(desk: Desk, asked: Field) -> str | None:
    """Return what stood for the field the day before, as a help beside an empty blank."""
    if desk.earlier is None or asked.id not in desk.earlier.answers:
        return None
    return asked.shown(desk.earlier.answers[asked.id]) if messages.shows_before(asked) else None


def _counter_as_before(desk: Desk) -> dict[str, Value]:
    """Return the counter's state of the day before, unless it was to end by this day."""
    if desk.earlier is None:
        return {}
    until = desk.earlier.answers.get("counter_until")
    if isinstance(until, str) and until and until < desk.period.day.isoformat():
        return {}
    return {k: v for k, v in desk.earlier.answers.items() if k.startswith("counter_")}
