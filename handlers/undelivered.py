"""A message ended badly: the superior learns of a person gone, an admin of everything else."""

from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import delivery_messages
from bot.core.keys import subject
from bot.core.messaging import FateUnknown, NotSetUp, Outbound, PersonGone, Repeat, SendError
from handlers.alarm import tell_admins
from handlers.by_hand import take_over
from handlers.presence import group_gone, person_gone
from storage.office import reader_of, units_on
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
    # An admin must not wait for what only an admin can mend. After a lost answer the channel itself
    # is the safest: it makes sure that it is heard before it sends anything more.
    broken = [message.channel] if isinstance(error, NotSetUp) else []
    if isinstance(error, NotSetUp):
        # Told once a day: every message of the channel ends so until it is mended.
        says = delivery_messages.not_set_up(str(error))
        told = f"setup@{now.date().isoformat()}/{message.channel}"
        await tell_admins(session, told, says, now=now, broken=broken)
        if message.repeat is not Repeat.ASK:
            return
    broken = [message.channel] if isinstance(error, NotSetUp) else []
    unsure = isinstance(error, FateUnknown)
    officer = "" if unsure else await take_over(session, queued, now, broken=broken)
    if isinstance(error, PersonGone):
        gone = group_gone if message.in_group else person_gone
        await gone(session, message.channel, message.chat, key, now)
        return
    units = {u.code: u.name for u in await units_on(session, now.date())}
    about, to = subject(message.key, units), await _reader(session, message, now.date())
    if isinstance(error, FateUnknown):
        says = delivery_messages.send_unknown(about, to, message.key, number=queued.id)
    else:
        says = delivery_messages.send_refused(about, to, message.key, str(error), officer=officer)
    await tell_admins(session, key, says, now=now, broken=broken)


async def _reader(session: AsyncSession, message: Outbound, today: date) -> str:
    name, unit = await reader_of(
        session, message.channel, message.chat, in_group=message.in_group, today=today
    )
    return delivery_messages.reader(name, unit, in_group=message.in_group)
