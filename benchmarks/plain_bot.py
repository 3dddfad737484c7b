"""The bot that a good developer writes first: aiogram, SQLModel, one session and commit a step.

It talks with the same core, keeps the same rows in the same tables and promises the same: an
answer is committed together with its reply. Nothing in it is slower than it need be: rows are
joined where they can be, a step has one commit, and filters are asynchronous, since aiogram sends
the others through a thread.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher, Router
from aiogram.filters import Command
from aiogram.types import Message, TelegramObject, Update
from sqlalchemy import and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import dialogue, joining_messages
from bot.core.desk import Cursor, Desk, Draft, Past, Step, Submission, Turn
from bot.core.history import Usual
from bot.core.life import Life
from bot.core.messages import Says
from bot.core.messaging import Inbound, Priority, Repeat, screen_of
from bot.core.office import Office
from bot.core.snapshot import answers_from
from handlers.report import desk_at
from storage.conversations import REPORTERS, Held
from storage.database import Database
from storage.papers import Kept, Papers, life_of, usual_from
from storage.tables import (
    Address,
    AuditEvent,
    CursorRow,
    DraftRow,
    Duty,
    InboxUpdate,
    OutboxMessage,
    Report,
    Revision,
    Unit,
    UnitVersion,
    UsualRow,
    valid_on,
)
from storage.usual import keep_usual

CHANNEL = "telegram"
_LIFE = [f.name for f in fields(Life) if f.name != "drafted"]

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Turn]]


def plain_bot(database: Database, office: Office, now: Callable[[], datetime]) -> Dispatcher:
    """Return the dispatcher of a bot for private chats, which only queues what it says.

    Args:
        now: aware local time.
    """
    router = Router()
    router.message.register(begin, Command("baocao", "report"))
    router.message.register(hear)
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    dispatcher.message.outer_middleware(OneStep(database, office, now))
    return dispatcher


async def begin(_message: Message, desk: Desk) -> Turn:
    """/baocao: the form of the day."""
    return dialogue.open_form(desk)


async def hear(message: Message, desk: Desk, cursor: Cursor) -> Turn:
    """Any other words."""
    return dialogue.hear(desk, cursor, message.text or "")


@dataclass(frozen=True, slots=True)
class Talk:
    """The rows that a step changes, and what the core decides from.

    Attributes:
        report: the day's own; None when nothing was sent for the day.
    """

    address: Address
    unit_id: int
    cursor: CursorRow
    draft: DraftRow | None
    report: Report | None
    desk: Desk


class OneStep(BaseMiddleware):
    """Gives each message a session and a commit: load, let the handler decide, keep, queue."""

    def __init__(self, database: Database, office: Office, now: Callable[[], datetime]) -> None:
        self._database = database
        self._office = office
        self._now = now

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Message)
        update: Update = data["event_update"]
        now = self._now()
        async with self._database.session() as session:
            if await _seen(session, update):
                return
            talk = await _talk(session, event, self._office, now)
            says = joining_messages.stranger(self._office.contact)
            if talk is not None:
                turn = await handler(event, {**data, "desk": talk.desk, "cursor": _cursor(talk)})
                await _keep(session, talk, turn, reply=_key(update))
                says = turn.says
            # Only now, so that all rows of a step are written by one flush.
            session.add_all([_inbox_row(update, event, now), _reply(update, event, says, now)])


async def _seen(session: AsyncSession, update: Update) -> bool:
    found = await session.exec(
        select(InboxUpdate.id).where(
            InboxUpdate.channel == CHANNEL, InboxUpdate.update_id == str(update.update_id)
        )
    )
    return found.first() is not None


# What is loaded


async def _talk(
    session: AsyncSession, message: Message, office: Office, now: datetime
) -> Talk | None:
    """Return what the step is about; None when nobody who reports is known at this address."""
    known = await _known(session, str(message.chat.id), now.date())
    if known is None:
        return None
    address, unit = known
    sent_at = min(message.date, now).astimezone(office.zone)
    period = office.open_periods(now)[-1]
    draft = await _draft_row(session, unit.unit_id, office.form.id, period.day)
    reports = await _newest_reports(session, unit.unit_id, office.form.id, period.day)
    papers = Papers(
        drafts={draft.day: _draft(draft)} if draft else {},
        reports={r.day: Kept(life_of(r), _past(r, revision)) for r, revision in reports},
        usual=await _usual(session, unit.unit_id, office.form.id),
    )
    return Talk(
        address=address,
        unit_id=unit.unit_id,
        cursor=await _cursor_row(session, address),
        draft=draft,
        report=next((r for r, _ in reports if r.day == period.day), None),
        desk=desk_at(office, unit, papers, period, now=now, sent_at=sent_at),
    )


async def _known(session: AsyncSession, sender: str, today: date) -> tuple[Address, Held] | None:
    found = await session.exec(
        select(Address, Duty, Unit.code, UnitVersion)
        .join(Duty, col(Duty.person_id) == Address.person_id)
        .join(Unit, col(Unit.id) == Duty.unit_id)
        .join(UnitVersion, col(UnitVersion.unit_id) == Unit.id)
        .where(
            Address.channel == CHANNEL,
            Address.external_id == sender,
            col(Address.valid_until).is_(None),
            col(Duty.role).in_(REPORTERS),
            *valid_on(Duty, today),
            *valid_on(UnitVersion, today),
        )
    )
    row = found.first()
    if row is None:
        return None
    address, duty, code, now_is = row
    unit = Held(
        role=duty.role,
        unit_id=duty.unit_id,
        code=code,
        name=now_is.name,
        level=now_is.level,
        reports=now_is.reports,
        since=duty.valid_from,
    )
    return address, unit


async def _cursor_row(session: AsyncSession, address: Address) -> CursorRow:
    """Return where the person stands; a new row is added to the session."""
    found = await session.exec(
        select(CursorRow).where(
            CursorRow.person_id == address.person_id,
            CursorRow.channel == CHANNEL,
            CursorRow.chat == address.external_id,
        )
    )
    row = found.first()
    if row is None:
        row = CursorRow(
            person_id=address.person_id,
            channel=CHANNEL,
            chat=address.external_id,
            step=Step.IDLE,
            asked=[],
            screens=[],
        )
        session.add(row)
    return row


async def _draft_row(
    session: AsyncSession, unit_id: int, form_id: str, day: date
) -> DraftRow | None:
    found = await session.exec(
        select(DraftRow).where(
            DraftRow.unit_id == unit_id, DraftRow.form_id == form_id, DraftRow.day == day
        )
    )
    return found.first()


async def _newest_reports(
    session: AsyncSession, unit_id: int, form_id: str, day: date
) -> Sequence[tuple[Report, Revision]]:
    """Return the reports of the day and of the one before with their newest revisions."""
    newest = and_(col(Revision.report_id) == Report.id, col(Revision.number) == Report.revisions)
    found = await session.exec(
        select(Report, Revision)
        .join(Revision, newest)
        .where(Report.unit_id == unit_id, Report.form_id == form_id, Report.day <= day)
        .order_by(col(Report.day).desc())
        .limit(2)
    )
    return found.all()


async def _usual(session: AsyncSession, unit_id: int, form_id: str) -> dict[str, Usual]:
    row = await session.get(UsualRow, (unit_id, form_id))
    return usual_from(row.figures) if row else {}


def _cursor(talk: Talk) -> Cursor:
    found = talk.cursor
    return Cursor(Step(found.step), found.day, tuple(found.asked), found.seen)


def _draft(row: DraftRow) -> Draft:
    raised = {k: tuple(v) for k, v in row.raised.items()}
    return Draft(answers_from(row.answers), row.doubts, row.version, row.reason, raised)


def _past(report: Report, revision: Revision) -> Past:
    return Past(
        day=report.day,
        answers=answers_from(revision.answers),
        stated_on={k: date.fromisoformat(d) for k, d in revision.stated_on.items()},
        revision=revision.number,
        sent_at=revision.sent_at,
        doubts=revision.doubts,
        doubt_fields={k: tuple(v) for k, v in revision.doubt_fields.items()},
    )


# What is kept


async def _keep(session: AsyncSession, talk: Talk, turn: Turn, *, reply: str) -> None:
    now = talk.desk.now
    talk.address.last_used_at = now
    asked_already = talk.cursor.screens if _cursor(talk) == turn.cursor else []
    talk.cursor.screens = [*asked_already, screen_of(reply)]
    talk.cursor.posted = "" if turn.cursor.step is Step.IDLE else reply
    talk.cursor.unit_id = talk.unit_id
    talk.cursor.step = turn.cursor.step
    talk.cursor.day = turn.cursor.day
    talk.cursor.asked = list(turn.cursor.asked)
    talk.cursor.seen = turn.cursor.seen
    await _keep_draft(session, talk, turn.draft)
    if turn.submission is not None:
        await _submit(session, talk, turn.submission)


async def _keep_draft(session: AsyncSession, talk: Talk, draft: Draft | None) -> None:
    if draft is None:
        if talk.draft is not None:
            await session.delete(talk.draft)
        return
    if draft == talk.desk.draft:
        return
    desk = talk.desk
    row = talk.draft or DraftRow(
        unit_id=talk.unit_id,
        form_id=desk.form.id,
        day=desk.period.day,
        version=0,
        updated_at=desk.now,
    )
    row.answers, row.doubts = dict(draft.answers), dict(draft.doubts)
    row.raised = {k: list(v) for k, v in draft.raised.items()}
    row.version, row.updated_at = draft.version, desk.now
    session.add(row)


async def _submit(session: AsyncSession, talk: Talk, submission: Submission) -> None:
    """Write the report's life as it now is, a revision, and a line of the record."""
    desk = talk.desk
    report = talk.report or Report(unit_id=talk.unit_id, form_id=desk.form.id, day=desk.period.day)
    for name in _LIFE:
        setattr(report, name, getattr(submission.life, name))
    session.add(report)
    await session.flush()  # the revision needs the report's id
    session.add(_revision(talk, submission, report.id or 0))
    if desk.form.history is not None:
        await session.flush()  # the new revision is one of those that it is derived from
        await keep_usual(
            await session.connection(),
            [talk.unit_id],
            desk.form.history,
            form_id=desk.form.id,
            today=desk.now.date(),
        )
    session.add(
        AuditEvent(
            at=desk.now,
            person_id=talk.address.person_id,
            channel=CHANNEL,
            what="report sent",
            subject=f"{desk.unit}/{desk.period.day.isoformat()}",
            detail={"revision": submission.life.revisions},
        )
    )


def _revision(talk: Talk, submission: Submission, report_id: int) -> Revision:
    typed: dict[str, Any] = {
        k: v for k, v in submission.answers.items() if k in Revision.model_fields
    }
    return Revision(
        report_id=report_id,
        number=submission.life.revisions,
        form_version=submission.form_version,
        answers=dict(submission.answers),
        stated_on={k: d.isoformat() for k, d in submission.stated_on.items()},
        doubts=dict(submission.doubts),
        doubt_fields={k: list(v) for k, v in submission.doubt_fields.items()},
        person_id=talk.address.person_id,
        channel=CHANNEL,
        sent_at=talk.desk.now,
        **typed,
    )


def _inbox_row(update: Update, message: Message, now: datetime) -> InboxUpdate:
    return InboxUpdate(
        channel=CHANNEL,
        update_id=str(update.update_id),
        chat=str(message.chat.id),
        payload={},
        received_at=now,
        state="done",
    )


def _key(update: Update) -> str:
    return f"reply/{CHANNEL}/{update.update_id}"


def _reply(update: Update, message: Message, says: Says, now: datetime) -> OutboxMessage:
    return OutboxMessage(
        key=_key(update),
        screen=screen_of(_key(update)) if says.buttons else None,
        channel=CHANNEL,
        chat=str(message.chat.id),
        text=says.text,
        buttons=[list(astuple(b)) for b in says.buttons],
        numbered=says.numbered,
        in_group=False,
        priority=Priority.REPLY,
        repeat=Repeat.ONCE,
        due_at=now,
    )


def updates(said: Sequence[Inbound], bot: Bot) -> list[Update]:
    """Return what Telegram would hand over for these messages, already parsed."""
    return [Update.model_validate(_raw(i), context={"bot": bot}) for i in said]


def _raw(inbound: Inbound) -> dict[str, Any]:
    assert inbound.sent_at is not None
    person = int(inbound.sender)
    message = {
        "message_id": int(inbound.update_id),
        "date": int(inbound.sent_at.timestamp()),
        "text": inbound.text,
        "chat": {"id": person, "type": "private"},
        "from": {"id": person, "is_bot": False, "first_name": inbound.sender_name},
    }
    return {"update_id": int(inbound.update_id), "message": message}
