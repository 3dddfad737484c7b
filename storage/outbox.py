"""The queue of messages that want to leave, and what became of each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.messaging import Button, Fate, Outbound, Priority, Repeat
from storage.database import insert_into
from storage.tables import Address, GroupChat, OutboxMessage, columns, literally

_out = columns(OutboxMessage)
_other = inspect(OutboxMessage).local_table.alias().c
_PENDING, _SENDING = literally(Fate.PENDING), literally(Fate.SENDING)
_OPEN = (Fate.PENDING, Fate.SENDING)


@dataclass(frozen=True, slots=True)
class Queued:
    """A message taken from the queue to be sent.

    Attributes:
        attempts: how often it was tried, this time included.
    """

    id: int
    attempts: int
    message: Outbound


async def enqueue(
    connection: AsyncConnection, messages: Iterable[Outbound], *, now: datetime
) -> None:
    """Queue messages; one whose key was queued before is left out.

    Runs in the caller's transaction: if that rolls back, nothing is sent.
    """
    rows = [_row(m, now) for m in messages]
    if rows:
        statement = insert_into(connection, OutboxMessage)
        await connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]), rows)


def _row(message: Outbound, now: datetime) -> dict[str, Any]:
    return {
        "key": message.key,
        "channel": message.channel,
        "chat": message.chat,
        "text": message.text,
        "buttons": [[b.label, b.says] for b in message.buttons],
        "in_group": message.in_group,
        "priority": int(message.priority),
        "repeat": message.repeat,
        "useful_until": message.useful_until,
        "after": message.after,
        "asks": message.asks,
        "due_at": now,
        "fate": Fate.PENDING,
        "attempts": 0,
    }


async def take(
    connection: AsyncConnection,
    *,
    channels: Collection[str],
    resting: Collection[tuple[str, str]] = (),
    now: datetime,
    limit: int,
) -> list[Queued]:
    """Mark the next messages as being sent and return them: by priority, then oldest first.

    At most one for each chat, so that they arrive in order; a part waits for the part before it.

    Args:
        resting: (channel, chat) to which nothing may be sent yet.
    """
    rows = await connection.execute(_next(channels, resting, now).limit(limit))
    taken = [_queued(row, row.attempts + 1) for row in rows]
    if taken:
        await connection.execute(
            update(OutboxMessage)
            .where(_out.id.in_([q.id for q in taken]))
            .values(fate=Fate.SENDING, attempts=_out.attempts + 1)
        )
    return taken


async def expire(connection: AsyncConnection, *, now: datetime) -> list[Queued]:
    """Drop the messages that are no longer useful; return the group posts among them.

    A prompt that came too late is missed by nobody, but a digest that was never posted is.
    """
    dropped = await connection.execute(
        update(OutboxMessage)
        .where(_out.fate == _PENDING, _out.useful_until <= now)
        .values(fate=Fate.EXPIRED, settled_at=now)
        .returning(*_out)
    )
    return [_queued(row, row.attempts) for row in dropped if row.repeat == Repeat.ASK]


async def drop_answered(
    connection: AsyncConnection, asked: Collection[str], *, now: datetime
) -> None:
    """Drop the prompts and reminders that still wait to ask for what was just answered."""
    if asked:
        await connection.execute(
            update(OutboxMessage)
            .where(_out.fate == _PENDING, _out.asks.in_(asked))
            .values(fate=Fate.EXPIRED, settled_at=now)
        )


def _next(channels: Collection[str], resting: Collection[tuple[str, str]], now: datetime) -> Any:
    """Return the query for the messages that may leave now, the first of each chat.

    It walks the waiting messages in the order of their leaving and stops at its limit, so that it
    takes the same time however many wait.
    """
    earlier_waits = (
        select(1)
        .where(
            _other.fate == _PENDING,
            _other.channel == _out.channel,
            _other.chat == _out.chat,
            tuple_(_other.priority, _other.id) < tuple_(_out.priority, _out.id),
        )
        .exists()
    )
    part_before_waits = select(1).where(_other.key == _out.after, _other.fate.in_(_OPEN)).exists()
    chat_is_busy = (
        select(1)
        .where(
            _other.channel == _out.channel,
            _other.chat == _out.chat,
            _other.fate == _SENDING,
        )
        .exists()
    )
    return (
        select(*_out)
        .where(
            _out.fate == _PENDING,
            _out.due_at <= now,
            _out.channel.in_(channels),
            tuple_(_out.channel, _out.chat).not_in(list(resting)),
            or_(_out.after.is_(None), ~part_before_waits),
            ~chat_is_busy,
            ~earlier_waits,
        )
        .order_by(_out.priority, _out.id)
    )


def _queued(row: Any, attempts: int) -> Queued:
    message = Outbound(
        key=row.key,
        channel=row.channel,
        chat=row.chat,
        text=row.text,
        buttons=tuple(Button(label, says) for label, says in row.buttons),
        in_group=row.in_group,
        priority=Priority(row.priority),
        repeat=Repeat(row.repeat),
        useful_until=row.useful_until,
        after=row.after,
        asks=row.asks,
    )
    return Queued(row.id, attempts, message)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one message.

    Attributes:
        due_at: when to try again, for one that the channel had no room for: such an attempt does
            not count.
    """

    id: int
    fate: Fate
    external_id: str | None = None
    failure: str | None = None
    due_at: datetime | None = None


async def settle(connection: AsyncConnection, ends: Sequence[Settled], *, now: datetime) -> None:
    """Write down what became of messages that were being sent."""
    for end in ends:
        values: dict[str, Any] = {"fate": end.fate, "failure": end.failure}
        if end.fate is Fate.PENDING:
            values["due_at"] = end.due_at or now
            if end.due_at is not None:
                values["attempts"] = _out.attempts - 1
        else:
            values |= {"external_id": end.external_id, "settled_at": now}
        await connection.execute(update(OutboxMessage).where(_out.id == end.id).values(values))


async def interrupted(connection: AsyncConnection, channel: str) -> list[Queued]:
    """Return the messages of a channel that were being sent when the bot stopped."""
    rows = await connection.execute(
        select(*_out).where(_out.channel == channel, _out.fate == _SENDING)
    )
    return [_queued(row, row.attempts) for row in rows]


async def quiet(connection: AsyncConnection, *, now: datetime) -> bool:
    """Whether nothing is being sent and nothing is due."""
    waits = select(1).where(_out.fate == _PENDING, _out.due_at <= now).limit(1)
    sends = select(1).where(_out.fate == _SENDING).limit(1)
    found = [(await connection.execute(s)).first() for s in (waits, sends)]
    return found == [None, None]


async def move_chat(
    connection: AsyncConnection, message: Outbound, new: str, *, today: date
) -> None:
    """Give the chat of a message its new id everywhere: in the queue, in groups, in addresses.

    What was bound to the new id in the meantime stays; the old binding then ends.
    """
    channel, old = message.channel, message.chat
    await connection.execute(
        update(OutboxMessage)
        .where(_out.channel == channel, _out.chat == old, _out.fate.in_(_OPEN))
        .values(chat=new)
    )
    for table, place in ((GroupChat, "chat"), (Address, "external_id")):
        bound = columns(table)
        current = select(1).where(
            bound.channel == channel, bound[place] == new, bound.valid_until.is_(None)
        )
        taken = (await connection.execute(current)).first() is not None
        await connection.execute(
            update(table)
            .where(bound.channel == channel, bound[place] == old, bound.valid_until.is_(None))
            .values({"valid_until": today} if taken else {place: new})
        )
