"""What is usual for one unit, from its own last reports: a figure far from it is doubted.

A day's count has two kinds of noise: chance (a count of 9 is 9 ± 3) and busier or quieter days
(Mondays, days after a holiday), which shift it by a share of itself. On the scale of `_steady` both
together have a standard deviation of about 1, whatever the size of the unit, so that one limit fits
a commune with 4 dossiers a day and the province's centre with 1,200.

Source: B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers", 1993 (the modified z-score
0.6745 (x - median) / MAD, doubted beyond 3.5); F. Anscombe, "The transformation of Poisson,
binomial and negative-binomial data", Biometrika 35, 1948 (the scale).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LEAST_REPORTS = 3
"""Of fewer there is no figure between the smallest and the largest."""

_PER_MAD = 1 / 0.6745
_OWN_NOISE = 2.0  # how far a day may lie from a level that was confirmed: 19 of 20 do


@dataclass(frozen=True, slots=True)
class History:
    """How a form judges figures by a unit's own reports; every number stands in the form's file.

    Attributes:
        fields: ids of the count fields that are judged.
        reports: how many of the newest reports are looked at.
        least: with fewer reports than this nothing is usual yet; at least `LEAST_REPORTS`.
        small: a figure is not doubted while neither it nor the usual one reaches this.
        noise: by what share of itself a day's figure differs from another's without any reason.
        limit: the modified z-score beyond which a figure is doubted.
    """

    fields: tuple[str, ...]
    reports: int
    least: int
    small: int
    noise: float
    limit: float


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for one field of one unit.

    Attributes:
        low, high: the bounds within which nothing is doubted, inclusive.
        least, most: between which the figure mostly lay, to be told to people.
        reports: from how many reports this is known.
    """

    low: int
    high: int
    least: int
    most: int
    reports: int

    def doubts(self, figure: int) -> bool:
        """Whether the figure is odd; 0 never is, since that nothing arose is no slip."""
        return figure != 0 and not self.low <= figure <= self.high


def usual_of(figures: Sequence[int], confirmed: Sequence[int], history: History) -> Usual | None:
    """Return what is usual for a field; None when too few reports are known.

    What was reached on two days is usual, however far it lies: a weekly rush is no slip. A single
    day may be one that nobody noticed, and proves nothing.

    Args:
        figures: of the unit's last reports, in any order.
        confirmed: those of them that were doubted and then confirmed or explained; a level that
            was answered for once is not asked about again.
    """
    if len(figures) < history.least:
        return None
    ordered = sorted(figures)
    least, most = ordered[1], ordered[-2]
    middle, spread = _centre(ordered, history.noise)
    reach = history.limit * spread
    low = min(least, _figure(middle - reach, history.noise))
    high = max(most, _figure(middle + reach, history.noise), history.small - 1)
    if _middle(ordered) < history.small:
        low = 0  # its smallest figures are too small to be doubted
    for figure in confirmed:
        level = _steady(figure, history.noise)
        low = min(low, _figure(level - _OWN_NOISE, history.noise))
        high = max(high, _figure(level + _OWN_NOISE, history.noise))
    return Usual(low, high, least, most, len(ordered))


def _centre(ordered: Sequence[int], noise: float) -> tuple[float, float]:
    """Return the median and the robust spread on the steady scale, of figures in order.

    The spread is never below 1, the noise of any unit: few reports are often alike by chance.
    """
    steady = [_steady(f, noise) for f in ordered]
    middle = _middle(steady)
    return middle, max(1.0, _PER_MAD * _middle(sorted([abs(s - middle) for s in steady])))


def _middle(ordered: Sequence[float]) -> float:
    """Return the median of values in order; one is asked for in each field of each report."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@lru_cache(maxsize=4096)
def _steady(figure: int, noise: float) -> float:
    """Return the figure on a scale on which its noise is about 1 for small and for large ones."""
    return 2 / noise * math.asinh(noise * math.sqrt(figure))


def _figure(steady: float, noise: float) -> int:
    """Return the figure at a place of the steady scale."""
    return round((math.sinh(max(0.0, steady) * noise / 2) / noise) ** 2)
