"""/tonghop: the digest of a day, or one section of it in full."""

import re
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import oversight_messages
from bot.core.digest import Section, digest_text, section_text
from bot.core.messages import Says
from bot.core.text import fold
from handlers.editions import digest_of_day
from handlers.scene import Scene, answer
from handlers.scope import scope_of

_DAY = re.compile(r"(?:ngay )?(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_SECTIONS = {s.value: s for s in Section}


async def show_digest(session: AsyncSession, scene: Scene) -> None:
    """Answer "/tonghop", "/tonghop 15/4" or "/tonghop quahan 15/4" from the newest edition."""
    section, words = _section(scene.argument)
    today = scene.now.date()
    day = _past_day(words, today) if words else await _newest_day(session, scene, today)
    if day is None:
        await answer(session, scene, oversight_messages.not_a_day(words))
        return
    await answer(session, scene, await _says(session, scene, day, section))


async def _says(session: AsyncSession, scene: Scene, day: date, section: Section | None) -> Says:
    scope = await scope_of(session, scene)
    digest = await digest_of_day(session, scene.office, day, scope)
    if digest is None:
        posted_at = scene.office.times.digest_at if day == scene.now.date() else None
        return oversight_messages.no_digest_yet(day, posted_at)
    return Says(section_text(digest, section) if section else digest_text(digest))


def _section(argument: str) -> tuple[Section | None, str]:
    """Return the section that the first word names, if it names one, and the rest."""
    first, _, rest = argument.strip().partition(" ")
    section = _SECTIONS.get(fold(first))
    return (section, rest.strip()) if section else (None, argument.strip())


def _past_day(words: str, today: date) -> date | None:
    """Return the day that "15/4" or "15/4/2020" means; without a year the last such day."""
    found = _DAY.fullmatch(fold(words))
    if not found:
        return None
    day, month, year = (int(n) if n else None for n in found.groups())
    try:
        meant = date(year or today.year, month or 0, day or 0)
        return meant.replace(year=meant.year - 1) if meant > today and not year else meant
    except ValueError:
        return None


async def _newest_day(session: AsyncSession, scene: Scene, today: date) -> date:
    """Return today when it has a digest already, else the reporting day before."""
    scope = await scope_of(session, scene)
    if await digest_of_day(session, scene.office, today, scope):
        return today
    return scene.office.calendar.previous_reporting_day(today)
