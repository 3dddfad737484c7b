"""The conversation about one unit's report of one day: what was said in, what follows out.

Nothing is looked up and nothing is sent here: each function returns the answer and the whole state
after it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.core import doubt_messages, life, life_messages, messages, screens
from bot.core.desk import Cursor, Desk, Draft, Past, Step, Submission, Turn
from bot.core.explanations import CONFIRMED
from bot.core.form import Adds, Answers, Field, Kind, Value
from bot.core.headings import labels_in
from bot.core.life import Life, Refusal
from bot.core.messages import Says
from bot.core.orders import reason_of
from bot.core.parsing import read_message
from bot.core.text import clean, fold, one_line, shortened
from bot.core.values import Reading, Unclear, Why, count_said

LONGEST_MESSAGE = 4000

_LONGEST_REASON = 300
_SEND = r"(?:ok |xin )?gui(?: bao cao| di| luon| ngay)?(?: a| nhe)?|xac nhan"
_SENT_AT_END = re.compile(rf"(?:^|\n|[.,;]\s*)(?:{_SEND})[\s.!]*$")
_CANCEL = ("huy", "huy bo")
_BACK = ("quay lai", "lui lai")
_SKIP = ("bo qua",)
_REPLY = ("tra loi",)
_AGAIN = fold(messages.AGAIN)
_ONE_BY_ONE = ("tung cau", "hoi tung cau")
_CORRECT = ("sua", "sua lai", "sua bao cao")
_NOTHING = re.compile(
    r"(?:hom nay )?(?:khong|ko|k) (?:co )?phat sinh(?: (?:ho so|hs))?(?: nao)?(?: hom nay)?"
    r"(?:$|[\s.]*[.,;:\n]\s*)"
)
_THANKS = re.compile(
    r"(?:da|vang|ok|oke|cam on)(?:[\s.,!]+(?:da|vang|ok|cam on|em|anh|chi|cac|nhieu|nhe|a))*[\s.!]*"
)
_WHY = re.compile(r"[\s,;.]+(?:vì|do|lý do|lí do|ly do)\b\s*:?\s*(?=\w)")
# Not folded: "đo nhiệt độ" is an answer.
_EXPLAINS = re.compile(r"(?:vì|vi|do|giải thích|giai thich|giải trình|giai trinh)\s*:?\s+(?=\w)")
_REASON = re.compile(r"(?:lý do|lí do|ly do|li do)\s*:?\s+(?=\w)")
_ASK_REASON = ("ghi ly do", "ly do", "giai thich", "giai trinh")
_SHOWN = (Step.GAPS, Step.REVIEW, Step.REASON)


def open_form(desk: Desk) -> Turn:
    """Show the whole form, or what is left of it when a draft exists."""
    if refused := _refusal(desk):
        return _unchanged(desk, refused)
    if desk.draft is not None and (desk.sent or not desk.missing(desk.draft)):
        return screens.review(desk, desk.draft)
    return _already_sent(desk) if desk.sent else screens.form(desk)


def hear(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Return what follows from a typed message or a tap, which says the same as typing."""
    cursor = _still_valid(desk, cursor)
    said, unread = clean(said), _unread(desk, said)
    if unread:
        return _unchanged(desk, unread, cursor)
    body, ends = _without_sending(said)
    if not body:
        return _send(desk, cursor)
    # A form that was meant for another day must not replace a report unseen.
    meant = desk.sent is None or fold(body).startswith("sua")
    desk = replace(desk, brief=desk.brief and meant)
    return _by_word(desk, cursor, body) or _by_figures(desk, cursor, body, told=ends and meant)


def hear_anew(desk: Desk, cursor: Cursor, said: str, gave: Answers) -> Turn:
    """Return what follows when a message that was heard before has other words now.

    Only what it says otherwise than before counts: what other messages have corrected since stays.
    A report that was sent is never replaced unseen.

    Args:
        cursor: where the person stood when they said it: values without names belong there.
        gave: the values that were read from it then.
    """
    if unread := _unread(desk, said):
        return _unchanged(desk, unread)
    body, ends = _without_sending(clean(said))
    blanks = [f for f in desk.form.fields if f.id in cursor.asked]
    reading = read_message(body, form=desk.form, blanks=blanks, day=desk.period.day)
    if reading.empty:
        return hear(desk, cursor, said)
    other = {k: v for k, v in reading.values.items() if k not in gave or gave[k] != v}
    draft, unclear = _merged(desk, replace(reading, values=other))
    if cursor.step is Step.QUESTION and desk.sent is None:
        turn = _next_question(desk, draft, blanks[0], unclear)
    elif desk.sent and not unclear and desk.with_draft(draft) == desk.sent.answers:
        turn = _nothing_changed(desk, desk.sent)
    else:
        turn = _conclude(desk, cursor, draft, unclear, told=ends and desk.sent is None)
    return replace(turn, gave=reading.values)


def _unread(desk: Desk, said: str) -> Says | None:
    """Return why a message is not read at all, or None."""
    if refused := _refusal(desk):
        return refused
    if len(said) > LONGEST_MESSAGE:
        return messages.too_long(LONGEST_MESSAGE)
    return None if clean(said) else messages.no_text()


def _without_sending(said: str) -> tuple[str, bool]:
    """Return a cleaned message without the word "gửi" at its end, and whether that was there."""
    ends = _SENT_AT_END.search(fold(said))
    return (said[: ends.start()], True) if ends else (said, False)


def show_sent(desk: Desk) -> Turn:
    """/xem: what was sent, or what is being entered."""
    if desk.sent is None and desk.draft is not None:
        return open_form(desk)
    if desk.sent is None:
        return _unchanged(desk, messages.nothing_sent(desk.unit_name, desk.period))
    answers = desk.sent.answers
    says = messages.sent_report(
        desk.unit_name,
        desk.period,
        doubt_messages.report_lines(
            desk.form, answers, desk.sent.stated_on, desk.period.day, desk.sent.explanations
        ),
        at=desk.sent.sent_at,
        revision=desk.sent.revision,
        locked=_refusal(desk) is not None,
        notes=life_messages.notes_of(desk.life, desk.period, desk.judged_at),
    )
    return _unchanged(desk, says)


def correct(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """/sua: change the report that was sent; without figures, say how."""
    if refused := _refusal(desk):
        return _unchanged(desk, refused)
    if desk.sent is None and desk.draft is None:
        return _unchanged(desk, messages.nothing_sent(desk.unit_name, desk.period))
    if said.strip():
        return hear(desk, cursor, said if fold(said).startswith("sua") else f"sửa {said}")
    says = messages.how_to_correct(desk.unit_name, desk.period)
    return _unchanged(desk, says, _at_this_report(desk))


def nothing_arose(desk: Desk) -> Turn:
    """No dossier today: flows are 0, the counter stays as it was, only stocks are asked.

    Figures that the draft already holds are not thrown away: they are named and asked about.
    """
    if refused := _refusal(desk):
        return _unchanged(desk, refused)
    if desk.sent is not None:
        return _already_sent(desk)
    old = desk.draft or Draft()
    flows = [f for f in desk.form.asked(desk.level, old.answers) if f.adds is Adds.FLOW]
    if given := [f for f in flows if old.answers.get(f.id)]:
        lines = [messages.answer_line(f, old.answers) for f in given]
        return _unchanged(desk, messages.something_arose(desk.period, lines))
    zeros = {f.id: 0 for f in flows if f.required}
    remarks = {f.id: "" for f in desk.form.fields if f.required and _is_plain_remark(f)}
    answers = {**remarks, **_counter_as_before(desk), **old.answers, **zeros}
    draft = replace(old, answers=answers, version=old.version + 1)
    return screens.stocks(desk, draft) if desk.missing(draft) else screens.review(desk, draft)


def ask_one_by_one(desk: Desk) -> Turn:
    """Ask the form question by question, beginning with the first that has no answer."""
    missing = desk.missing(desk.draft)
    if _refusal(desk) or desk.sent or not missing:
        return open_form(desk)
    return screens.question(desk, desk.draft, missing[0])


def receipt_code(unit: str, day: date, revision: int) -> str:
    """Return the short code of a receipt: the same report always has the same code."""
    digest = hashlib.sha256(f"{unit}/{day.isoformat()}/{revision}".encode()).hexdigest()
    return digest[:6].upper()


def _still_valid(desk: Desk, cursor: Cursor) -> Cursor:
    """Return the cursor, or an idle one when what it was about is over.

    The day may have passed, or another person may have sent the report meanwhile.
    """
    known = {f.id for f in desk.form.fields}
    if cursor.day != desk.period.day or not known.issuperset(cursor.asked):
        return Cursor()
    # Once a report was sent, only a question about its correction still stands.
    stands = not desk.sent or (desk.draft and cursor.seen == desk.mark(desk.draft))
    questions = [f.id for f in screens.questions_of(desk, desk.draft)] if stands else []
    if cursor.step is Step.QUESTION and not set(cursor.asked) & set(questions):
        return Cursor()
    return cursor


def _by_word(desk: Desk, cursor: Cursor, said: str) -> Turn | None:
    """Return what follows when the message is one of the words that steer, else None."""
    word = fold(one_line(said)).strip(" .!")
    if word in _CANCEL:
        return _cancel(desk)
    if word in _REPLY:
        return _how_to_answer(desk)
    if word.startswith(_AGAIN):
        return _ask_again(desk, word.removeprefix(_AGAIN).strip())
    if cursor.step is Step.QUESTION:
        return _move(desk, cursor, back=word in _BACK) if word in (*_BACK, *_SKIP) else None
    if word in _ONE_BY_ONE:
        return ask_one_by_one(desk)
    if word in _CORRECT:
        return correct(desk, cursor, "")
    if _doubts_wait(desk, cursor):
        return _answer_to_doubts(desk, cursor, said)
    return _reason_of_correction(desk, cursor, said)


def _how_to_answer(desk: Desk) -> Turn:
    """ "Trả lời": what is typed next belongs to this form."""
    if desk.sent:
        return _already_sent(desk)
    shown = screens.form(desk)
    says = messages.how_to_answer(desk.period, len(shown.cursor.asked))
    return replace(shown, says=says)


def _ask_again(desk: Desk, label: str) -> Turn | None:
    """ "Ghi lại Đang giải quyết": ask this one field; None when no field is called so."""
    begun = desk.draft is not None or desk.sent is None
    fields = screens.questions_of(desk, desk.draft) if begun else []
    named = [f for f in fields if fold(f.label) == label]
    return screens.question(desk, desk.draft, named[0]) if named else None


def _by_figures(desk: Desk, cursor: Cursor, said: str, *, told: bool) -> Turn:
    """Return what follows when the message carries answers.

    Args:
        told: the message ends with the word "gửi".
    """
    if cursor.step is Step.QUESTION:
        return _answer(desk, cursor, said)
    if nothing := _NOTHING.match(fold(said)):
        turn = nothing_arose(desk)
        after = replace(desk, draft=turn.draft)
        more = _take(after, turn.cursor, said[nothing.end() :], told=told)
        return more if more and after != desk else turn
    if len(_blanks(desk, cursor)) > 1 and count_said(said) == 0:
        return _none_of_several(desk, cursor)
    return _take(desk, cursor, said, told=told) or _not_understood(desk, cursor, said)


def _none_of_several(desk: Desk, cursor: Cursor) -> Turn:
    """ "0" or "không" where several are asked: of a whole form it may mean that nothing arose."""
    blanks = _blanks(desk, cursor)
    whole = any(f.adds is Adds.FLOW for f in blanks)
    says = messages.whether_nothing_arose() if whole else messages.several_asked(blanks)
    return _unchanged(desk, says, cursor)


def _take(desk: Desk, cursor: Cursor, said: str, *, told: bool) -> Turn | None:
    """Add what is read to the draft; None when the message holds nothing like an answer."""
    if desk.sent and desk.draft is None and _says_again(desk, desk.sent, said):
        return _nothing_changed(desk, desk.sent)
    blanks = _blanks(desk, cursor)
    said, reason = _without_reason(desk, said, blanks)
    reading = read_message(said, form=desk.form, blanks=blanks, day=desk.period.day)
    if reading.empty:
        return None
    if _doubts_wait(desk, cursor) and _only_words(desk, cursor, reading, said):
        return _perhaps_a_reason(desk, cursor, said)
    draft, unclear = _merged(desk, reading)
    if draft and reason:
        draft = replace(draft, reason=reason)
    if desk.sent and not unclear and desk.with_draft(draft) == desk.sent.answers:
        return replace(_nothing_changed(desk, desk.sent), gave=reading.values)
    turn = _conclude(desk, cursor, draft, unclear, told=told)
    return replace(turn, gave=reading.values)


def _without_reason(desk: Desk, said: str, blanks: Sequence[Field]) -> tuple[str, str]:
    """Return a correction without its "vì …" at the end, and that reason.

    In "khó khăn: mạng chậm vì mưa" it belongs to the remark.
    """
    found = _WHY.search(said.lower()) if desk.sent else None
    if found is None:
        return said, ""
    body = said[: found.start()]
    reading = read_message(body, form=desk.form, blanks=blanks, day=desk.period.day)
    remarks = [f for f in reading.values if desk.form.field(f).kind is Kind.TEXT]
    if reading.empty or reading.unclear or remarks:
        return said, ""
    return body, reason_of(said[found.start() :])


def _says_again(desk: Desk, sent: Past, said: str) -> bool:
    """Whether values without names are the report that was sent: its receipt may have been lost.

    They belong to what was asked before it was sent.
    """
    before = replace(desk, sent=None)
    blanks = before.missing(None)
    reading = read_message(said, form=desk.form, blanks=blanks, day=desk.period.day)
    if reading.empty or reading.unclear:
        return False
    return before.with_draft(Draft(answers=reading.values)) == sent.answers


def _nothing_changed(desk: Desk, sent: Past) -> Turn:
    code = receipt_code(desk.unit, desk.period.day, sent.revision)
    return Turn(messages.nothing_changed(desk.period, code), Cursor(), None)


def _blanks(desk: Desk, cursor: Cursor) -> list[Field]:
    """Return the fields to which values without names belong, in the order shown.

    They are none when another person has answered some of them since they were shown.
    """
    missing = desk.missing(desk.draft)
    if cursor.step not in (Step.FORM, Step.GAPS):
        return missing
    shown = [desk.form.field(f) for f in cursor.asked]
    return shown if all(f in missing for f in shown) else []


def _merged(desk: Desk, reading: Reading) -> tuple[Draft | None, list[Unclear]]:
    """Return the draft with what was read, and what is unclear or not asked of the unit."""
    if not reading.values:
        return desk.draft, list(reading.unclear)
    old = desk.draft or Draft()
    draft = replace(old, answers={**old.answers, **reading.values}, version=old.version + 1)
    full = desk.with_draft(draft)
    idle = [desk.form.field(f) for f in reading.values if f not in full]
    unclear = [*reading.unclear, *(Unclear(f.label, Why.NOT_ASKED, (f,)) for f in idle)]
    kept = {k: v for k, v in reading.values.items() if k in full}
    if not kept:
        return desk.draft, unclear
    return replace(draft, answers={**old.answers, **kept}), unclear


def _conclude(
    desk: Desk, cursor: Cursor, draft: Draft | None, unclear: Sequence[Unclear], *, told: bool
) -> Turn:
    """Send the draft if nothing stands in the way and the person wants it, else show it.

    Who answers the last gaps wants it without a word, and so does everybody where messages are
    counted; a doubt is answered by the word only. Nobody sends figures that another person has
    changed since they were shown.
    """
    wanted = told or desk.brief or (cursor.step is Step.GAPS and desk.sent is None)
    seen = cursor.seen == desk.mark(desk.draft)
    if draft is None or unclear or not (wanted and seen) or desk.missing(draft):
        return screens.review(desk, draft, unclear)
    shown = draft.doubts if told and cursor.step in _SHOWN else {}
    answered = {*shown, *(d for d, answer in draft.doubts.items() if answer)}
    if any(m.hard or m.says not in answered for m in desk.mismatches(draft)):
        return screens.review(desk, draft)
    return _submit(desk, draft)


def _send(desk: Desk, cursor: Cursor) -> Turn:
    """ "gửi": send what was shown, or show what is still missing."""
    if desk.draft is None:
        turn = open_form(desk)
        return turn if desk.sent else replace(turn, says=messages.nothing_to_send(turn.says))
    if cursor.step not in _SHOWN:
        return screens.review(desk, desk.draft)
    return _conclude(desk, cursor, desk.draft, (), told=True)


def _answer_to_doubts(desk: Desk, cursor: Cursor, said: str) -> Turn | None:
    """Return what follows when the message explains what was doubted, or is about to."""
    word = fold(one_line(said)).strip(" .!:")
    if word in _ASK_REASON:
        says = doubt_messages.reason_asked(sends=not desk.missing(desk.draft))
        return _unchanged(desk, says, replace(cursor, step=Step.REASON))
    if cursor.step is Step.REASON and word in _BACK:
        return screens.review(desk, desk.draft)
    return _explain(desk, cursor, said) if _is_reason(desk, cursor, said) else None


def _explain(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Keep the reason for what was doubted, or of a correction, and send."""
    draft = desk.draft or Draft()
    why = reason_of(said) if desk.sent else ""
    reason = shortened(one_line(said), _LONGEST_REASON)
    explained = {doubt: answer or reason for doubt, answer in draft.doubts.items()}
    draft = replace(draft, doubts=explained, version=draft.version + 1, reason=why)
    return _conclude(desk, cursor, draft, (), told=True)


def _reason_of_correction(desk: Desk, cursor: Cursor, said: str) -> Turn | None:
    """ "vì …": keep why the report that was sent is corrected, and send."""
    draft = desk.draft
    if draft is None or desk.sent is None or cursor.step not in _SHOWN:
        return None
    if not _EXPLAINS.match(said.lower()):
        return None
    return _conclude(desk, cursor, replace(draft, reason=reason_of(said)), (), told=True)


def _doubts_wait(desk: Desk, cursor: Cursor) -> bool:
    """Whether a doubt that the person was shown has no answer yet."""
    waits = desk.draft is not None and "" in desk.draft.doubts.values()
    return waits and cursor.step in _SHOWN


def _is_reason(desk: Desk, cursor: Cursor, said: str) -> bool:
    """Whether a message tells why doubted figures are right.

    Who was asked for the reason may write anything but figures; "lý do" is also the name of a field
    of some reports.
    """
    if _EXPLAINS.match(said.lower()):
        return True
    if _REASON.match(said.lower()):
        asked = desk.form.asked(desk.level, desk.with_draft(desk.draft))
        return not any("ly do" in map(fold, f.words) for f in asked)
    if cursor.step is not Step.REASON:
        return False
    reading = read_message(said, form=desk.form, blanks=(), day=desk.period.day)
    return reading.empty or bool(reading.unclear)


def _only_words(desk: Desk, cursor: Cursor, reading: Reading, said: str) -> bool:
    """Whether a message holds nothing but words of which nobody knows where they belong.

    A difficulty that is told without its name may as well be the reason: "hôm qua đếm thiếu".
    """
    form = desk.form
    figures = [f for f in reading.values if form.field(f).kind is not Kind.TEXT]
    named = any(labels_in(line, form) for line in said.split("\n"))
    named = named or any(f in cursor.asked for f in reading.values)
    return not figures and not named and all(u.why is Why.NO_LABEL for u in reading.unclear)


def _perhaps_a_reason(desk: Desk, cursor: Cursor, said: str) -> Turn:
    return _unchanged(desk, doubt_messages.perhaps_a_reason(said, _LONGEST_REASON), cursor)


def _submit(desk: Desk, draft: Draft) -> Turn:
    """Turn the draft into the unit's report and say so."""
    after = life.send(
        desk.life,
        desk.period,
        sent_at=desk.sent_at,
        now=desk.judged_at,
        for_another=desk.on_behalf is not None,
        to_approve=desk.to_approve,
    )
    if isinstance(after, Refusal):
        return _unchanged(desk, _refused(desk, after))
    full = desk.with_draft(draft)
    doubts, doubt_fields = _answered_doubts(desk, draft)
    submission = Submission(
        form_version=desk.form.version,
        answers=full,
        stated_on=_stated_on(desk, draft),
        doubts=doubts,
        life=after,
        reason=desk.on_behalf or draft.reason,
        after_lock=_after_lock(desk),
        doubt_fields=doubt_fields,
    )
    return Turn(_receipt(desk, draft, submission), Cursor(), None, submission)


def _receipt(desk: Desk, draft: Draft, sent: Submission) -> Says:
    """Say that the report was kept, or that of one whose figures stay a doubt was answered."""
    code = receipt_code(desk.unit, desk.period.day, sent.life.revisions)
    words = _holds_words(desk, sent.answers, sent.doubts)
    if desk.sent and sent.answers == desk.sent.answers:
        return doubt_messages.answer_received(
            desk.unit_name, desk.period, code, _code_of_sent(desk), posted=words
        )
    return messages.receipt(
        desk.unit_name,
        desk.period,
        answers=sent.answers,
        remarks=words,
        at=desk.sent_at,
        on_time=sent.life.on_time,
        replaces=_code_of_sent(desk),
        code=code,
        given=_unseen(desk, draft),
        notes=_notes(desk, draft, sent.life),
        closing=life_messages.locked_again(desk.contact) if _after_lock(desk) else "",
    )


def _holds_words(desk: Desk, answers: Answers, doubts: Mapping[str, str]) -> bool:
    """Whether a report holds words of the person's own, which are posted."""
    remarks = (answers.get(f.id) for f in desk.form.fields if f.kind is Kind.TEXT)
    return any(remarks) or any(answer != CONFIRMED for answer in doubts.values())


def _after_lock(desk: Desk) -> bool:
    return desk.period.locked(desk.judged_at)


def _notes(desk: Desk, draft: Draft, after: Life) -> list[str]:
    """Return what a receipt says of a report beside its figures."""
    told_why = desk.sent and draft.reason and not desk.brief
    return [
        *([life_messages.entered_note(desk.on_behalf)] if desk.on_behalf else []),
        *([life_messages.correction_reason(draft.reason)] if told_why else []),
        *([life_messages.amended_note()] if _after_lock(desk) else []),
        *([life_messages.awaits_note()] if after.awaits else []),
    ]


def _code_of_sent(desk: Desk) -> str:
    """Return the code of the report that a correction replaces; "" when it is the first."""
    return receipt_code(desk.unit, desk.period.day, desk.sent.revision) if desk.sent else ""


def _unseen(desk: Desk, draft: Draft) -> list[str]:
    """Return what was understood, for a receipt without a review before it."""
    return screens.given(desk, draft) if desk.brief else []


def _answered_doubts(desk: Desk, draft: Draft) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the doubts that the figures raise, each with its answer, and the fields of each.

    What was answered for in the report before a correction stays, as long as its figures do: by
    then they are usual, and raise no doubt any more.
    """
    earlier = desk.sent.doubts if desk.sent else {}
    fields = _doubts_that_stay(desk, draft) | {m.says: m.fields for m in desk.broken(draft)}
    answers = {d: draft.doubts.get(d) or earlier.get(d, CONFIRMED) for d in fields}
    return answers, fields


def _doubts_that_stay(desk: Desk, draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return the doubts about figures that a correction leaves as they are."""
    if desk.sent is None:
        return {}
    full, old = desk.with_draft(draft), desk.sent
    return {
        doubt: fields
        for doubt, fields in old.doubt_fields.items()
        if all(full.get(f) == old.answers.get(f) for f in fields)
    }


def _stated_on(desk: Desk, draft: Draft) -> dict[str, date]:
    """Return since when each standing fact holds."""
    source = desk.sent or desk.earlier
    old = dict(source.stated_on) if source else {}
    said = [f for f in desk.form.fields if f.standing and f.id in draft.answers]
    return old | {f.id: desk.period.day for f in (*said, *desk.stale(draft))}


def _cancel(desk: Desk) -> Turn:
    if desk.draft is None:
        return Turn(messages.nothing_to_cancel(), Cursor(), None)
    return Turn(messages.cancelled(desk.period, sent=desk.sent is not None), Cursor(), None)


def _not_understood(desk: Desk, cursor: Cursor, said: str) -> Turn:
    if _doubts_wait(desk, cursor):
        return _perhaps_a_reason(desk, cursor, said)
    if desk.sent is not None and desk.draft is None:
        if _THANKS.fullmatch(fold(said)):
            return _unchanged(desk, messages.thanks(), cursor)
        return replace(_already_sent(desk), cursor=cursor)
    return _unchanged(desk, messages.not_understood(desk.period), cursor)


def _already_sent(desk: Desk) -> Turn:
    at = desk.sent.sent_at if desk.sent else desk.now
    says = messages.already_sent(desk.unit_name, desk.period, at=at)
    return _unchanged(desk, says, _at_this_report(desk))


def _at_this_report(desk: Desk) -> Cursor:
    """Return the place of a person who was told how to change this very report."""
    return Cursor(Step.FORM, desk.period.day, (), desk.mark(desk.draft))


def _refusal(desk: Desk) -> Says | None:
    """Return why nothing can be sent for this day, or None when it can."""
    begun = life.draft(desk.life, desk.period, now=desk.judged_at)
    return _refused(desk, begun) if isinstance(begun, Refusal) else None


def _refused(desk: Desk, why: Refusal) -> Says:
    if why is Refusal.EXEMPT:
        reason = desk.life.exempt_reason or ""
        return messages.exempted(desk.unit_name, desk.period, reason=reason)
    if (until := desk.life.open_until) and desk.life.reopened:
        return life_messages.reopening_over(
            desk.unit_name, desk.period, until=until, contact=desk.contact
        )
    return messages.locked(desk.unit_name, desk.period, contact=desk.contact)


def _unchanged(desk: Desk, says: Says, cursor: Cursor | None = None) -> Turn:
    return Turn(says, cursor or Cursor(), desk.draft)


def _is_plain_remark(asked: Field) -> bool:
    return asked.kind is Kind.TEXT and asked.when is None


def _counter_as_before(desk: Desk) -> dict[str, Value]:
    """Return the states of the day before, unless they were to end by this day."""
    before = desk.yesterday()
    if before is None:
        return {}
    states = [f.id for f in desk.form.fields if f.kind is Kind.CHOICE]
    details = [f for f in desk.form.fields if f.when and f.when.field in states]
    ends = [before.get(f.id) for f in details if f.kind is Kind.DAY]
    if any(isinstance(end, str) and "" < end < desk.period.day.isoformat() for end in ends):
        return {}
    return {f: before[f] for f in (*states, *(d.id for d in details)) if f in before}


# Question by question


def _answer(desk: Desk, cursor: Cursor, said: str) -> Turn:
    """Take the answer to the question at hand, and any other that is named, and ask the next."""
    asked = desk.form.field(cursor.asked[0])
    reading = read_message(said, form=desk.form, blanks=[asked], day=desk.period.day)
    draft, unclear = _merged(desk, reading)
    if asked.id in reading.values or asked not in screens.questions_of(desk, draft):
        turn = _next_question(desk, draft, asked, unclear)
    else:
        turn = screens.question(desk, draft, asked, unclear)
    return replace(turn, gave=reading.values)


def _move(desk: Desk, cursor: Cursor, *, back: bool) -> Turn:
    """Go back to the question before, or on without an answer."""
    asked = desk.form.field(cursor.asked[0])
    if not back:
        return _next_question(desk, desk.draft, asked)
    questions = screens.questions_of(desk, desk.draft)
    before = questions[max(0, questions.index(asked) - 1)]
    return screens.question(desk, desk.draft, before)


def _next_question(
    desk: Desk, draft: Draft | None, asked: Field, unclear: Sequence[Unclear] = ()
) -> Turn:
    """Ask the next question without an answer; after the last one, show what was entered."""
    questions = screens.questions_of(desk, draft)
    answered = desk.with_draft(draft)
    at = questions.index(asked) + 1 if asked in questions else 0
    ahead = [q for q in questions[at:] if q.id not in answered]
    if not ahead:
        return screens.review(desk, draft, unclear)
    return screens.question(desk, draft, ahead[0], unclear)
