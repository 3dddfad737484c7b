"""Which units somebody may see: those of the group, or of the duty they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.rollup import Entry
from handlers.scene import Scene
from storage.tables import Unit

READERS = ("coordinator", "committee", "office", "admin")
"""Roles that may see other units' reports: those of their unit and below."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Some units and all directly below them; the root's is everything."""

    units: tuple[str, ...]
    everything: bool

    def of(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return the entries within the scope."""
        return tuple(e for e in entries if self.holds(e.unit, e.parent))

    def holds(self, unit: str, parent: str | None) -> bool:
        """Whether a unit is within the scope."""
        return self.everything or unit in self.units or parent in self.units


def scope_over(root: str, *units: str) -> Scope:
    """Return the scope of somebody, or of a group, with a duty for these units."""
    return Scope(units, everything=root in units)


async def scope_of(session: AsyncSession, scene: Scene) -> Scope:
    """Return what the person, or everybody in the group, may see."""
    root = scene.office.root
    if scene.case.group_unit is not None:
        unit = await session.get_one(Unit, scene.case.group_unit)
        return scope_over(root, unit.code)
    return scope_over(root, *(d.code for d in scene.case.duties if d.role in READERS))
