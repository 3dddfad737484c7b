"""Who stands in for somebody on leave: of those who may report for the unit, the one that is meant.

A unit without anybody still owes its report; then the superior must know at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.leave import StandIn
from bot.core.text import fold, one_line


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may report for a unit.

    Attributes:
        reached: they can be written to.
        away: they are on leave themselves on one of the days.
    """

    person_id: int
    name: str
    role: str
    reached: bool = True
    away: bool = False

    @property
    def free(self) -> bool:
        return self.reached and not self.away


class Snag(StrEnum):
    """Why nobody was taken although somebody was named."""

    UNKNOWN = "unknown"  # no such person reports for the unit
    AWAY = "away"  # on leave themselves
    NOT_REACHED = "not_reached"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Arranged:
    """What is arranged for one unit while one of its people is on leave.

    Attributes:
        stand_in: who is asked instead; None when nobody is.
        stays: who goes on being asked when a deputy is away; "" when the leave changes that.
        snag: what must be asked first.
        choices: those of whom one may stand in.
        named: as it was said, when there is a snag.
    """

    stand_in: Colleague | None = None
    stays: str = ""
    snag: Snag | None = None
    choices: tuple[Colleague, ...] = ()
    named: str = ""


def arranged(role: str, stand_in: StandIn, colleagues: Sequence[Colleague]) -> Arranged:
    """Return what follows for a unit from what was said of standing in.

    Args:
        role: of who is on leave: "focal_point" or "deputy".
        colleagues: the others who may report for the unit, oldest duty first.
    """
    free = tuple(c for c in colleagues if c.free)
    stays = [c.name for c in free if c.role == "focal_point"]
    if role == "deputy" and stays and stand_in in (StandIn(), StandIn(nobody=True)):
        return Arranged(stays=stays[0])
    found = meant(stand_in, colleagues)
    named = stand_in.name or (found[0].name if found else "")
    if len(found) == 1:
        only = found[0]
        if only.free:
            return Arranged(only)
        snag = Snag.AWAY if only.away else Snag.NOT_REACHED
        return Arranged(snag=snag, choices=free, named=named)
    if found:
        return Arranged(snag=Snag.SEVERAL, choices=tuple(found), named=stand_in.name)
    if stand_in.name or stand_in.number or stand_in.deputy:
        return Arranged(snag=Snag.UNKNOWN, choices=free, named=named)
    return Arranged()


def default(role: str, colleagues: Sequence[Colleague]) -> Arranged:
    """Return what follows for a unit in which whoever was named holds no duty."""
    return arranged(role, StandIn(nobody=True), colleagues)


def meant(stand_in: StandIn, colleagues: Sequence[Colleague]) -> list[Colleague]:
    """Return the colleagues who may be meant; one is certain, several must be asked.

    Where nobody is named everybody who is free may be, deputies before others.
    """
    if stand_in.number:
        return [c for c in colleagues if c.person_id == stand_in.number]
    if stand_in.name:
        return [c for c in colleagues if _called(c.name, stand_in.name)]
    free = [c for c in colleagues if c.free]
    deputies = [c for c in free if c.role == "deputy"]
    found = deputies or ([] if stand_in.deputy else free)
    # Who says that nobody stands in does not choose: the first one is asked all the same.
    return found[:1] if stand_in.nobody else found


def _called(name: str, said: str) -> bool:
    """Whether somebody of this name may be meant: "chị Hoa" is Nguyễn Thị Hoa.

    Diacritics count where they were typed: Hòa is not Hoa, but "hoa" may be either.
    """
    words, wanted = one_line(name).lower().split(), one_line(said).lower().split()
    if all(w in words for w in wanted):
        return True
    plain = fold(" ".join(wanted)) == " ".join(wanted)
    return plain and all(w in fold(" ".join(words)).split() for w in wanted)
