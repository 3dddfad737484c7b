"""Telling the admins what needs a person."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messages import Says
from handlers.scene import notice
from storage.office import reachable
from storage.outbox import enqueue


async def tell_admins(
    session: AsyncSession,
    key: str,
    says: Says,
    *,
    now: datetime,
    broken: Collection[str] = (),
) -> None:
    """Queue a message to every admin; the same key is told once.

    Args:
        broken: channels by which an admin is not written to if there is another way.
    """
    for admin in await reachable(session, ["admin"], today=now.date(), avoiding=broken):
        message = notice(key, admin.channel, admin.chat, says)
        await enqueue(await session.connection(), message, now=now)
