"""Reports in one message, as officials write them: what is read is right, what is not is asked.

`free-text-reports.jsonl` holds the twenty messages that are shared with those who work on this;
`harder-reports.jsonl` those that we made up; `others-reports.jsonl` those that were made up, with
what they say, by people who had not seen the program.
"""

import json
import random
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mutations import mutations

from bot.core.parsing import read_message
from bot.core.text import clean, fold
from bot.core.values import Reading
from bot.profile import read_form

FORM = read_form("daily_one_stop")
EACH_MUTATION = 6


def messages(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


SHARED = messages("free-text-reports.jsonl")
HARDER = messages("harder-reports.jsonl")
OTHERS = messages("others-reports.jsonl")
EACH = pytest.mark.parametrize("message", [*SHARED, *HARDER], ids=lambda message: message["id"])


def read(text: str) -> Reading:
    blanks = [f for f in FORM.fields if f.required and f.when is None]
    return read_message(clean(text), form=FORM, blanks=blanks, day=date(2020, 4, 7))


def expected(message: dict[str, Any]) -> dict[str, Any]:
    values = message["expected"].items()
    return {k: unicodedata.normalize("NFC", v) if isinstance(v, str) else v for k, v in values}


def wrong(message: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """The values of a reading that the message does not say, and that would be taken.

    Where a remark ends, people differ: one that is cut short, or goes on, is no wrong figure.
    """
    impossible = [m for m in FORM.mismatches(reading.values) if m.hard]
    refused = {field for mismatch in impossible for field in mismatch.fields}
    told = expected(message)
    return {
        k: v
        for k, v in reading.values.items()
        if k in told and not same(v, told[k]) and k not in refused
    }


def same(value: Any, told: Any) -> bool:
    if value and told and isinstance(value, str):
        return value in told or told in value
    return bool(value == told)


def order_matters(text: str) -> bool:
    """Whether lines need those above them: bare values, "quá hạn 2", corrections."""
    if "dinh chinh" in fold(text):
        return True
    lines = [fold(line).lstrip(" -+•*|0123456789.)/") for line in text.splitlines()]
    values = any(not line for line in lines)
    return values or any(line.startswith(("qua han", "qh", "tre", "ii.")) for line in lines)


@pytest.mark.parametrize("message", [*SHARED, *HARDER, *OTHERS], ids=lambda message: message["id"])
def test_nothing_is_taken_wrongly(message: dict[str, Any]) -> None:
    assert wrong(message, read(message["text"])) == {}


@EACH
def test_what_a_message_says_and_is_not_read_is_asked_about(message: dict[str, Any]) -> None:
    reading = read(message["text"])
    said = {k for k, v in message["expected"].items() if v is not None}

    asked = {f.id for u in reading.unclear for f in u.fields}
    assert said - reading.values.keys() <= asked


@EACH
def test_each_value_has_its_reason_in_the_words_of_the_message(message: dict[str, Any]) -> None:
    reading = read(message["text"])

    assert reading.reasons.keys() == reading.values.keys()
    whole = " ".join(clean(message["text"]).split())
    for reason in reading.reasons.values():
        assert all(part in whole for part in reason.replace("; ", " + ").split(" + "))


def test_the_twenty_are_read_wholly() -> None:
    whole = [
        m["id"]
        for m in SHARED
        if all(read(m["text"]).values.get(k) == v for k, v in expected(m).items())
    ]

    assert len(SHARED) == 20
    # The floor is 18; what is read today must not be lost.
    assert len(whole) == 20


def test_most_messages_of_people_who_did_not_know_the_program_are_read_wholly() -> None:
    whole = [
        m["id"]
        for m in OTHERS
        if all(read(m["text"]).values.get(k) == v for k, v in expected(m).items())
    ]

    print(f"\n{len(whole)} trong {len(OTHERS)} tin được hiểu trọn vẹn.")
    assert len(OTHERS) == 360
    assert len(whole) >= 226


def test_no_change_that_keeps_the_meaning_makes_a_figure_wrong_in_silence() -> None:
    chance = random.Random(20200415)
    tried = 0
    silent: list[tuple[str, str, dict[str, Any]]] = []
    often = [(m, EACH_MUTATION) for m in [*SHARED, *HARDER]] + [(m, 1) for m in OTHERS]
    for message, times in often:
        for how, text in mutations(message["text"], chance, times):
            moved = "swapped_lines" in how or "without_courtesy" in how
            if moved and order_matters(message["text"]):
                continue
            tried += 1
            taken = wrong(message, read(text))
            taken.pop("issues", None)
            if taken:
                silent.append((how, text, taken))

    print(f"\nĐã thử {tried} biến thể, {len(silent)} lần sai mà không hỏi lại.")
    assert tried > 10000
    assert silent == []
