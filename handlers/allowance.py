"""What a bot may still carry, where its messages and people are counted.

Below the reserve only digests, papers and answers leave: nobody is asked or reminded, and each
unit is told once a month which other way is open.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import quota_messages
from bot.core.messaging import Channels, Outbound
from bot.core.office import Office
from bot.core.periods import Period
from bot.core.quota import Quota
from handlers.alarm import tell_admins
from handlers.scene import Scene, notice
from storage.office import Reach, current_address
from storage.usage import people_of, usage_of


async def used_up(session: AsyncSession, channels: Channels, now: datetime) -> frozenset[str]:
    """Return the names of the channels by which nobody is asked any more this month."""
    names = []
    for name, quota in _counted(channels):
        usage = await usage_of(session, name, now=now, both_ways=quota.both_ways)
        if usage.below_reserve(quota):
            names.append(name)
    return frozenset(names)


async def warn(session: AsyncSession, channels: Channels, now: datetime) -> None:
    """Tell the admins, once a month, of each bot that is used to 80 % or more."""
    for name, quota in _counted(channels):
        usage = await usage_of(session, name, now=now, both_ways=quota.both_ways)
        for limit in usage.warned(quota):
            says = quota_messages.nearly_used_up(
                channels[name].title, limit, usage.of(limit), quota.of(limit)
            )
            await tell_admins(session, f"quota@{now:%Y-%m}/{name}/{limit}", says, now=now)


def told_another_way(
    office: Office,
    channels: Channels,
    to: Reach,
    unit_name: str,
    period: Period,
    closed: Collection[str],
) -> Iterator[Outbound]:
    """Return what a unit is told, once a month, in place of a prompt or a reminder.

    Args:
        closed: the channels by which nobody is asked.
    """
    open_ways = titles(channels, (n for n in channels if n not in closed))
    says = quota_messages.asked_no_more(unit_name, period, open_ways, office.contact)
    key = f"quota@{period.day:%Y-%m}/{to.unit}"
    yield from notice(key, to.channel, to.chat, says, useful_until=period.cut_off)


async def no_room(
    session: AsyncSession, scene: Scene, channel: str, person: str
) -> list[str] | None:
    """Return by which other bots somebody can join when this one is full; None when it is not.

    Args:
        person: their id on the channel; who is known there already has a place.
    """
    if await current_address(session, channel, person) is not None:
        return None
    room = [
        n for n, quota in _counted(scene.channels) if await people_of(session, n) < quota.people
    ]
    counted = {name for name, _ in _counted(scene.channels)}
    if channel not in counted or channel in room:
        return None
    return titles(scene.channels, room)


def _counted(channels: Channels) -> list[tuple[str, Quota]]:
    found = ((name, channel.abilities.quota) for name, channel in channels.items())
    return [(name, quota) for name, quota in found if quota is not None]


def titles(channels: Channels, names: Iterable[str]) -> list[str]:
    """Return what people call these channels, without those to which nobody can be sent."""
    found = (channels[name] for name in names)
    return list(dict.fromkeys(c.title for c in found if not c.abilities.only_here))
