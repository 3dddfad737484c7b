"""Messages as hurried people type them: changed without a change of meaning."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator

from bot.core.text import fold

COURTESY = (
    "dạ",
    "em",
    "ạ",
    "hôm nay",
    "kính gửi",
    "các anh chị",
    "nhé",
    "xin",
    "đồng chí",
    "hs",
    "hồ sơ",
)
"""Words without which a report says the same."""

_LETTERS = "abcdeghiklmnopqrstuvxy"
_NEIGHBOURS = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "u": "yi",
    "n": "bm",
    "t": "ry",
    "c": "xv",
}

Mutate = Callable[[str, random.Random], str]


def stripped(said: str, _: random.Random) -> str:
    """Without diacritics."""
    return "".join(
        fold(c).upper() if c.isupper() else fold(c) for c in unicodedata.normalize("NFC", said)
    )


def decomposed(said: str, _: random.Random) -> str:
    return unicodedata.normalize("NFD", said)


def shouted(said: str, _: random.Random) -> str:
    return said.upper()


def whispered(said: str, _: random.Random) -> str:
    return said.lower()


def toneless(said: str, chance: random.Random) -> str:
    """Some words without their tone or hook, as by a keyboard that was switched off and on."""
    words = re.split(r"(\s+)", unicodedata.normalize("NFC", said))
    return "".join(stripped(w, chance) if chance.random() < 0.4 else w for w in words)


def swapped_lines(said: str, chance: random.Random) -> str:
    """Lines of a list in another order; the first is the title."""
    first, *lines = said.split("\n")
    chance.shuffle(lines)
    return "\n".join([first, *lines])


def without_courtesy(said: str, chance: random.Random) -> str:
    """Without one word that says nothing."""
    said = unicodedata.normalize("NFC", said)
    there = [w for w in COURTESY if re.search(rf"(?<!\w){w}(?!\w)", said, re.IGNORECASE)]
    if not there:
        return said
    return re.sub(
        rf"\s*(?<!\w){chance.choice(there)}(?!\w)", "", said, count=1, flags=re.IGNORECASE
    )


def spaced(said: str, chance: random.Random) -> str:
    """With or without spaces beside marks."""
    if chance.random() < 0.5:
        return re.sub(r" ?([:;|]) ?", r"\1 ", said)
    return re.sub(r"([:;|]) ", r"\1", said)


def mistyped(said: str, chance: random.Random) -> str:
    """One letter of one word left out, doubled, mistyped, or in the wrong place."""
    said = unicodedata.normalize("NFC", said)
    words = list(re.finditer(r"[^\W\d_]{4,}", said))
    if not words:
        return said
    word = chance.choice(words)
    at = word.start() + chance.randrange(1, len(word.group()))
    way = chance.randrange(4)
    if way == 0:
        return said[:at] + said[at + 1 :]
    if way == 1:
        return said[:at] + said[at] + said[at:]
    if way == 2:
        near = _NEIGHBOURS.get(fold(said[at]), _LETTERS)
        return said[:at] + chance.choice(near) + said[at + 1 :]
    return said[: at - 1] + said[at] + said[at - 1] + said[at + 1 :]


def mistyped_twice(said: str, chance: random.Random) -> str:
    return mistyped(mistyped(said, chance), chance)


def with_greeting(said: str, chance: random.Random) -> str:
    greeting = chance.choice(
        ["Em chào các anh chị. ", "Kính gửi anh/chị,\n", "Dạ em gửi báo cáo ạ\n", "👋 "]
    )
    return greeting + said


def with_thanks(said: str, chance: random.Random) -> str:
    return said + chance.choice(["\nEm cảm ơn ạ", " Trân trọng.", "\nHết ạ", " 🙏"])


MUTATIONS: tuple[Mutate, ...] = (
    stripped,
    decomposed,
    shouted,
    whispered,
    toneless,
    swapped_lines,
    without_courtesy,
    spaced,
    mistyped,
    mistyped_twice,
    with_greeting,
    with_thanks,
)


def mutations(said: str, chance: random.Random, each: int) -> Iterator[tuple[str, str]]:
    """Yield changed messages with how each was changed: by one mutation, or by two."""
    for first in MUTATIONS:
        for _ in range(each):
            once = first(said, chance)
            yield first.__name__, once
            second = chance.choice(MUTATIONS)
            yield f"{first.__name__}, {second.__name__}", second(once, chance)
