"""Odd figures that a unit answered for, as they are shown wherever the figures are."""

import re
from dataclasses import dataclass

from bot.core import text
from bot.core.form import Answers, Form

CONFIRMED = "xác nhận"
_SAID_FIRST = re.compile(
    r"\s*(?:vì|vi|do|l[ýíyi] do|giải thích|giai thich|giải trình|giai trinh)\s*:?\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A doubt about the figures of a report, with its answer.

    Attributes:
        fields: ids of the fields that it is about; of reports of old they are not known.
        says: the sentence that was asked, with the figures.
        answer: what the person wrote, or `CONFIRMED` when only that the figures are right.
    """

    fields: tuple[str, ...]
    says: str
    answer: str

    @property
    def explained(self) -> bool:
        """Whether the person said why."""
        return self.answer != CONFIRMED

    @property
    def reason(self) -> str:
        """The answer as it may be posted: one line, phone numbers masked, without "vì" before it.

        "" for figures that were only confirmed.
        """
        if not self.explained:
            return ""
        said = text.mask_phones(text.one_line(self.answer))
        return _SAID_FIRST.sub("", said, count=1).rstrip(" .;,/")

    def short(self, form: Form, answers: Answers) -> str:
        """Return the doubt in few words: the figure, or how far several do not fit."""
        if len(self.fields) == 1 and self.fields[0] in answers:
            field = form.field(self.fields[0])
            return f"{field.label} {field.shown(answers[field.id])}"
        return self.says.partition(":")[0].rstrip(".")
