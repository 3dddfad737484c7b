"""What a person is shown of a report, and what their next message then answers."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core import life_messages, messages
from bot.core.desk import Cursor, Desk, Draft, Step, Turn
from bot.core.form import Answers, Field, Kind, Mismatch
from bot.core.messages import Blank
from bot.core.values import Unclear, Why

_OF_ALL = (Why.NOT_ASKED, Why.WRONG_COUNT, Why.OUT_OF_PLACE)


def form(desk: Desk) -> Turn:
    """Show the whole form on one screen: blanks, what the draft holds, what need not be said."""
    missing = desk.missing(desk.draft)
    drafted = desk.draft.answers if desk.draft else {}
    carried = desk.carried.keys() - drafted.keys()
    asked = desk.form.asked(desk.level, desk.with_draft(desk.draft))
    since = desk.earlier.stated_on if desk.earlier else {}
    says = messages.form(
        desk.unit_name,
        desk.period,
        [_blank(desk, f, drafted) for f in asked if f in missing or f.id in drafted],
        before_day=desk.earlier.day if desk.earlier else None,
        carried=[
            messages.carried_line(f, desk.carried, since.get(f.id, desk.period.day))
            for f in asked
            if f.id in carried
        ],
        extra=[f for f in asked if not f.required and f.id not in drafted],
        late=desk.now > desk.period.cut_off,
        reopened=life_messages.open_again(desk.life) if desk.period.locked(desk.judged_at) else "",
    )
    return Turn(says, _cursor(desk, Step.FORM, missing, desk.draft), desk.draft)


def review(desk: Desk, draft: Draft | None, unclear: Sequence[Unclear] = ()) -> Turn:
    """Show what was understood and what is missing or doubtful; each doubt is now asked.

    Only who was shown some answers sends by filling the gaps: as long as there are none, a whole
    form that follows is shown before it is sent.
    """
    if draft is None:
        return _nothing_read(desk, unclear) if unclear else form(desk)
    missing = desk.missing(draft)
    mismatches = desk.mismatches(draft)
    says = messages.review(
        desk.unit_name,
        desk.period,
        given(desk, draft),
        unclear=unclear,
        missing=[_blank(desk, f, {}) for f in missing],
        mismatches=mismatches,
        doubtful=_doubtful(desk, draft, mismatches, unclear),
        correcting=desk.sent is not None,
    )
    asked = {m.says: draft.doubts.get(m.says, "") for m in mismatches if not m.hard}
    draft = replace(draft, doubts=asked)
    step = Step.GAPS if missing else Step.REVIEW
    return Turn(says, _cursor(desk, step, missing, draft), draft)


def _doubtful(
    desk: Desk, draft: Draft, mismatches: Sequence[Mismatch], unclear: Sequence[Unclear]
) -> list[Field]:
    """Return the fields that a person may want to state anew, in the order of the form.

    Of a sum that does not fit, a 0 is seldom the slip; of a wrong number of values, all are.
    """
    given = desk.with_draft(draft)
    doubted = {f for m in mismatches for f in m.fields if given.get(f)}
    doubted |= {f.id for u in unclear if u.why not in _OF_ALL for f in u.fields}
    return [f for f in questions_of(desk, draft) if f.id in doubted]


def _nothing_read(desk: Desk, unclear: Sequence[Unclear]) -> Turn:
    says = messages.nothing_read(
        desk.unit_name, desk.period, unclear=unclear, correcting=desk.sent is not None
    )
    return Turn(says, _cursor(desk, Step.FORM, desk.missing(None), None), None)


def stocks(desk: Desk, draft: Draft) -> Turn:
    """Show what is still asked of a day on which no dossier arose."""
    missing = desk.missing(draft)
    states = [f for f in desk.form.fields if f.kind is Kind.CHOICE and f.id in draft.answers]
    says = messages.nothing_arose(
        desk.unit_name,
        desk.period,
        [messages.answer_line(f, draft.answers) for f in states],
        [_blank(desk, f, {}) for f in missing],
    )
    return Turn(says, _cursor(desk, Step.GAPS, missing, draft), draft)


def question(
    desk: Desk, draft: Draft | None, asked: Field, unclear: Sequence[Unclear] = ()
) -> Turn:
    """Ask one field, after what was wrong with the answer before."""
    questions = questions_of(desk, draft)
    blank = _blank(desk, asked, draft.answers if draft else {})
    says = messages.question(
        blank, at=questions.index(asked) + 1, of=len(questions), unclear=unclear
    )
    return Turn(says, _cursor(desk, Step.QUESTION, [asked], draft), draft)


def questions_of(desk: Desk, draft: Draft | None) -> list[Field]:
    """Return the fields asked one by one, in order: required ones that are not carried over.

    What nobody has stated for long is among them, to be stated anew.
    """
    drafted = draft.answers if draft else {}
    carried = desk.carried.keys() - drafted.keys() - {f.id for f in desk.stale(draft)}
    asked = desk.form.asked(desk.level, desk.with_draft(draft))
    return [f for f in asked if f.required and f.id not in carried]


def _cursor(desk: Desk, step: Step, asked: Sequence[Field], draft: Draft | None) -> Cursor:
    return Cursor(step, desk.period.day, tuple(f.id for f in asked), desk.mark(draft))


def given(desk: Desk, draft: Draft) -> list[str]:
    """Return the lines of a review: what was said for a first report, a correction's changes."""
    full = desk.with_draft(draft)
    if desk.sent is not None:
        old = desk.sent.answers
        changed = [f for f in desk.form.fields if full.get(f.id) != old.get(f.id)]
        why = [life_messages.reason_line(draft.reason)] if draft.reason else []
        return [*(messages.changed_line(f, old, full) for f in changed), *why]
    said = [f for f in desk.form.fields if f.id in draft.answers and f.id in full]
    return [messages.answer_line(f, full) for f in said]


def _blank(desk: Desk, asked: Field, drafted: Answers) -> Blank:
    answer = asked.shown(drafted[asked.id]) if asked.id in drafted else None
    return Blank(asked, answer, _before(desk, asked))


def _before(desk: Desk, asked: Field) -> str | None:
    """Return what stood for the field the day before, as a help beside an empty blank."""
    if desk.earlier is None or asked.id not in desk.earlier.answers:
        return None
    return asked.shown(desk.earlier.answers[asked.id]) if messages.shows_before(asked) else None
