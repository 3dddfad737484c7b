"""The words of a form and of every report, found in a message whole or misspelled."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.core.form import Field, Form, Kind
from bot.core.numerals import NUMBER_WORDS
from bot.core.speech import Sort, words_by_sort
from bot.core.text import fold

LONGEST = 9  # words of a phrase
_RAW = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+|\S|\t")
_SHORTEST_MISSPELLED = 3
_NUMBERS = frozenset(fold(word) for word in NUMBER_WORDS)
_SHORTEST_ALONE = 6
_SHORTEST_JOINED = 7


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase may be.

    Attributes:
        sorts: more than one where the neighbours decide, as of "ngày".
        fields: of a term, ids of the fields that it may speak of.
        part, weak, unit, either: as in `form.Term`.
        answers: of a label, its field; of an option, the field of the choice.
        option: id of the option.
        sure: of an option, whether it says so even in the midst of unknown words: "mở cửa".
    """

    sorts: frozenset[Sort]
    fields: frozenset[str] = frozenset()
    part: str = ""
    weak: bool = False
    unit: bool = False
    either: bool = False
    answers: Field | None = None
    option: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """All phrases by their folded words, each with its spellings and what they mean."""

    phrases: Mapping[tuple[str, ...], Sequence[tuple[str, Meaning]]]
    words: frozenset[str]
    shortened: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def at(
        self, said: Sequence[str], start: int, typed: Sequence[str] = ()
    ) -> tuple[Meaning, int] | None:
        """Return the longest phrase that begins at a word, and how many words it has.

        Args:
            typed: the words with their diacritics; a single word must not contradict them, since
                "Đống" in a name is not "đóng".
        """
        most = min(LONGEST, len(said) - start)
        unknown = [n for n in range(most) if said[start + n] not in self.words]
        for length in range(most, 0, -1):
            wrong = [n for n in unknown if n < length]
            if len(wrong) > 1:
                continue
            phrase = tuple(said[start : start + length])
            spelled = typed[start : start + length]
            found = (
                self._misspelled(phrase, spelled, wrong[0])
                if wrong
                else self._whole(phrase, spelled)
            )
            if found is not None:
                return found, length
        return None

    def _whole(self, phrase: tuple[str, ...], typed: Sequence[str] = ()) -> Meaning | None:
        """Return what a phrase means; a word, or a state, must be spelled as typed."""
        meant = []
        for word, meaning in self.phrases.get(phrase, ()):
            strict = typed and (len(phrase) == 1 or meaning.option)
            if not strict or _all_may_be(typed, word):
                meant.append(meaning)
        return _merged(meant) if meant else None

    def spells(self, typed: str) -> bool:
        """Return whether a word is a phrase exactly as it is typed, with these diacritics."""
        known = self.phrases.get((fold(typed),), ())
        return any(word == typed for word, _ in known)

    def _misspelled(self, phrase: tuple[str, ...], typed: Sequence[str], at: int) -> Meaning | None:
        """Return the phrase that was meant when one of its words, and no other, is no word.

        The diacritics of its other words must not contradict it: "Đồng Xuâ" is not "đóng cửa".
        """
        if not phrase[at].isalpha() or _nearly_number(phrase[at]):
            return None
        before, behind = phrase[:at], phrase[at + 1 :]
        near = self.near(phrase[at])
        if len(phrase) == 1:
            near = [word for word in near if len(word) >= _SHORTEST_ALONE]
        meant = {self._nearly((*before, word, *behind), typed, at) for word in near}
        found = [m for m in meant if m is not None and m.sorts & _CORRECTED]
        return found[0] if len(found) == 1 else None

    def _nearly(self, phrase: tuple[str, ...], typed: Sequence[str], wrong: int) -> Meaning | None:
        """Return what a phrase means whose words, but for the wrong one, may be the typed ones."""
        meant = [
            meaning
            for word, meaning in self.phrases.get(phrase, ())
            # "số đng của xã" is not "đóng cửa".
            if _all_may_be(typed, word, but=wrong, exact=bool(meaning.option))
        ]
        return _merged(meant) if meant else None

    def near(self, word: str) -> list[str]:
        """Return the known words that differ from a word by one letter, or by two that changed
        places."""
        if len(word) < _SHORTEST_MISSPELLED:
            return []
        maybe = {known for form in _shortened(word) for known in self.shortened.get(form, ())}
        return [known for known in maybe if one_slip(word, known)]


# How the words sound in the north, and are written there.
_AS_HEARD = (("trực", "chực"), ("xử", "sử"), ("trễ", "chễ"))
_NGA = "\N{COMBINING TILDE}"
_CORRECTED = frozenset(
    {Sort.TERM, Sort.LABEL, Sort.OPTION, Sort.RECTIFY, Sort.ASTRAY, Sort.ELSEWHEN}
)


_VOWEL = re.compile(r"(?<=^[hklmtsv])y$|(?<=^qu)y$")


def one_vowel(word: str) -> str:
    """Return a folded word with "i" for the "y" that people write as they like: "xử lí"."""
    return _VOWEL.sub("i", word)


def raw_words(folded: str) -> list[re.Match[str]]:
    """Return the numbers, words and marks of a folded text, by their places."""
    return list(_RAW.finditer(folded))


@lru_cache(maxsize=8)
def lexicon_of(form: Form) -> Lexicon:
    """Return the words that a message about the form is made of."""
    phrases: dict[tuple[str, ...], list[tuple[str, Meaning]]] = {}
    for word, meaning in _form_words(form):
        _add(phrases, word, meaning)
        for written, heard in _AS_HEARD:
            if written in word.split():
                _add(phrases, word.replace(written, heard), meaning)
        joined = word.replace(" ", "")
        if meaning.sorts == {Sort.TERM} and " " in word and len(joined) >= _SHORTEST_JOINED:
            _add(phrases, joined, meaning)
    for sort, words in words_by_sort().items():
        for word in words:
            for spelled in _spellings(word):
                _add(phrases, spelled, Meaning(frozenset({sort})))
    known = frozenset(word for phrase in phrases for word in phrase)
    return Lexicon(phrases, known, _by_shortened(known))


def _spellings(word: str) -> Iterator[str]:
    """Yield a phrase, and as it is typed in haste: "ko biết", "k biết"."""
    yield word
    if word.startswith("không "):
        yield from (
            f"{short} {word.removeprefix('không ')}" for short in ("ko", "k", "hok", "hông")
        )


def _by_shortened(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the words by their forms without one letter, in which near words agree."""
    found: dict[str, list[str]] = {}
    for word in words:
        if word.isalpha() and len(word) >= _SHORTEST_MISSPELLED:
            for form in _shortened(word):
                found.setdefault(form, []).append(word)
    return {form: tuple(meant) for form, meant in found.items()}


def _shortened(word: str) -> set[str]:
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


def _form_words(form: Form) -> Iterator[tuple[str, Meaning]]:
    for asked in form.fields:
        counted = asked.kind is Kind.COUNT
        figure = Meaning(frozenset({Sort.TERM}), frozenset({asked.id}))
        label = Meaning(frozenset({Sort.LABEL}), answers=asked)
        yield from ((word, figure if counted else label) for word in asked.words)
        if asked.kind is Kind.CHOICE:
            yield from _options(asked)
    for term in form.terms:
        meaning = Meaning(
            frozenset({Sort.TERM}),
            frozenset(term.means),
            term.part,
            term.weak,
            term.unit,
            term.either,
        )
        yield from ((word, meaning) for word in term.words)


def _options(asked: Field) -> Iterator[tuple[str, Meaning]]:
    for option in asked.options:
        yield from ((word, _option(asked, option.id, word)) for word in option.words)


_ACTS = re.compile(
    r"(?<!\w)(?:mo|dong|cua|tam|dung|nghi|giam|ngung|phong toa|chi|rut|bot|tiep dan|cat|cach)(?!\w)"
)


def _option(asked: Field, option: str, word: str) -> Meaning:
    """Return an option; one that says little, as "bình thường", may be said of anything."""
    # What is not accepted any more may follow: "tạm dừng tiếp nhận trực tiếp".
    whole = not word.endswith(("tiếp nhận", "dừng", "quầy"))
    sure = whole and " " in word and bool(_ACTS.search(fold(word)))
    return Meaning(frozenset({Sort.OPTION}), answers=asked, option=option, sure=sure)


def _add(
    phrases: dict[tuple[str, ...], list[tuple[str, Meaning]]], word: str, meaning: Meaning
) -> None:
    phrase = tuple(one_vowel(found.group()) for found in raw_words(fold(word)))
    phrases.setdefault(phrase, []).append((word.lower(), meaning))


def _merged(meant: Sequence[Meaning]) -> Meaning:
    """Return what a phrase means that is several at once."""
    if len(meant) == 1:
        return meant[0]
    first = meant[0]
    return replace(
        first,
        sorts=frozenset().union(*(m.sorts for m in meant)),
        fields=frozenset().union(*(m.fields for m in meant)),
        part=next((m.part for m in meant if m.part), ""),
        answers=next((m.answers for m in meant if m.answers), None),
        option=next((m.option for m in meant if m.option), ""),
    )


@lru_cache(maxsize=4096)
def _nearly_number(word: str) -> bool:
    """Whether a word may be one of a number: "nhận mưòi chín" is not "nhận mới"."""
    return word in _NUMBERS or any(one_slip(word, number) for number in _NUMBERS)


def _all_may_be(
    typed: Sequence[str], phrase: str, but: int | None = None, *, exact: bool = False
) -> bool:
    """Whether typed words may be those of a phrase, but for one.

    Args:
        exact: with all of their diacritics, or none.
    """
    words = [found.group() for found in raw_words(phrase)]
    pairs = enumerate(zip(typed, words, strict=False))
    return len(words) != len(typed) or all(
        n == but or (_may_be(t, w) and not (exact and _marks(t) and t != w)) for n, (t, w) in pairs
    )


@lru_cache(maxsize=4096)
def _may_be(typed: str, word: str) -> bool:
    """Whether a typed word has no diacritics that the word lacks: "trưc" may be "trực"."""
    return _marks(typed) <= _marks(word)


def _marks(word: str) -> frozenset[str]:
    # Many people write one of the tones "hỏi" and "ngã" for the other.
    plain = unicodedata.normalize("NFD", word).replace("\N{COMBINING HOOK ABOVE}", _NGA)
    return frozenset(c for c in plain if unicodedata.combining(c) or c == "đ")


def one_slip(word: str, other: str) -> bool:
    """Whether one letter was left out, added or mistyped, or two neighbours changed places."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    short, long = sorted((word, other), key=len)
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = long[:at] + long[at + 1 : at + 2] + long[at : at + 1] + long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or short == swapped
