"""Where a line names the fields of a form: "Trực tiếp 5, trực tuyến 3" names two."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.core.form import Field, Form, Kind
from bot.core.text import fold


@dataclass(frozen=True, slots=True)
class Name:
    """A field's name as found in a line, by its place; several fields when they share it.

    Attributes:
        denied: "không có" stands before it, as in "không có khó khăn gì"; only for remarks.
    """

    fields: tuple[Field, ...]
    start: int
    end: int
    denied: bool = False

    @property
    def kind(self) -> Kind:
        return self.fields[0].kind


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The names of a form's fields, and what finds them in folded text."""

    fields: Mapping[str, tuple[Field, ...]]
    pattern: re.Pattern[str]


def names_in(line: str, form: Form) -> list[Name]:
    """Return the names in a line, in order; the longest wins at each place.

    What belongs to the option of a choice is no name: "Quầy: chỉ trực tuyến" has one.
    """
    vocabulary, folded = _vocabulary(form), fold(line)
    names: list[Name] = []
    until = 0
    for found in vocabulary.pattern.finditer(folded):
        if found.start("name") < until:
            continue
        fields = vocabulary.fields[" ".join(re.split(r"[\s:]+", found["name"]))]
        denied = found["no"] is not None and fields[0].kind is Kind.TEXT
        start = found.start() if denied else found.start("name")
        names.append(Name(fields, start, found.end(), denied))
        until = _option_end(fields[0], folded, found.end())
    return names


@lru_cache(maxsize=8)
def _vocabulary(form: Form) -> _Vocabulary:
    fields: dict[str, tuple[Field, ...]] = {}
    for asked in form.fields:
        for word in asked.words:
            fields[word] = (*fields.get(word, ()), asked)
    longest_first = sorted(fields, key=len, reverse=True)
    # A colon may stand inside a name: "Tiếp nhận: trực tiếp 5".
    names = "|".join(r"[\s:]+".join(map(re.escape, word.split())) for word in longest_first)
    negation = r"(?P<no>(?:khong|ko|k|chua) (?:co )?)?"
    return _Vocabulary(fields, re.compile(rf"(?<!\w){negation}(?P<name>{names})(?!\w)"))


def _option_end(asked: Field, folded: str, at: int) -> int:
    """Return where the option said behind a choice's name ends."""
    if asked.kind is not Kind.CHOICE:
        return at
    start = len(folded) - len(folded[at:].lstrip(" :=-–—"))
    said = [w for o in asked.options for w in o.words if folded.startswith(w, start)]
    return start + max(map(len, said), default=0)
