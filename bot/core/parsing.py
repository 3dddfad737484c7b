"""A reply to a form, read into answers: "name: value" lines, numbered lines, or values in order.

A figure is taken only when it is certain to which field it belongs; everything else is returned as
unclear, and asked back.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.core.form import Field, Form, Kind, Value
from bot.core.headings import is_heading, labels_in, names_in, other_day
from bot.core.sentences import NUMBERED, read_sentences
from bot.core.text import clean
from bot.core.values import Reading, Unclear, Why, count_said, read_value, says_none

NOTE = "»"
"""Begins each line of a screen that is no answer, so that a screen may be copied back filled in."""

_CLAUSE = re.compile(r"\s*[;|\n]\s*|,(?:\s+|$)")
_WORD = re.compile(r"\s*[;|]\s*|,?\s+")


def read_message(text: str, *, form: Form, blanks: Sequence[Field], day: date) -> Reading:
    """Read a reply to a form.

    Args:
        form: any of its fields may be named, also one that was not asked.
        blanks: the fields that were asked, in the order shown; values without names go to them.
        day: the reporting day, by which a day without a year is understood.
    """
    lines = [line for line in clean(text).split("\n") if line and not line.startswith(NOTE)]
    lines = _without_quotation(lines)
    placed = _read_in_place(lines, form, blanks, day)
    if placed is not None:
        return placed
    alone = _read_alone(lines, form, blanks, day) if len(blanks) == 1 else None
    if alone is not None:
        return alone
    if len(blanks) != 1 and not _names_or_numbers(lines, form):
        in_order = _read_in_order(lines, form, blanks, day)
        if in_order is not None:
            return in_order
    return read_sentences(lines, form=form, blanks=blanks, day=day)


def _without_quotation(lines: list[str]) -> list[str]:
    """Leave out the lines of another message that a reply repeats above: "> Xã nào chưa gửi?"."""
    own = next((n for n, line in enumerate(lines) if not line.startswith(">")), 0)
    return lines[own:]


def _names_or_numbers(lines: Sequence[str], form: Form) -> bool:
    """Whether a line names a field, or all of them begin with a number."""
    named = any(names_in(line, form) for line in lines)
    return named or all(NUMBERED.fullmatch(line) for line in lines)


def _answers_by_name(line: str, form: Form, day: date) -> bool:
    """Whether a line names a field and goes on with an answer to it; a remark names none."""
    if not names_in(line, form):
        return False
    values = read_sentences([line], form=form, blanks=(), day=day).values
    figures = [k for k in values if form.field(k).kind is not Kind.TEXT]
    return bool(figures) or (bool(values) and labels_in(line, form))


def _read_in_place(
    lines: Sequence[str], form: Form, blanks: Sequence[Field], day: date
) -> Reading | None:
    """Read one line for each blank; None unless each answers its blank and no other field.

    Words of such a message are no names, even if they look like one: "mạng chậm", "cán bộ ốm".
    """
    remark = len(blanks) == 1 and blanks[0].kind is Kind.TEXT
    if not remark and len(lines) != len(blanks):
        return None
    if any(is_heading(line, form) or _answers_by_name(line, form, day) for line in lines):
        return None
    lines = ["; ".join(lines)] if remark else lines
    reads = [read_value(b, line, form=form, day=day) for b, line in zip(blanks, lines, strict=True)]
    values = {k: v for read in reads if not isinstance(read, Unclear) for k, v in read.items()}
    return None if any(isinstance(read, Unclear) for read in reads) else Reading(values)


def _read_alone(
    lines: Sequence[str], form: Form, blanks: Sequence[Field], day: date
) -> Reading | None:
    """Read the reply to a single blank, which needs no name; None when it is more than that."""
    blank, whole = blanks[0], " ".join(lines)
    if blank.kind is Kind.TEXT:
        return None
    read = read_value(blank, whole, form=form, day=day)
    if not isinstance(read, Unclear):
        return Reading(read)
    more = _names_or_numbers(lines, form) or NUMBERED.match(whole)
    return None if more else Reading(unclear=(read,))


def _read_in_order(
    lines: Sequence[str], form: Form, blanks: Sequence[Field], day: date
) -> Reading | None:
    """Read values without names; None when the message does not look like values."""
    headings = [line for line in lines if is_heading(line, form)]
    doubts = [doubt for line in headings for doubt in other_day(line, form, day)]
    lines = [line for line in lines if line not in headings]
    text = "\n".join(lines)
    clauses = [item for item in _CLAUSE.split(text) if item]
    words = [item for item in _WORD.split(text) if item]
    for items in (lines, clauses, words):
        reading = _each_in_its_place(items, form, blanks, day)
        if reading is not None:
            return replace(reading, unclear=(*doubts, *reading.unclear))
    if sum(count_said(word) is not None for word in words) * 2 <= len(words):
        return None
    figures = all(count_said(word) is not None for word in words)
    parted = next((items for items in (lines, clauses) if len(items) > 1), words)
    said = len(words if figures else parted)
    if not blanks or said == len(blanks):
        return Reading(unclear=(Unclear(text, Why.NO_LABEL),))
    return Reading(unclear=(Unclear(str(said), Why.WRONG_COUNT, tuple(blanks)),))


def _each_in_its_place(
    items: Sequence[str], form: Form, blanks: Sequence[Field], day: date
) -> Reading | None:
    """Read as many values as there are blanks; None when they do not fit.

    A figure that cannot be read is doubtful alone. Anything else that does not fit its place may
    have shifted all others, so that none of them is taken.
    """
    left = list(blanks)
    values: dict[str, Value] = {}
    unclear: list[Unclear] = []
    for item in items:
        if not left:
            return None
        read = _in_place(left.pop(0), item, form, day)
        if isinstance(read, Unclear):
            unclear.append(read)
        else:
            # "6/14" fills the blank of the total as well.
            left = [blank for blank in left if blank.id not in read]
            values |= read
    if left or len(unclear) > len(values):
        return None
    shifted = tuple(u for u in unclear if u.why is Why.OUT_OF_PLACE)
    return Reading(unclear=shifted) if shifted else Reading(values, tuple(unclear))


def _in_place(blank: Field, item: str, form: Form, day: date) -> dict[str, Value] | Unclear:
    """Read a value by its place alone; a single word is no remark there, unless it is "không"."""
    read = read_value(blank, item, form=form, day=day)
    if isinstance(read, Unclear):
        is_figure = blank.kind is Kind.COUNT and any(map(str.isdigit, item))
        return read if is_figure else Unclear(item, Why.OUT_OF_PLACE, (blank,))
    if blank.kind is Kind.TEXT and " " not in item and not says_none(item):
        return Unclear(item, Why.OUT_OF_PLACE, (blank,))
    return read
