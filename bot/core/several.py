"""A message of somebody who reports for several units: a part for each, headed by its name."""

import re
from collections.abc import Sequence

from bot.core.text import fold

_KIND = "|".join(
    [
        "ubnd",
        "bpmc",
        "bo phan (?:mot|1) cua",
        "xa",
        "phuong",
        "p",
        "thi tran",
        "tt",
        "huyen",
        "h",
        "thanh pho",
        "tp",
        "thi xa",
        "tx",
        "so",
        "tinh",
    ]
)
_KINDS = re.compile(rf"(?:(?:{_KIND})\b[. ]*)*")
_AHEAD = r"[^\w]*(?:[0-9]{1,2} ?[.)/] *)?"


def parted(said: str, units: Sequence[str]) -> list[tuple[int, str]]:
    """Return the parts of a message, each with the number of the unit that its first line names.

    None but the units given are known, by their whole names or without the kind of office: "Tích
    Sơn: trực 2/5". There are parts only when each unit is named once and no figure stands before
    the first; else nobody could know whose figures they are.

    Args:
        said: a cleaned message.
        units: official names.
    """
    heads = [_heading(line, units) for line in said.split("\n")]
    named = [head[0] for head in heads if head is not None]
    if not named or len({*named}) < len(named) or _says_figures_before(said, heads):
        return []
    parts: list[tuple[int, list[str]]] = []
    for line, head in zip(said.split("\n"), heads, strict=True):
        if head is not None:
            parts.append((head[0], [line[head[1] :]]))
        elif parts:
            parts[-1][1].append(line)
    return [(unit, "\n".join(lines).strip()) for unit, lines in parts]


def _says_figures_before(said: str, heads: Sequence[object]) -> bool:
    first = next(n for n, head in enumerate(heads) if head is not None)
    return any(any(map(str.isdigit, line)) for line in said.split("\n")[:first])


def _heading(line: str, units: Sequence[str]) -> tuple[int, int] | None:
    """Return which unit a line begins with, and where what it says begins; None for no unit."""
    folded = fold(line)
    found = [
        (n, match.end()) for n, name in enumerate(units) if (match := _names(name).match(folded))
    ]
    return found[0] if len(found) == 1 else None


def _names(unit: str) -> re.Pattern[str]:
    name = fold(unit)
    short = name[match.end() :] if (match := _KINDS.match(name)) else name
    return re.compile(rf"{_AHEAD}{_KINDS.pattern}{re.escape(short)}(?!\w)(?: *[:.,;–-]| *$)? *")
