"""How long it takes to understand a report that somebody wrote in their own way.

Measured in processor time, on the messages of the tests and on the same ones with slips of the
keyboard, which are the slow ones: each unknown word is compared with the known ones.

Run: python -m benchmarks.understanding [--rounds N]
"""

import argparse
import json
import random
import statistics
import time
from datetime import date
from pathlib import Path

from bot.core.form import Form
from bot.core.parsing import read_message
from bot.core.text import clean
from bot.core.tokens import tokens_of
from bot.profile import read_form

MOST_MS = 5.0
_TESTS = Path(__file__).parents[1] / "tests/core"
_FILES = ("free-text-reports.jsonl", "harder-reports.jsonl")
_DAY = date(2020, 4, 15)


def messages() -> list[str]:
    """Return the messages of the tests."""
    lines = (line for f in _FILES for line in (_TESTS / f).read_text(encoding="utf-8").splitlines())
    return [json.loads(line)["text"] for line in lines]


def with_slips(said: str, chance: random.Random) -> str:
    """Return a message in which some words lack a letter."""
    words = said.split(" ")
    for at in chance.sample(range(len(words)), k=len(words) // 8):
        words[at] = words[at][:1] + words[at][2:]
    return " ".join(words)


def milliseconds(said: str, form: Form, rounds: int) -> float:
    """Return the processor time of reading one message, the median of some rounds."""
    every_day = [f for f in form.fields if f.required and f.when is None]
    took = []
    for _ in range(rounds):
        tokens_of.cache_clear()
        begin = time.process_time()
        read_message(clean(said), form=form, blanks=every_day, day=_DAY)
        took.append((time.process_time() - begin) * 1000)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    form, chance = read_form("daily_one_stop"), random.Random(2020)
    said = messages()
    milliseconds(said[0], form, rounds)  # the words of the form are gathered once
    _tell("as written", [milliseconds(s, form, rounds) for s in said])
    _tell("with slips", [milliseconds(with_slips(s, chance), form, rounds) for s in said])
    short = milliseconds(said[1], form, rounds)
    long = milliseconds("\n".join([said[1]] * 8), form, rounds)
    print(f"a message 8 times as long takes {long / short:.1f} times as long")


def _tell(name: str, took: list[float]) -> None:
    mean = statistics.mean(took)
    held = "within" if mean < MOST_MS else "over"
    of_each = f"mean {mean:.1f} ms, worst {max(took):.1f} ms"
    print(f"{name}: {len(took)} messages, {of_each} ({held} {MOST_MS} ms)")


if __name__ == "__main__":
    main()
