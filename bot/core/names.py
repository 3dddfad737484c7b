"""Where a line names the fields of a form: "Trực tiếp 5, trực tuyến 3" names two."""

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

    What belongs to the option of a choice is no name: "Quầy: chỉ trực tuyến" has one. Nor is what
    stands in the midst of a bracket: "Trực tiếp 5 (trong đó 2 trực tuyến)" has one as well.
    """
    names = _found_in(line, form)
    starts = [name.start for name in names]
    return [name for name in names if not _within_bracket(line, name.start, starts)]


def _within_bracket(line: str, at: int, starts: Sequence[int]) -> bool:
    """Whether a name stands in a bracket that a name precedes and that no name begins.

    Args:
        at: where the name stands.
        starts: where all names of the line stand, in order.
    """
    opens = line.rfind("(", 0, at)
    if opens < starts[0] or line.find(")", opens) < at:
        return False
    first_inside = starts[bisect(starts, opens)]
    return bool(line[opens + 1 : first_inside].strip())


def _found_in(line: str, form: Form) -> list[Name]:
    vocabulary, folded = _vocabulary(form), fold(line)
    names: list[Name] = []
    until = 0
    for found in vocabulary.pattern.finditer(folded):
        if found.start("name") < until:
            continue
        fields = vocabulary.fields[" ".join(re.split(r"[\s:]+", found["name"]))]
        start = found.start("name")
        if names and _narrows(names[-1], fields, folded[names[-1].end : start]):
            names[-1] = replace(names[-1], fields=fields, end=found.end())
            continue
        denied = found["no"] is not None and fields[0].kind is Kind.TEXT
        names.append(Name(fields, found.start() if denied else start, found.end(), denied))
        until = _option_end(fields[0], folded, found.end())
    return names


def _narrows(shared: Name, fields: Sequence[Field], between: str) -> bool:
    """Whether a name tells which field the shared one before it means: "Hồ sơ nhận: trực tiếp"."""
    return not between.strip(" :") and set(fields) < set(shared.fields)


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
