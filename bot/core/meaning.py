"""Which figure of a form the words around a number mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.claims import IN_TIME
from bot.core.form import Form
from bot.core.lexicon import Meaning
from bot.core.speech import Sort
from bot.core.tokens import Token


@dataclass(frozen=True, slots=True)
class Context:
    """What was spoken of before.

    Attributes:
        scope: the fields that a heading named; empty when there is none.
        topic: of the last figure.
    """

    scope: frozenset[str] = frozenset()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a figure may be.

    Attributes:
        fields: none when the words contradict each other, or when there are none.
        part: as in `form.Term`.
        said: whether words of the clause itself say something, besides what is counted.
        in_scope: whether the heading is still spoken of.
    """

    fields: frozenset[str]
    part: str = ""
    said: bool = False
    in_scope: bool = False


def terms_in(words: Iterable[Token]) -> list[Meaning]:
    """Return the meanings of the words that speak of figures."""
    return [t.meaning for t in words if t.sort is Sort.TERM and t.meaning is not None]


def meant(form: Form, words: Sequence[Token], context: Context) -> Meant:
    """Return what a figure among these words may be.

    Each word narrows what the others leave open; a heading and what was spoken of before narrow
    the rest.
    """
    terms = terms_in(words)
    own = [t for t in terms if not t.unit and not t.weak] or [
        t for t in terms if t.weak and not t.unit
    ]
    fields = _common([*own, *(t for t in terms if t.unit)])
    if own and not fields:
        return Meant(frozenset(), said=True)
    part = next((t.part for t in own if t.part), "")
    left = _common([t for t in terms if t.weak])
    if part == IN_TIME and fields & left:
        # "còn 49 hồ sơ trong hạn"
        fields &= left
    scoped = fields & context.scope if fields else context.scope
    in_scope = bool(scoped) and bool(context.scope)
    if in_scope:
        fields = scoped
    fields = _narrowed(form, fields, words, context.topic)
    if part == IN_TIME and not any(form.field(f).whole for f in fields):
        part = ""
    # "trực 4 đ/c, tổng số 9 đ/c"
    total = any(token.sort is Sort.TOTAL for token in words) and bool(terms)
    whole = total and len(fields) == 1 and form.field(min(fields)).topic == context.topic
    return Meant(fields, part, said=bool(own) or whole, in_scope=in_scope)


def _common(terms: Sequence[Meaning]) -> frozenset[str]:
    if not terms:
        return frozenset()
    return frozenset.intersection(*(t.fields for t in terms))


def _narrowed(
    form: Form, fields: frozenset[str], words: Sequence[Token], topic: str
) -> frozenset[str]:
    """Leave out what would need a word of its own, and what was not spoken of."""
    within = {f: form.field(f).within for f in fields}
    if any(token.sort is Sort.TOTAL for token in words):
        tops = {f for f in fields if f in within.values()}
        fields = frozenset(f for f in tops if within[f] not in tops) or fields
    unmarked = frozenset(f for f in fields if not form.field(f).marked)
    if not any(term.either for term in terms_in(words)):
        fields = unmarked or fields
    spoken_of = frozenset(f for f in fields if form.field(f).topic == topic)
    if len(fields) > 1 and spoken_of:
        fields = spoken_of
    wholes = {f for f in fields if form.field(f).whole}
    return frozenset(f for f in fields if form.field(f).within not in wholes)
