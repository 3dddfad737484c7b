"""The queue of messages that want to leave, and what became of each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, inspect, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.messaging import Button, Fate, File, Outbound, Priority, Repeat, screen_of
from storage.database import insert_into
from storage.tables import Address, GroupChat, OutboxMessage, columns, literally

_out = columns(OutboxMessage)
_other = inspect(OutboxMessage).local_table.alias().c
_target_table = inspect(OutboxMessage).local_table.alias()
_target = _target_table.c
_PENDING, _SENDING = literally(Fate.PENDING), literally(Fate.SENDING)
_WAITING = literally(Fate.WAITING)
_OPEN = (Fate.PENDING, Fate.SENDING)
_ALONE = {
    "edits": None,
    "text": case((_out.instead != "", _out.instead), else_=_out.text),
    "instead": "",
}
_NEVER_ARRIVED = (Fate.REFUSED, Fate.GONE, Fate.EXPIRED)
_NOW = bindparam("now", type_=_out.due_at.type)


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

    An edit of a message that has not left yet changes that one instead. Runs in the caller's
    transaction: if that rolls back, nothing is sent.
    """
    messages = list(messages)
    targets = await _fates(connection, {m.edits for m in messages if m.edits})
    rows = []
    for message in messages:
        fate = targets.get(message.edits or "")
        if message.edits and fate is Fate.PENDING:
            await _rewrite(connection, message)
        elif message.edits and (fate in (None, *_NEVER_ARRIVED) or _in_doubt(message, fate)):
            rows.append(_row(alone(message), now))
        else:
            rows.append(_row(message, now, waits=fate is Fate.UNKNOWN))
    if rows:
        statement = insert_into(connection, OutboxMessage)
        await connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]), rows)


def _in_doubt(edit: Outbound, fate: Fate | None) -> bool:
    """Whether a person waits for an answer that would wait for what nobody knows."""
    return fate is Fate.UNKNOWN and edit.repeat is Repeat.ONCE


def alone(edit: Outbound) -> Outbound:
    """Return an edit as a message of its own."""
    return replace(edit, edits=None, target=None, text=edit.instead or edit.text, instead="")


async def _fates(connection: AsyncConnection, keys: Collection[str]) -> dict[str, Fate]:
    if not keys:
        return {}
    found = await connection.execute(select(_out.key, _out.fate).where(_out.key.in_(keys)))
    return {row.key: Fate(row.fate) for row in found}


async def _rewrite(connection: AsyncConnection, edit: Outbound) -> None:
    """Let a message that still waits say what an edit of it says, and leave as the edit would.

    Earlier edits that wait for it are out of date with that.
    """
    await connection.execute(
        update(OutboxMessage)
        .where(_out.edits == edit.edits, _out.fate.in_((Fate.PENDING, Fate.WAITING)))
        .values(fate=Fate.EXPIRED)
    )
    await connection.execute(
        update(OutboxMessage)
        .where(_out.key == edit.edits, _out.fate == _PENDING)
        .values(
            text=edit.text,
            buttons=_buttons(edit),
            screen=_screen(edit),
            numbered=edit.numbered,
            tap=edit.tap or _out.tap,
            priority=int(edit.priority),
            useful_until=edit.useful_until,
            asks=edit.asks,
        )
    )


def _buttons(message: Outbound) -> list[list[Any]]:
    return [list(astuple(b)) for b in message.buttons]


def _screen(message: Outbound) -> str | None:
    return message.screen if message.buttons else None


def _row(message: Outbound, now: datetime, *, waits: bool = False) -> dict[str, Any]:
    return {
        "key": message.key,
        "channel": message.channel,
        "chat": message.chat,
        "text": message.text,
        "buttons": _buttons(message),
        "in_group": message.in_group,
        "priority": int(message.priority),
        "repeat": message.repeat,
        "useful_until": message.useful_until,
        "after": message.after,
        "asks": message.asks,
        "edits": message.edits,
        "instead": message.instead,
        "tap": message.tap,
        "passing": message.passing,
        "thread": message.thread,
        "file": list(astuple(message.file)) if message.file else None,
        "screen": _screen(message),
        "numbered": message.numbered,
        "due_at": now,
        "fate": Fate.WAITING if waits else Fate.PENDING,
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

    At most one for each chat, so that they arrive in order; a part waits for the part before it,
    an edit for the message to edit. An edit of one that never arrived is sent by itself.

    Args:
        resting: (channel, chat) to which nothing may be sent yet.
    """
    asked = {"channels": list(channels), "resting": list(resting), "now": now, "most": limit}
    rows = (await connection.execute(_NEXT, asked)).all()
    taken = [_taken(row) for row in rows]
    if post_anew := [r.id for r in rows if r.edits and not r.target]:
        anew = update(OutboxMessage).where(_out.id.in_(post_anew)).values(_ALONE)
        await connection.execute(anew)
    if taken:
        await connection.execute(_TAKE, {"rows": [q.id for q in taken]})
    return taken


async def expire(connection: AsyncConnection, *, now: datetime) -> list[Queued]:
    """Drop the messages that are no longer useful; return the group posts among them.

    A prompt that came too late is missed by nobody, but a digest that was never posted is.
    """
    dropped: list[Queued] = []
    for expired in _EXPIRE:
        rows = await connection.execute(expired, {"now": now})
        dropped += [_queued(row, row.attempts) for row in rows if row.repeat == Repeat.ASK]
    return dropped


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


def _next() -> Any:
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
    target_waits = select(1).where(_other.key == _out.edits, _other.fate.in_(_OPEN)).exists()
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
        select(*_out, _target.external_id.label("target"))
        # A chat that has moved numbers its messages anew: nothing said before can be edited.
        .outerjoin(_target_table, and_(_target.key == _out.edits, _target.chat == _out.chat))
        .where(
            _out.fate == _PENDING,
            _out.due_at <= _NOW,
            _out.channel.in_(bindparam("channels", expanding=True)),
            tuple_(_out.channel, _out.chat).not_in(bindparam("resting", expanding=True)),
            or_(_out.after.is_(None), ~part_before_waits),
            or_(_out.edits.is_(None), ~target_waits),
            ~chat_is_busy,
            ~earlier_waits,
        )
        .order_by(_out.priority, _out.id)
        .limit(bindparam("most", type_=Integer))
    )


# Built once: the relay asks them at every turn, and building takes longer than asking.
_NEXT = _next()
_TAKE = (
    update(OutboxMessage)
    .where(_out.id.in_(bindparam("rows", expanding=True)))
    .values(fate=Fate.SENDING, attempts=_out.attempts + 1)
)
_EXPIRE = [
    update(OutboxMessage)
    .where(_out.fate == fate, _out.useful_until <= _NOW)
    .values(fate=Fate.EXPIRED, settled_at=_NOW)
    .returning(*_out)
    for fate in (_PENDING, _WAITING)  # one after the other, since an index serves each
]
_SETTLE = (
    update(OutboxMessage)
    .where(_out.id == bindparam("row"))
    .values(
        fate=bindparam("end"),
        external_id=bindparam("named"),
        failure=bindparam("why"),
        settled_at=_NOW,
    )
)
_UNSETTLED = (
    select(1).where(_out.fate == _PENDING, _out.due_at <= _NOW).limit(1),
    select(1).where(_out.fate == _SENDING).limit(1),
)


def _taken(row: Any) -> Queued:
    queued = _queued(row, row.attempts + 1)
    whole = replace(queued.message, target=row.target)
    return replace(queued, message=whole if row.target else alone(whole))


def _queued(row: Any, attempts: int) -> Queued:
    message = Outbound(
        key=row.key,
        channel=row.channel,
        chat=row.chat,
        text=row.text,
        buttons=tuple(Button(*button) for button in row.buttons),
        in_group=row.in_group,
        priority=Priority(row.priority),
        repeat=Repeat(row.repeat),
        useful_until=row.useful_until,
        after=row.after,
        asks=row.asks,
        edits=row.edits,
        instead=row.instead,
        tap=row.tap,
        passing=row.passing,
        thread=row.thread,
        file=File(*row.file) if row.file else None,
        screen=row.screen or screen_of(row.key),
        numbered=row.numbered,
    )
    return Queued(row.id, attempts, message)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one message.

    Attributes:
        due_at: when to try again, for one that the channel had no room for: such an attempt does
            not count.
        anew: what it was to edit is gone; it is sent again as a message of its own.
    """

    id: int
    fate: Fate
    external_id: str | None = None
    failure: str | None = None
    due_at: datetime | None = None
    anew: bool = False


async def settle(connection: AsyncConnection, ends: Sequence[Settled], *, now: datetime) -> None:
    """Write down what became of messages that were being sent."""
    for end in ends:
        if end.fate is Fate.PENDING:
            await _put_back(connection, end, now)
    rows = [
        {"row": e.id, "end": e.fate, "named": e.external_id, "why": e.failure, "now": now}
        for e in ends
        if e.fate is not Fate.PENDING
    ]
    if rows:
        await connection.execute(_SETTLE, rows)
    for end in ends:
        if end.fate is Fate.UNKNOWN:
            await _hold_edits(connection, end.id)


async def _put_back(connection: AsyncConnection, end: Settled, now: datetime) -> None:
    """Queue a message again."""
    values: dict[str, Any] = {
        "fate": end.fate,
        "failure": end.failure,
        "due_at": end.due_at or now,
    }
    if end.due_at is not None:
        values["attempts"] = _out.attempts - 1
    if end.anew:
        values |= _ALONE
    await connection.execute(update(OutboxMessage).where(_out.id == end.id).values(values))


async def arrived(
    connection: AsyncConnection, message_id: int, external_id: str, *, now: datetime
) -> None:
    """Note that a message of unknown fate has arrived, since somebody answered it."""
    unsure = (Fate.UNKNOWN, Fate.PENDING)
    noted = await connection.execute(
        update(OutboxMessage)
        .where(_out.id == message_id, _out.fate.in_(unsure))
        .values(fate=Fate.SENT, external_id=external_id, settled_at=now)
    )
    if noted.rowcount:
        await _release_edits(connection, message_id)


async def decided(
    connection: AsyncConnection, message_id: int, *, arrived: bool, now: datetime
) -> bool:
    """Note what somebody found out about a message of unknown fate: it arrived, or is to be sent
    again, however late. Return False if its fate is not unknown.

    Without its id in the channel it cannot be edited: what would change it is sent by itself.
    """
    came = {"fate": Fate.SENT, "external_id": "", "settled_at": now}
    again = {"fate": Fate.PENDING, "attempts": 0, "due_at": now, "useful_until": None}
    noted = await connection.execute(
        update(OutboxMessage)
        .where(_out.id == message_id, _out.fate == Fate.UNKNOWN)
        .values(came if arrived else again)
    )
    if noted.rowcount:
        await _release_edits(connection, message_id)
    return bool(noted.rowcount)


async def _release_edits(connection: AsyncConnection, target: int) -> None:
    await connection.execute(
        update(OutboxMessage)
        .where(_out.edits == _key_of(target), _out.fate == Fate.WAITING)
        .values(fate=Fate.PENDING)
    )


async def _hold_edits(connection: AsyncConnection, target: int) -> None:
    """Hold back the edits of a message that perhaps never arrived; answers go by themselves."""
    mine = (_out.edits == _key_of(target), _out.fate == _PENDING)
    await connection.execute(
        update(OutboxMessage).where(*mine, _out.repeat == Repeat.ONCE).values(_ALONE)
    )
    await connection.execute(update(OutboxMessage).where(*mine).values(fate=Fate.WAITING))


def _key_of(message_id: int) -> Any:
    return select(_other.key).where(_other.id == message_id).scalar_subquery()


async def withdraw_rest(connection: AsyncConnection, key: str, *, now: datetime) -> list[Outbound]:
    """Take the parts that were to follow a message out of the queue; return them in order."""
    rest: list[Outbound] = []
    while True:
        following = (
            update(OutboxMessage)
            .where(_out.after == (rest[-1].key if rest else key), _out.fate == _PENDING)
            .values(fate=Fate.EXPIRED, settled_at=now)
            .returning(*_out)
        )
        row = (await connection.execute(following)).first()
        if row is None:
            return rest
        rest.append(_queued(row, row.attempts).message)


async def interrupted(connection: AsyncConnection, channel: str) -> list[Queued]:
    """Return the messages of a channel that were being sent when the bot stopped."""
    rows = await connection.execute(
        select(*_out).where(_out.channel == channel, _out.fate == _SENDING)
    )
    return [_queued(row, row.attempts) for row in rows]


async def last_buttons(connection: AsyncConnection, channel: str, chat: str) -> list[Button]:
    """Return the buttons of the last message of ours in a chat; none when it has none."""
    newest = (
        select(_out.buttons)
        .where(_out.channel == channel, _out.chat == chat, _out.passing.is_(False))
        .order_by(_out.id.desc())
        .limit(1)
    )
    found = (await connection.execute(newest)).scalar_one_or_none()
    return [Button(*button) for button in found or ()]


async def quiet(connection: AsyncConnection, *, now: datetime) -> bool:
    """Whether nothing is being sent and nothing is due."""
    found = [(await connection.execute(s, {"now": now})).first() for s in _UNSETTLED]
    return found == [None, None]


async def move_chat(
    connection: AsyncConnection, channel: str, old: str, new: str, *, today: date
) -> None:
    """Give a chat its new id everywhere: in the queue, in groups, in addresses.

    What was bound to the new id in the meantime stays; the old binding then ends.
    """
    await connection.execute(
        update(OutboxMessage)
        .where(_out.channel == channel, _out.chat == old, _out.fate.in_((*_OPEN, Fate.WAITING)))
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
