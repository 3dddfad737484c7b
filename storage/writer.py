"""The one writer: makes updates durable, then handles them in batches, one per conversation.

A batch loads all its states in a few statements, is decided purely, and is written with one
commit. That is what makes synchronous=FULL cheap (DESIGN §4.7).
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.desk import Cursor, Draft, Step, Submission
from bot.core.form import Answers
from bot.core.history import History
from bot.core.messaging import Inbound, Kind, Outbound
from storage import calendar, conversations, reports
from storage.conversations import Case, stood_row
from storage.database import Database, insert_into, is_passing, to_its_end
from storage.outbox import arrived, drop_answered, enqueue
from storage.tables import Address, AuditEvent, CursorRow, GroupChat, InboxUpdate, columns
from storage.usual import keep_usual

log = logging.getLogger(__name__)

_BATCH = 100
_PAUSE_AFTER_FAILURE = 2.0


@dataclass(frozen=True, slots=True)
class Audit:
    """One line of the record."""

    what: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What becomes of a unit's report of a day.

    Attributes:
        draft: the draft afterwards; None removes it.
    """

    unit_id: int
    day: date
    draft: Draft | None
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from an update; it is written as a whole or not at all.

    Attributes:
        answered: what need not be asked any more, as in `Outbound.asks`.
        stood, gave: where the person stood when this was heard, and the values that were read from
            it, for when they edit it.
        further: what follows for other units of the same message: their work and its record.
    """

    messages: tuple[Outbound, ...] = ()
    cursor: Cursor | None = None
    cursor_unit: int | None = None
    work: Work | None = None
    audit: Audit | None = None
    answered: str | None = None
    stood: Cursor | None = None
    gave: Answers = field(default_factory=dict)
    further: tuple["Decision", ...] = ()


Rare = Callable[[AsyncSession, Case], Awaitable[None]]
"""A use case that queries for itself, in a plain session of its own."""

Decide = Callable[[Case, datetime], Decision | Rare]
Left = Rare | Exception
"""What is still to be done for an update that was not written with its batch, or what broke."""
Failed = Callable[[AsyncSession, Case, str], Awaitable[None]]


class Writer:
    """Handles updates that have arrived, in order within each conversation.

    Args:
        decide: the pure decision on a loaded case, or the rare use case that must run for it.
        failed: says so, to the person and to an admin, when handling an update broke; gets the
            id under which the error is logged.
        form_id: the form whose drafts and reports are loaded.
        now: aware local time.
        history: how what is usual for a unit is derived; None when it is not.
        wrote: called after each commit that may have queued messages.
    """

    def __init__(
        self,
        database: Database,
        *,
        decide: Decide,
        failed: Failed,
        form_id: str,
        now: Callable[[], datetime],
        history: History | None = None,
        wrote: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._decide = decide
        self._failed = failed
        self._form_id = form_id
        self._now = now
        self._history = history
        self._wrote = wrote
        self._arrived = asyncio.Event()
        self._handling = asyncio.Lock()

    async def accept(self, batch: Sequence[Inbound]) -> None:
        """Make updates durable; returns when they are, so that they may be acknowledged.

        An update with an id that was seen before is dropped.
        """
        rows = [_inbox_row(inbound, self._now()) for inbound in batch]
        if rows:
            await to_its_end(self._make_durable(rows))
        self._arrived.set()

    async def _make_durable(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._database.write() as connection:
            statement = insert_into(connection, InboxUpdate).on_conflict_do_nothing(
                index_elements=["channel", "update_id"]
            )
            await connection.execute(statement, rows)

    async def run(self) -> None:
        """Handle updates as they arrive, until cancelled; what is under way comes to its end."""
        self._arrived.set()  # what was left waiting when the bot stopped
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                await to_its_end(self.drain())
            except (SQLAlchemyError, OSError):
                # A locked or full disk: what was not handled still waits.
                log.exception("the writer could not write; trying again")
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)
                self._arrived.set()

    async def drain(self) -> None:
        """Handle all updates that wait.

        Raises:
            OperationalError, OSError: a locked or full disk; what was not handled still waits.
        """
        async with self._handling:
            while await self._handle_batch():
                self._wrote()

    async def _handle_batch(self) -> bool:
        """Handle one batch; return whether there was one."""
        async with self._database.read() as connection:
            bare = await conversations.waiting(connection, limit=_BATCH)
        if not bare:
            return False
        for case, left in await self._write(bare):
            if isinstance(left, Exception):
                await self._set_aside(case, left)
            else:
                await self._run_rare(case, left)
        return True

    async def _write(self, bare: Sequence[Case]) -> list[tuple[Case, Left]]:
        """Decide and write updates together or, when that fails, each alone."""
        try:
            return await self._write_together(bare)
        except Exception as error:
            if is_passing(error):
                raise
            if len(bare) == 1:
                return [(bare[0], error)]
            log.exception("a batch of %d updates failed; running them one by one", len(bare))
        return [left for case in bare for left in await self._write([case])]

    async def _write_together(self, bare: Sequence[Case]) -> list[tuple[Case, Left]]:
        kept: list[tuple[Case, Decision]] = []
        left: list[tuple[Case, Left]] = []
        async with self._database.write() as connection:
            cases = await conversations.load(
                connection, bare, form_id=self._form_id, today=self._now().date()
            )
            for case in cases:
                decided = self._decided(case)
                if isinstance(decided, Decision):
                    kept.append((case, decided))
                else:
                    left.append((case, decided))
            await self._keep(connection, kept)
        return left

    def _decided(self, case: Case) -> Decision | Left:
        try:
            return self._decide(case, self._now())
        except Exception as error:  # noqa: BLE001  # one update must stop no other
            return error

    async def _run_rare(self, case: Case, run: Rare) -> None:
        try:
            async with self._database.session() as session:
                connection = await session.connection()
                await _note_arrivals(connection, [case], self._now())
                await run(session, case)
                await _touch_addresses(connection, [(case, Decision())], self._now())
                await _mark(connection, [case], "done")
        except Exception as error:
            if is_passing(error):
                raise
            await self._set_aside(case, error)

    async def _set_aside(self, case: Case, error: Exception) -> None:
        """Log what broke under an id, say so, and let the other updates go on."""
        error_id = error_id_of(case)
        log.error("error %s: update %d", error_id, case.inbox_id, exc_info=error)
        try:
            async with self._database.session() as session:
                await self._failed(session, case, error_id)
                await _mark(await session.connection(), [case], "failed")
        except Exception as worse:
            if is_passing(worse):
                raise
            log.exception("error %s: nobody could be told", error_id)
            async with self._database.write() as connection:
                await _mark(connection, [case], "failed")

    async def _keep(
        self, connection: AsyncConnection, decided: Sequence[tuple[Case, Decision]]
    ) -> None:
        """Write decisions: cursors, drafts, reports, messages, record; mark the updates."""
        if not decided:
            return
        now = self._now()
        await _note_arrivals(connection, [case for case, _ in decided], now)
        await _keep_cursors(connection, decided)
        every = [(case, part) for case, d in decided for part in (d, *d.further)]
        works = [(case, d.work) for case, d in every if d.work]
        await reports.keep_drafts(
            connection, [(w.unit_id, w.day, w.draft) for _, w in works], self._form_id, now
        )
        sent = [
            reports.Sending(
                w.unit_id, w.day, w.submission, c.person_id or 0, c.inbound.channel, now
            )
            for c, w in works
            if w.submission
        ]
        await reports.submit(connection, sent, self._form_id)
        after_lock = [s.day for s in sent if s.submission.after_lock]
        await calendar.due_again(connection, after_lock, now=now)
        if self._history is not None:
            units = {s.unit_id for s in sent}
            await keep_usual(
                connection, units, self._history, form_id=self._form_id, today=now.date()
            )
        answered = [d.answered for _, d in every if d.answered]
        await drop_answered(connection, answered, now=now)
        await enqueue(connection, [m for _, d in decided for m in d.messages], now=now)
        await _keep_audit(connection, every, now)
        await _keep_stood(connection, decided)
        await _touch_addresses(connection, decided, now)
        await _mark(connection, [case for case, _ in decided], "done")


def error_id_of(case: Case) -> str:
    """Return the id under which an error is logged and told; the same update has the same id."""
    name = f"{case.inbound.channel}/{case.inbound.update_id}"
    return hashlib.sha256(name.encode()).hexdigest()[:8].upper()


_PAYLOAD = (
    *("kind", "sender", "text", "sender_name", "in_group", "replies_to", "thread"),
    *("group_title", "forwarded", "attachment", "phone"),
)


def _inbox_row(inbound: Inbound, now: datetime) -> dict[str, Any]:
    payload = {k: v for k in _PAYLOAD if (v := getattr(inbound, k))}
    if inbound.sent_at:
        payload["sent_at"] = inbound.sent_at.isoformat()
    if inbound.tap:
        payload["tap"] = astuple(inbound.tap)
    return {
        "channel": inbound.channel,
        "update_id": inbound.update_id,
        "chat": inbound.chat,
        "message_id": inbound.message_id,
        "payload": {"sender": "", "text": "", **payload},
        "received_at": now,
        "state": "waiting",
    }


_CURSOR = ("unit_id", "step", "day", "asked", "seen", "screens", "posted", "ordered")
_MOST_SCREENS = 5  # nobody scrolls further back to tap


async def _keep_cursors(
    connection: AsyncConnection, decided: Sequence[tuple[Case, Decision]]
) -> None:
    rows = [
        {
            "person_id": case.person_id,
            "channel": case.inbound.channel,
            "chat": case.inbound.chat,
            "unit_id": d.cursor_unit,
            "step": d.cursor.step,
            "day": d.cursor.day,
            "asked": list(d.cursor.asked),
            "seen": d.cursor.seen,
            "ordered": None,  # something else is talked about now
            **_last_shown(case, d),
        }
        for case, d in decided
        if d.cursor is not None and case.person_id is not None
    ]
    if rows:
        statement = insert_into(connection, CursorRow)
        new = {k: statement.excluded[k] for k in _CURSOR}
        statement = statement.on_conflict_do_update(
            index_elements=["person_id", "channel", "chat"], set_=new
        )
        await connection.execute(statement, rows)


async def _keep_audit(
    connection: AsyncConnection, decided: Sequence[tuple[Case, Decision]], now: datetime
) -> None:
    rows = [
        {
            "at": now,
            "person_id": case.person_id,
            "channel": case.inbound.channel,
            "what": d.audit.what,
            "subject": d.audit.subject,
            "detail": d.audit.detail,
        }
        for case, d in decided
        if d.audit is not None
    ]
    if rows:
        await connection.execute(insert_into(connection, AuditEvent), rows)


def _last_shown(case: Case, decision: Decision) -> dict[str, Any]:
    """Return which messages show what is asked now: a button stands as long as its question."""
    shown = [m for m in decision.messages if not m.passing]
    if not shown:
        return {"screens": list(case.screens), "posted": case.posted}
    last = shown[-1]
    still = case.screens[-_MOST_SCREENS:] if decision.cursor == case.cursor else ()
    asks = decision.cursor is not None and decision.cursor.step is not Step.IDLE
    return {"screens": [*still, last.screen], "posted": (last.edits or last.key) if asks else ""}


async def _note_arrivals(connection: AsyncConnection, cases: Sequence[Case], now: datetime) -> None:
    """Whoever taps a message has got it, even if its channel never said so."""
    for case in cases:
        if case.inbound.tap and case.shown and case.shown.unsure:
            await arrived(connection, case.shown.id, case.inbound.message_id, now=now)


async def _keep_stood(
    connection: AsyncConnection, decided: Sequence[tuple[Case, Decision]]
) -> None:
    """Keep where each message was heard, for a channel whose messages can be edited."""
    rows = [
        {"row": case.inbox_id, "stands": stood_row(d.stood, d.cursor_unit, d.gave)}
        for case, d in decided
        if d.stood is not None and case.inbound.message_id
    ]
    if rows:
        heard = update(InboxUpdate).where(columns(InboxUpdate).id == bindparam("row"))
        await connection.execute(heard.values(stood=bindparam("stands")), rows)


async def _touch_addresses(
    connection: AsyncConnection, decided: Sequence[tuple[Case, Decision]], now: datetime
) -> None:
    """Remember on which channel each person spoke last: that is where they are asked next."""
    by_channel: dict[str, list[str]] = {}
    for case, _ in decided:
        # Who speaks in a group may have blocked the bot all the same.
        heard = not case.inbound.in_group and case.inbound.kind is not Kind.LEFT
        if case.person_id is not None and heard:
            by_channel.setdefault(case.inbound.channel, []).append(case.inbound.sender)
    for case, _ in decided:
        if case.group_unit is not None and case.inbound.kind is not Kind.LEFT:
            await _group_is_there(connection, case.inbound)
    for channel, senders in by_channel.items():
        await connection.execute(
            update(Address)
            .where(
                columns(Address).channel == channel,
                columns(Address).external_id.in_(senders),
                columns(Address).valid_until.is_(None),
            )
            .values(last_used_at=now, gone_since=None)
        )


async def _group_is_there(connection: AsyncConnection, inbound: Inbound) -> None:
    """Post again to a group that had removed the bot: it was just heard in it."""
    group = columns(GroupChat)
    await connection.execute(
        update(GroupChat)
        .where(
            group.channel == inbound.channel,
            group.chat == inbound.chat,
            group.valid_until.is_(None),
            group.gone_since.is_not(None),
        )
        .values(gone_since=None)
    )


async def _mark(connection: AsyncConnection, cases: Sequence[Case], state: str) -> None:
    """Settle updates and empty them: what people wrote is not kept twice."""
    await connection.execute(
        update(InboxUpdate)
        .where(columns(InboxUpdate).id.in_([c.inbox_id for c in cases]))
        .values(state=state, payload={})
    )
