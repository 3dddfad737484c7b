"""`giaoban understand`: how messages would be read, for an office to try its own."""

import json
from collections.abc import Iterable, Iterator
from datetime import date

from bot.core.form import Field, Form, Kind
from bot.core.messages import why_unclear
from bot.core.parsing import read_message
from bot.core.text import clean
from bot.core.values import Unclear, Why

_SAID_EVERY_DAY = (Kind.COUNT, Kind.CHOICE, Kind.TEXT)


class NotMessages(Exception):
    """A file that is not JSON Lines with `text`; the message names the line."""


def understood(
    lines: Iterable[str], form: Form, *, day: date, any_day: bool = False
) -> Iterator[str]:
    """Yield for each message one line of JSON: fields, doubts, reasons.

    A figure, state or remark that every report says is null where the message does not say it for
    certain; other fields are there only when they are said.

    Args:
        lines: JSON Lines with `text`; empty lines are passed over.
        day: the reporting day, by which days without a year are understood.
        any_day: do not doubt a message that names another day.

    Raises:
        NotMessages: a line is something else.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _understood(_text_of(line, number), form, day, any_day=any_day)


def _text_of(line: str, number: int) -> str:
    try:
        said = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotMessages(_not_messages(number)) from error
    if not isinstance(said, str):
        raise NotMessages(_not_messages(number))
    return said


def _not_messages(number: int) -> str:
    return f'Dòng {number}: cần một đối tượng JSON có "text", ví dụ: {{"text": "Trực tiếp 5"}}.'


def _understood(said: str, form: Form, day: date, *, any_day: bool) -> str:
    every_day = [f for f in form.fields if f.required and f.when is None]
    reading = read_message(clean(said), form=form, blanks=every_day, day=day)
    unclear = [u for u in reading.unclear if not any_day or u.why is not Why.OTHER_DAY]
    impossible = [m for m in form.mismatches(reading.values) if m.hard]
    refused = [{"field": f, "question": m.says} for m in impossible for f in m.fields]
    certain = {k: v for k, v in reading.values.items() if k not in {r["field"] for r in refused}}
    fields = {f.id: None for f in every_day if f.kind in _SAID_EVERY_DAY}
    found = {
        "fields": {**fields, **certain},
        "doubts": [*(doubt for u in unclear for doubt in _doubts(u)), *refused],
        "reasons": {k: said for k, said in reading.reasons.items() if k in certain},
    }
    return json.dumps(found, ensure_ascii=False)


def _doubts(unclear: Unclear) -> Iterator[dict[str, str | None]]:
    """Yield what would be asked, for each field that it may be about."""
    fields: tuple[Field | None, ...] = unclear.fields or (None,)
    for asked in fields:
        yield {"field": asked.id if asked else None, "question": why_unclear(unclear)}
