"""Who is asked for a unit on a day: not who is on leave, but who stands in for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import leave_messages
from bot.core.messages import Says
from storage.conversations import REPORTERS
from storage.leave import Away, leaves_between
from storage.office import Reach


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who reports today, by unit.

    Attributes:
        people: those who are asked, the first before the others; a unit without any is left out.
        for_whom: for a unit whose first one stands in, the leave because of which they do.
    """

    people: Mapping[str, Sequence[Reach]]
    for_whom: Mapping[str, Away]

    def told_why(self, to: Reach, says: Says) -> Says:
        """Return what is said to somebody, with the reason when they stand in."""
        leave = self.for_whom.get(to.unit)
        if leave is None or leave.stand_in_id not in (None, to.person_id):
            return says
        return leave_messages.with_reason(says, leave.person, leave.until)


async def on_duty(session: AsyncSession, people: Iterable[Reach], day: date) -> OnDuty:
    """Return who of these people is asked on a day."""
    reached = by_unit(people)
    away: dict[str, list[Away]] = {}
    for leave in await leaves_between(session, day, day):
        away.setdefault(leave.unit, []).append(leave)
    present = {unit: _in_turn(reaches, away.get(unit, ())) for unit, reaches in reached.items()}
    first = {unit: reaches[0] for unit, reaches in present.items() if reaches}
    why = {unit: _reason(reached[unit], to, away.get(unit, ())) for unit, to in first.items()}
    return OnDuty(
        people={unit: reaches for unit, reaches in present.items() if reaches},
        for_whom={unit: leave for unit, leave in why.items() if leave is not None},
    )


def by_unit(people: Iterable[Reach]) -> dict[str, list[Reach]]:
    """Return the people of each unit, main focal points before deputies."""
    found: dict[str, list[Reach]] = {}
    for reach in people:
        found.setdefault(reach.unit, []).append(reach)
    for reaches in found.values():
        reaches.sort(key=lambda r: REPORTERS.index(r.role))
    return found


def _in_turn(people: Sequence[Reach], away: Sequence[Away]) -> list[Reach]:
    """Leave out who is away; who stands in for the one who would be asked comes first."""
    absent = {leave.person_id for leave in away}
    present = [r for r in people if r.person_id not in absent]
    if people and people[0].person_id not in absent:
        return present
    stand_ins = {leave.stand_in_id for leave in away}
    return sorted(present, key=lambda r: r.person_id not in stand_ins)


def _reason(people: Sequence[Reach], to: Reach, away: Sequence[Away]) -> Away | None:
    """Return the leave because of which this person is asked; None when they always are."""
    named = [leave for leave in away if leave.stand_in_id == to.person_id]
    instead_of = [leave for leave in away if leave.person_id == people[0].person_id]
    if to.person_id == people[0].person_id and to.role == REPORTERS[0] and not named:
        return None
    return next(iter((*named, *instead_of)), None)
