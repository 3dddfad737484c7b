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
    """A unit and all below it; the root's is everything."""

    unit: str
    everything: bool

    def of(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return the entries within the scope."""
        if self.everything:
            return tuple(entries)
        return tuple(e for e in entries if self.unit in (e.unit, e.parent))


async def scope_of(session: AsyncSession, scene: Scene) -> Scope:
    """Return what the person, or everybody in the group, may see."""
    root = scene.office.root
    if scene.case.group_unit is not None:
        unit = await session.get_one(Unit, scene.case.group_unit)
        return Scope(unit.code, unit.code == root)
    codes = [d.code for d in scene.case.duties if d.role in READERS]
    return Scope(root if root in codes else codes[0], root in codes)
