"""Reports in one message, as officials write them: what is read is right, what is not is asked.

The messages and what they mean are shared with those who work on understanding more of them.
"""

import json
from datetime import date
from pathlib import Path

import pytest

from bot.core.form import Adds, Kind
from bot.core.parsing import read_message
from bot.core.text import clean
from bot.profile import read_form

MESSAGES = [
    json.loads(line)
    for line in (Path(__file__).parent / "free-text-reports.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
FORM = read_form("daily_one_stop")
FIGURES = {f.id for f in FORM.fields if f.kind is Kind.COUNT or f.adds is not Adds.STATE}

EACH = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message["id"])


def read(message):
    blanks = [f for f in FORM.fields if f.required]
    return read_message(clean(message["text"]), form=FORM, blanks=blanks, day=date(2020, 4, 7))


@EACH
def test_no_figure_is_taken_wrongly(message):
    values = read(message).values

    taken = {k: v for k, v in values.items() if k in FIGURES or k == "counter_status"}

    assert taken == {k: message["expected"][k] for k in taken}


@EACH
def test_a_message_of_which_something_was_not_read_is_asked_about(message):
    reading = read(message)

    said = {k for k, v in message["expected"].items() if v not in (None, "")}

    assert said <= reading.values.keys() or reading.unclear


def test_the_messages_are_the_twenty_that_are_shared():
    assert len(MESSAGES) == 20
    assert sum(bool(read(message).values) for message in MESSAGES) >= 10
