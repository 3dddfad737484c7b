"""/daden, /guilai: an admin says what became of a message of which the bot does not know it."""

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import delivery_messages
from handlers.join import record
from handlers.scene import Scene, answer
from storage import outbox


async def arrived(session: AsyncSession, scene: Scene) -> None:
    """/daden N: message N is where it was to go."""
    await _decide(session, scene, arrived=True)


async def send_again(session: AsyncSession, scene: Scene) -> None:
    """/guilai N: message N is not there."""
    await _decide(session, scene, arrived=False)


async def _decide(session: AsyncSession, scene: Scene, *, arrived: bool) -> None:
    number = scene.argument.strip()
    connection = await session.connection()
    noted = number.isdecimal() and await outbox.decided(
        connection, int(number), arrived=arrived, now=scene.now
    )
    if not noted:
        await answer(session, scene, delivery_messages.not_in_doubt(number))
        return
    what = "message arrived" if arrived else "message sent again"
    record(session, scene, what, number, scene.case.person_id)
    await answer(session, scene, delivery_messages.doubt_settled(int(number), arrived=arrived))
