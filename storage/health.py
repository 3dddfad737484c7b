"""What a check-up asks: what waits, what went wrong, who is bound. It changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messaging import Fate
from storage.tables import GroupChat, InboxUpdate, OutboxMessage, Unit


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits to be handled or sent.

    Attributes:
        unread: updates not handled yet.
        failed: updates that were set aside because handling them broke.
        unsent: messages that wait to leave.
        oldest: since when the first of these may leave; None when there is none.
    """

    unread: int
    failed: int
    unsent: int
    oldest: datetime | None


async def queues(session: AsyncSession) -> Queues:
    """Return what waits."""
    states = select(InboxUpdate.state, func.count()).group_by(InboxUpdate.state)
    updates = dict((await session.exec(states)).all())
    waiting = select(func.count(), func.min(OutboxMessage.due_at)).where(
        OutboxMessage.fate == Fate.PENDING
    )
    unsent, oldest = (await session.exec(waiting)).one()
    return Queues(updates.get("waiting", 0), updates.get("failed", 0), unsent, oldest)


@dataclass(frozen=True, slots=True)
class Unsure:
    """A message of which nobody knows whether it arrived.

    Attributes:
        number: by which an admin settles it.
        since: when it was last tried.
        failure: what went wrong, without contents.
    """

    number: int
    key: str
    channel: str
    chat: str
    in_group: bool
    since: datetime
    failure: str


async def unsure(session: AsyncSession) -> list[Unsure]:
    """Return the messages of unknown fate, the longest unknown first."""
    found = await session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.fate == Fate.UNKNOWN)
        .order_by(col(OutboxMessage.settled_at))
    )
    return [
        Unsure(
            number=m.id or 0,
            key=m.key,
            channel=m.channel,
            chat=m.chat,
            in_group=m.in_group,
            since=m.settled_at or m.due_at,
            failure=m.failure or "",
        )
        for m in found
    ]


@dataclass(frozen=True, slots=True)
class BoundGroup:
    """A group into which the bot is to post, also one from which it was removed.

    Attributes:
        thread: the topic to post in; "" outside any.
        title: when it was bound.
        unit: code of the unit.
    """

    chat: str
    thread: str
    title: str
    unit: str


async def bound_groups(session: AsyncSession, channel: str) -> list[BoundGroup]:
    """Return the groups of a channel into which the bot posts, in the order of their binding."""
    found = await session.exec(
        select(GroupChat.chat, GroupChat.thread, GroupChat.title, Unit.code)
        .join(Unit, col(Unit.id) == GroupChat.unit_id)
        .where(
            GroupChat.channel == channel,
            col(GroupChat.valid_until).is_(None),
            col(GroupChat.by_hand).is_(False),
        )
        .order_by(col(GroupChat.id))
    )
    return [BoundGroup(*row) for row in found]
