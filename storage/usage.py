"""How much of a messenger's plan a bot has used (bot/core/quota.py). It changes nothing."""

from datetime import datetime

from sqlalchemy import Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messaging import Fate
from bot.core.quota import Usage, month_of
from storage.tables import Address, GroupChat, InboxUpdate, OutboxMessage, columns, literally

Reading = AsyncSession | AsyncConnection

_address, _group = columns(Address), columns(GroupChat)
_inbox, _outbox = columns(InboxUpdate), columns(OutboxMessage)
# Literally the condition of ix_outbox_sent: with parameters in its place the index is not used.
_LEFT = _outbox.fate.in_((literally(Fate.SENT), literally(Fate.UNKNOWN)))


async def used(
    reading: Reading, channel: str, *, since: datetime, until: datetime, both_ways: bool
) -> int:
    """Return the messages of a channel with since <= time < until.

    One of unknown fate may have arrived, and counts. What is shown in passing to who taps is no
    message.

    Args:
        both_ways: updates that came in count as well.
    """
    sent = select(func.count()).where(
        _outbox.channel == channel,
        _outbox.settled_at >= since,
        _outbox.settled_at < until,
        _outbox.passing == false(),
        _LEFT,
    )
    count = await _number(reading, sent)
    if not both_ways:
        return count
    heard = select(func.count()).where(
        _inbox.channel == channel, _inbox.received_at >= since, _inbox.received_at < until
    )
    return count + await _number(reading, heard)


async def people_of(reading: Reading, channel: str) -> int:
    """Return how many people have an address on a channel now.

    Who blocked the bot is among them: nothing says that the messenger gives their place to another.
    """
    current = select(func.count()).where(
        _address.channel == channel, _address.valid_until.is_(None)
    )
    return await _number(reading, current)


async def groups_of(reading: Reading, channel: str) -> int:
    """Return in how many bound groups of a channel the bot is; where a person posts it is not."""
    current = select(func.count()).where(
        _group.channel == channel,
        _group.valid_until.is_(None),
        _group.gone_since.is_(None),
        _group.by_hand == false(),
    )
    return await _number(reading, current)


async def usage_of(reading: Reading, channel: str, *, now: datetime, both_ways: bool) -> Usage:
    """Return what a channel has carried in this month so far.

    Args:
        now: aware, in the office's zone.
    """
    since, until = month_of(now)
    return Usage(
        messages=await used(reading, channel, since=since, until=until, both_ways=both_ways),
        people=await people_of(reading, channel),
        groups=await groups_of(reading, channel),
    )


async def last_heard(reading: Reading, channel: str) -> datetime | None:
    """Return when the last update of a channel came in; None before the first."""
    newest = select(func.max(_inbox.received_at)).where(_inbox.channel == channel)
    found: datetime | None = (await (await _on(reading)).execute(newest)).scalar_one()
    return found


async def _number(reading: Reading, counting: Select[int]) -> int:
    found: int = (await (await _on(reading)).execute(counting)).scalar_one()
    return found


async def _on(reading: Reading) -> AsyncConnection:
    return reading if isinstance(reading, AsyncConnection) else await reading.connection()
