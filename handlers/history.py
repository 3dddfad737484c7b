"""/xem: what was sent, and what has happened to it."""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import dialogue, life_messages
from bot.core.desk import Desk
from bot.core.messages import Says
from bot.core.report_record import Revised, history
from handlers.report import Meant, decide, desk_meant
from handlers.scene import Scene, reply
from storage.conversations import Case, Held
from storage.history import done_to, revisions_of
from storage.orders import keep_cursor
from storage.outbox import enqueue
from storage.writer import Decision, Rare


def show(scene: Scene) -> Decision | Rare:
    """What was sent; "/xem 2" chooses among several units, "/xem 14/4" another day."""
    meant = desk_meant(scene, meant=Meant.SENT)
    if isinstance(meant, Says) or meant[1].sent is None:
        return decide(scene, meant, dialogue.show_sent)
    unit, desk = meant

    async def run(session: AsyncSession, _case: Case) -> None:
        await _show(session, scene, unit, desk)

    return run


async def _show(session: AsyncSession, scene: Scene, unit: Held, desk: Desk) -> None:
    turn = dialogue.show_sent(desk)
    connection = await session.connection()
    await keep_cursor(connection, scene.case, turn.cursor, unit.unit_id)
    lines = await _history(session, scene, unit, desk)
    text = "\n".join([turn.says.text, *lines])
    await enqueue(connection, reply(scene, replace(turn.says, text=text)), now=scene.now)


async def _history(session: AsyncSession, scene: Scene, unit: Held, desk: Desk) -> list[str]:
    """Return what happened to the report; nothing when it was only sent."""
    connection, office, day = await session.connection(), scene.office, desk.period.day
    rows = await revisions_of(connection, unit.unit_id, day, form_id=office.form.id)
    revisions = [
        Revised(
            r.number,
            r.sent_at.astimezone(office.zone),
            r.name,
            _title(scene, r.channel),
            r.answers,
            r.reason,
            r.for_another,
        )
        for r in rows
    ]
    lines = history(office.form, revisions, await done_to(connection, unit.code, day, office.zone))
    return [life_messages.HISTORY, *(f"- {line}" for line in lines)] if len(lines) > 1 else []


def _title(scene: Scene, channel: str) -> str:
    """Return what a messenger is called; its own name when it does not run any more."""
    there = scene.channels.get(channel)
    return there.title if there else channel
