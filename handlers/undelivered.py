"""A message ended badly: the superior learns of a person gone, an admin of everything else."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.messaging import FateUnknown, PersonGone, SendError
from handlers.alarm import tell_admins
from handlers.presence import group_gone, person_gone
from storage.outbox import Queued

_KEY = "undelivered"


async def undelivered(
    session: AsyncSession, queued: Queued, error: SendError, *, now: datetime
) -> None:
    """Tell whoever can do something about a message that did not arrive, or perhaps did not."""
    message = queued.message
    if message.key.startswith(_KEY):
        return  # the alarm itself could not be sent: there is nobody left to tell
    key = f"{_KEY}/{message.key}"
    if isinstance(error, PersonGone):
        gone = group_gone if message.in_group else person_gone
        await gone(session, message.channel, message.chat, key, now)
        return
    unknown = isinstance(error, FateUnknown)
    says = (
        messages.send_unknown(message.key)
        if unknown
        else messages.send_refused(message.key, str(error))
    )
    await tell_admins(session, key, says, now=now)
