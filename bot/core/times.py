"""Of which day a message speaks, clause by clause: "hôm qua: trực tuyến 3", "(lũy kế: 40)"."""

from bot.core.clauses import Clause
from bot.core.meaning import terms_in
from bot.core.speech import Sort


class Times:
    """Notes from where on figures are not the day's.

    Attributes:
        elsewhen: whether they are not.
        in_bracket: whether only those in the bracket are not, and the message says so.
        strange: whether that is only feared, since nobody understands the heading.
        both: whether the sentence has spoken of another time before.
        headed: whether a heading says so: "lũy kế tuần: trực tiếp 31, trực tuyến 14".
    """

    def __init__(self) -> None:
        self.elsewhen = self.in_bracket = self.strange = self.both = self.headed = False

    def begin_sentence(self) -> None:
        """Speak of the day again."""
        self.elsewhen = self.in_bracket = self.strange = self.both = self.headed = False

    def look_at(self, clause: Clause, *, first: bool) -> None:
        """Go on with the next clause.

        Args:
            first: nothing was said before it, so that unknown words in front name the unit.
        """
        self.both |= self.elsewhen
        if clause.has(Sort.TODAY):
            self.elsewhen = self.strange = self.headed = False
        if not clause.in_bracket and self.in_bracket:
            self.elsewhen = self.in_bracket = False
        if clause.in_bracket and any(t.sort is Sort.ELSEWHEN for h in clause.heads for t in h):
            self.elsewhen = self.in_bracket = True
        self.headed |= any(t.sort is Sort.ELSEWHEN for h in clause.heads for t in h)
        if self.of_either(clause):
            self.elsewhen = True
        if clause.has(Sort.ELSEWHEN) and not clause.in_bracket:
            named = any(not t.unit for t in terms_in(clause.tokens))
            # In "lũy kế đến nay tếp nận 96 hs" the name is what is not understood.
            self.elsewhen = named or clause.has(Sort.UNKNOWN) or not clause.has(Sort.NUMBER)
        unknown = [h for h in clause.heads if any(t.sort is Sort.UNKNOWN for t in h)]
        if unknown and not first and not any(terms_in(h) for h in unknown):
            self.elsewhen = self.strange = True

    @staticmethod
    def of_either(clause: Clause) -> bool:
        """Whether it may be said of the figure before or behind: "5 (hôm qua) trực tuyến 3"."""
        told = clause.has(Sort.ELSEWHEN) and clause.in_bracket
        return told and not clause.has(Sort.NUMBER)
