"""A second messenger of the same person: one code, typed there, and both are the same person."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import joining_messages
from handlers.allowance import titles
from handlers.join import ADDRESS, record
from handlers.scene import Scene, answer
from storage import office as directory

_LASTS = timedelta(days=1)


async def offer_code(session: AsyncSession, scene: Scene) -> None:
    """/themkenh: a code of the person's own, to be typed to the bot on another messenger."""
    here = scene.case.inbound.channel
    others = titles(scene.channels, (name for name in scene.channels if name != here))
    if not others:
        await answer(session, scene, joining_messages.no_other_messenger(scene.office.contact))
        return
    code = await directory.invite(
        session,
        unit_id=scene.case.duties[0].unit_id,
        role=ADDRESS,
        person_id=scene.case.person_id,
        expires_at=scene.now + _LASTS,
    )
    record(session, scene, "messenger offered", "own code", scene.case.person_id)
    await answer(session, scene, joining_messages.own_code(code, others))
