"""The relay: order, pace and the five ends of a send; times are those of the event loop."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messaging import (
    Abilities,
    Button,
    ChannelBusy,
    Fate,
    FateUnknown,
    File,
    Moved,
    NotSetUp,
    Outbound,
    PersonGone,
    Priority,
    Receive,
    Repeat,
    SendError,
    TargetGone,
)
from bot.core.quota import Quota
from bot.relay import AtOffice, Pace, Relay
from storage import outbox
from storage.database import Database
from storage.files import keep_file
from storage.outbox import Queued
from storage.tables import AuditEvent, GroupChat, OutboxMessage, Unit

SOON = 20.0  # seconds after which what was promised counts as broken
FAST = Pace(per_second=1000, chat_seconds=0.001, group_seconds=0.001, in_flight=8)

Outcome = Exception | Callable[[], Awaitable[None]]


def now() -> datetime:
    return datetime.now(UTC)


class Messenger:
    """A channel that notes what it is given and when, and ends each send as it was told to."""

    def __init__(self, name: str = "local", *, drops_repeats: bool = False) -> None:
        self.name = name
        self.abilities = Abilities(4000, buttons=True, drops_repeats=drops_repeats)
        self.ends: dict[str, list[Outcome]] = {}
        self.given: list[Outbound] = []
        self.contents: list[bytes | None] = []
        self.times: list[float] = []

    def will(self, key: str, *ends: Outcome) -> None:
        """The sends of this message end so, one after the other; those after that succeed."""
        self.ends[key] = list(ends)

    @property
    def keys(self) -> list[str]:
        return [m.key for m in self.given]

    async def listen(self, receive: Receive) -> None:  # noqa: ARG002  # a channel's signature
        await asyncio.Event().wait()

    async def send(self, message: Outbound, content: bytes | None = None) -> str:
        self.given.append(message)
        self.contents.append(content)
        self.times.append(asyncio.get_running_loop().time())
        ends = self.ends.get(message.key)
        if ends:
            end = ends.pop(0)
            if isinstance(end, Exception):
                raise end
            await end()
        return f"id of {message.key}"


async def for_ever() -> None:
    await asyncio.Event().wait()


def message(key: str, chat: str = "", **more: Any) -> Outbound:
    return Outbound(**{"key": key, "channel": "local", "chat": chat or key, "text": key, **more})


async def queue(database: Database, *messages: Outbound) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, messages, now=now())


async def told(session: AsyncSession, queued: Queued, error: SendError) -> None:
    """Put it on the record that a person was told."""
    what, subject = type(error).__name__, queued.message.key
    session.add(AuditEvent(at=now(), channel="", what=what, subject=subject, detail={}))


@asynccontextmanager
async def sending(
    database: Database, *channels: Messenger, pace: Pace = FAST, **more: Any
) -> AsyncIterator[Relay]:
    """The relay runs inside, and has stopped in order after it."""
    by_name = {c.name: c for c in channels}
    relay = Relay(database, by_name, **{"pace": pace, "now": now, "trouble": told, **more})
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def fates(database: Database) -> dict[str, str]:
    async with database.read_session() as session:
        return dict((await session.exec(select(OutboxMessage.key, OutboxMessage.fate))).all())


async def troubles(database: Database) -> list[tuple[str, str]]:
    async with database.read_session() as session:
        asked = select(AuditEvent.what, AuditEvent.subject).order_by(AuditEvent.id)
        return list(await session.exec(asked))


async def become(database: Database, **wanted: Fate) -> None:
    """Wait until these messages have these fates."""
    async with asyncio.timeout(SOON):
        while wanted.items() - (await fates(database)).items():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def delivered(
    database: Database, channel: Messenger, *messages: Outbound, **more: Any
) -> None:
    """Queue messages and let the relay send them all."""
    await queue(database, *messages)
    async with sending(database, channel, **more):
        await become(database, **{m.key: Fate.SENT for m in messages})


def gaps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


async def test_a_message_is_sent_and_its_id_in_the_channel_is_kept(database: Database):
    messenger = Messenger()

    await delivered(database, messenger, message("a"))

    async with database.read_session() as session:
        [row] = await session.exec(select(OutboxMessage))
    assert (row.external_id, row.attempts) == ("id of a", 1)
    assert row.settled_at is not None


async def test_what_is_queued_while_the_relay_runs_is_sent_at_once(database: Database):
    messenger = Messenger()
    async with sending(database, messenger) as relay:
        await queue(database, message("a"))
        relay.wake()
        await become(database, a=Fate.SENT)
        queued_at = asyncio.get_running_loop().time()
        await queue(database, message("b"))
        relay.wake()
        await become(database, b=Fate.SENT)

    assert messenger.times[1] - queued_at < 0.9  # without a word it looks once a second


async def test_it_is_settled_when_all_that_was_queued_is_written_down(database: Database):
    messenger = Messenger()
    async with sending(database, messenger) as relay:
        for name in ("a", "b", "c"):
            await queue(database, message(name, "x"))
            relay.wake()
            await relay.settled()
            assert (await fates(database))[name] == Fate.SENT

    assert messenger.keys == ["a", "b", "c"]


async def test_who_waits_for_it_to_settle_is_let_go_when_it_stops(database: Database):
    messenger, answer = Messenger(), asyncio.Event()
    messenger.will("a", answer.wait)
    async with sending(database, messenger) as relay:
        await queue(database, message("a"))
        relay.wake()
        waiting = asyncio.create_task(relay.settled())
        await become(database, a=Fate.SENDING)
        assert not waiting.done()
        asyncio.get_running_loop().call_later(0.2, answer.set)

    async with asyncio.timeout(SOON):
        await waiting


async def test_a_chat_hears_in_order_and_parts_follow_one_another(database: Database):
    messenger = Messenger()
    parts = [message("1", "x"), message("2", "x", after="1"), message("3", "x", after="2")]

    await delivered(database, messenger, *parts, message("4", "x"))

    assert messenger.keys == ["1", "2", "3", "4"]


async def test_a_reply_overtakes_a_long_row_of_prompts(database: Database):
    messenger = Messenger()
    prompts = [message(f"p{n}", priority=Priority.PROMPT) for n in range(30)]
    await queue(database, *prompts)

    async with sending(database, messenger, pace=Pace(50, 0.001, 0.001, 8)) as relay:
        await become(database, p2=Fate.SENT)
        await queue(database, message("reply"))
        relay.wake()
        await become(database, reply=Fate.SENT, p29=Fate.SENT)

    assert messenger.keys.index("reply") < 15


async def test_all_messages_together_keep_the_pace(database: Database):
    messenger = Messenger()

    await delivered(
        database,
        messenger,
        *(message(f"k{n}") for n in range(40)),
        pace=Pace(per_second=100, chat_seconds=0.001, group_seconds=0.001, in_flight=8),
    )

    # Never more than the pace allows and a small burst, over however long a stretch.
    times = messenger.times
    for first in range(40):
        for last in range(first, 40):
            assert last - first <= (times[last] - times[first] + 0.06) * 100 + 1


@pytest.mark.parametrize(("in_group", "seconds"), [(False, 0.1), (True, 0.25)])
async def test_one_chat_keeps_its_own_slower_pace(
    database: Database, in_group: bool, seconds: float
):
    messenger = Messenger()
    pace = Pace(per_second=1000, chat_seconds=0.1, group_seconds=0.25, in_flight=8)
    same = [message(f"k{n}", "x", in_group=in_group) for n in range(3)]

    await delivered(database, messenger, *same, message("other"), pace=pace)

    times = [t for t, m in zip(messenger.times, messenger.given, strict=True) if m.chat == "x"]
    assert all(gap >= seconds for gap in gaps(times))
    # Nothing but the chat's own rest is waited for.
    assert all(gap < seconds + 0.5 for gap in gaps(times))
    assert messenger.keys.index("other") == 1


async def test_a_channel_gets_only_so_many_sends_at_once(database: Database):
    messenger = Messenger()
    under_way, most = 0, 0

    async def slowly() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1

    messages = [message(f"k{n}") for n in range(12)]
    for m in messages:
        messenger.will(m.key, slowly)
    await delivered(database, messenger, *messages, pace=Pace(1000, 0.001, 0.001, in_flight=3))

    assert most == 3


async def test_a_busy_channel_is_left_alone_until_it_has_time_and_then_gets_everything(
    database: Database,
):
    messenger = Messenger()
    messenger.will("first", ChannelBusy("429", wait=0.4))

    await delivered(
        database,
        messenger,
        message("first"),
        *(message(f"k{n}") for n in range(3)),
        pace=Pace(20, 0.001, 0.001, in_flight=1),
    )

    assert messenger.keys[0] == "first"
    assert gaps(messenger.times)[0] >= 0.4
    assert sorted(messenger.keys) == ["first", "first", "k0", "k1", "k2"]
    assert await troubles(database) == []


async def test_of_two_refusals_for_speed_the_longer_one_holds(database: Database):
    messenger = Messenger()

    async def later() -> None:
        await asyncio.sleep(0.05)
        raise ChannelBusy("429", wait=0.05)

    messenger.will("a", ChannelBusy("429", wait=0.5))
    messenger.will("b", later)

    await delivered(database, messenger, message("a"), message("b"))

    assert messenger.times[2] - messenger.times[0] >= 0.5


async def test_a_busy_channel_does_not_hold_up_another(database: Database):
    local, zalo = Messenger(), Messenger("zalo")
    local.will("a", ChannelBusy("429", wait=60))
    await queue(database, message("a"), message("b", channel="zalo"), message("c", channel="zalo"))

    async with sending(database, local, zalo):
        await become(database, a=Fate.PENDING, b=Fate.SENT, c=Fate.SENT)

    assert local.keys == ["a"]


async def test_somebody_who_is_gone_is_not_tried_again(database: Database):
    messenger = Messenger()
    messenger.will("a", PersonGone("blocked"))
    await queue(database, message("a"))

    async with sending(database, messenger):
        await become(database, a=Fate.GONE)

    assert messenger.keys == ["a"]
    assert await troubles(database) == [("PersonGone", "a")]


async def test_a_refused_message_is_parked_and_its_chat_goes_on(database: Database):
    messenger = Messenger()
    messenger.will("a", SendError("can't parse entities"))
    await queue(database, message("a", "x"), message("b", "x", after="a"))

    async with sending(database, messenger):
        await become(database, a=Fate.REFUSED, b=Fate.SENT)

    assert messenger.keys == ["a", "b"]
    assert await troubles(database) == [("SendError", "a")]


async def test_what_went_to_a_chat_that_moved_is_sent_to_its_new_id(database: Database):
    async with database.session() as session:
        session.add(Unit(id=1, code="A"))
        await session.flush()
        since = date(2020, 4, 1)
        session.add(GroupChat(channel="local", chat="-1", unit_id=1, valid_from=since))
    messenger = Messenger()
    messenger.will("a", Moved("-100"))

    await delivered(database, messenger, message("a", "-1"), message("b", "-1"))

    assert [(m.key, m.chat) for m in messenger.given] == [("a", "-1"), ("a", "-100"), ("b", "-100")]
    async with database.read_session() as session:
        assert list(await session.exec(select(GroupChat.chat))) == ["-100"]
    assert await troubles(database) == []


async def test_a_chat_that_only_ever_moves_is_given_up(database: Database):
    messenger = Messenger()
    messenger.will("a", *(Moved(f"-{n}") for n in range(100)))
    await queue(database, message("a"))

    async with sending(database, messenger):
        await become(database, a=Fate.REFUSED)

    assert len(messenger.given) < 10
    assert await troubles(database) == [("Moved", "a")]


async def test_a_notice_of_unknown_fate_is_sent_once_more_and_not_a_third_time(
    database: Database,
):
    messenger = Messenger()
    messenger.will("once", FateUnknown("timeout"))
    messenger.will("twice", FateUnknown("timeout"), FateUnknown("timeout"))
    await queue(database, message("once"), message("twice"))

    async with sending(database, messenger):
        await become(database, once=Fate.SENT, twice=Fate.UNKNOWN)

    assert sorted(messenger.keys) == ["once", "once", "twice", "twice"]
    assert await troubles(database) == [("FateUnknown", "twice")]


async def test_a_post_of_unknown_fate_is_not_repeated_but_asked_about(database: Database):
    messenger = Messenger()
    messenger.will("a", FateUnknown("timeout"))
    await queue(database, message("a", "x", repeat=Repeat.ASK), message("b", "x"))

    async with sending(database, messenger):
        await become(database, a=Fate.UNKNOWN, b=Fate.SENT)

    assert messenger.keys == ["a", "b"]
    assert await troubles(database) == [("FateUnknown", "a")]


async def test_a_channel_that_drops_repeats_gets_even_a_post_again(database: Database):
    messenger = Messenger(drops_repeats=True)
    messenger.will("a", FateUnknown("timeout"), FateUnknown("timeout"))

    await delivered(database, messenger, message("a", repeat=Repeat.ASK))

    assert messenger.keys == ["a"] * 3
    assert gaps(messenger.times)[1] > gaps(messenger.times)[0] >= 1  # it waits longer each time


async def test_a_message_that_always_breaks_its_channel_is_given_up(database: Database):
    messenger = Messenger(drops_repeats=True)
    messenger.will("a", RuntimeError("a bug"))
    await queue(database, message("a"))
    async with database.write() as connection:
        await connection.execute(update(OutboxMessage).values(attempts=7))

    async with sending(database, messenger):
        await become(database, a=Fate.UNKNOWN)

    assert await troubles(database) == [("FateUnknown", "a")]


async def test_an_error_that_no_channel_may_raise_stops_nobody_else(database: Database):
    messenger = Messenger()
    messenger.will("a", KeyError("a bug"))
    await queue(database, message("a", repeat=Repeat.ASK), message("b"), message("c", "a"))

    async with sending(database, messenger):
        await become(database, a=Fate.UNKNOWN, b=Fate.SENT, c=Fate.SENT)


async def test_a_send_that_never_ends_stops_neither_other_chats_nor_other_channels(
    database: Database,
):
    frozen, other = Messenger(), Messenger("zalo")
    messages = [message(f"f{n}") for n in range(4)]
    for m in messages:
        frozen.will(m.key, for_ever)
    await queue(database, *messages[:2], message("b"))
    await queue(database, *messages[2:], message("z", channel="zalo"))

    async with sending(database, frozen, other, pace=Pace(1000, 0.001, 0.001, 3), patience=0.5):
        await become(database, b=Fate.SENT, z=Fate.SENT)
        early = await fates(database)
        await become(database, f0=Fate.SENT, f3=Fate.SENT)  # repeated once, as notices are

    assert [early[m.key] for m in messages].count(Fate.SENDING) >= 2


@pytest.mark.parametrize(
    ("repeat", "attempts", "drops_repeats", "fate"),
    [
        (Repeat.ONCE, 1, False, Fate.SENT),
        (Repeat.ONCE, 2, False, Fate.UNKNOWN),
        (Repeat.ASK, 1, False, Fate.UNKNOWN),
        (Repeat.ASK, 1, True, Fate.SENT),
        (Repeat.ASK, 8, True, Fate.UNKNOWN),
    ],
)
async def test_what_was_being_sent_when_the_bot_was_killed_has_an_end_after_the_start(
    database: Database, repeat: Repeat, attempts: int, drops_repeats: bool, fate: Fate
):
    messenger = Messenger(drops_repeats=drops_repeats)
    await queue(database, message("a", repeat=repeat), message("b", "a"))
    async with database.write() as connection:
        await outbox.take(connection, channels=["local"], now=now(), limit=1)
        killed = update(OutboxMessage).where(OutboxMessage.key == "a")  # type: ignore[arg-type]
        await connection.execute(killed.values(attempts=attempts))

    async with sending(database, messenger):
        await become(database, a=fate, b=Fate.SENT)

    asked = [("FateUnknown", "a")] if fate is Fate.UNKNOWN else []
    assert await troubles(database) == asked


async def test_a_stop_waits_for_what_is_being_sent_and_writes_it_down(database: Database):
    messenger = Messenger()
    begun = asyncio.Event()

    async def slowly() -> None:
        begun.set()
        await asyncio.sleep(0.1)

    messenger.will("a", slowly)
    await queue(database, message("a", repeat=Repeat.ASK))

    async with sending(database, messenger):
        await begun.wait()

    assert await fates(database) == {"a": Fate.SENT}


async def test_what_is_no_longer_useful_is_dropped_instead_of_sent(database: Database):
    messenger = Messenger()
    past = now() - timedelta(seconds=1)
    await queue(database, message("a", useful_until=past), message("b"))

    async with sending(database, messenger):
        await become(database, a=Fate.EXPIRED, b=Fate.SENT)

    assert messenger.keys == ["b"]


async def test_a_group_post_that_came_too_late_is_told_once_and_a_prompt_is_not(
    database: Database,
):
    messenger = Messenger()
    past = now() - timedelta(seconds=1)
    await queue(
        database,
        message("digest", repeat=Repeat.ASK, useful_until=past),
        message("prompt", useful_until=past),
    )

    async with sending(database, messenger):
        await become(database, digest=Fate.EXPIRED, prompt=Fate.EXPIRED)
    await delivered(database, messenger, message("after the next start"))

    assert messenger.keys == ["after the next start"]
    assert await troubles(database) == [("SendError", "digest")]


async def test_a_group_post_that_its_channel_was_too_busy_for_is_told_when_it_expires(
    database: Database,
):
    messenger = Messenger()
    messenger.will("digest", ChannelBusy("429", wait=60))
    soon = now() + timedelta(seconds=1)
    await queue(database, message("digest", repeat=Repeat.ASK, useful_until=soon))

    async with sending(database, messenger):
        await become(database, digest=Fate.EXPIRED)

    assert messenger.keys == ["digest"]
    assert await troubles(database) == [("SendError", "digest")]


async def test_a_fault_in_telling_is_logged_and_the_relay_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
):
    async def deaf(session: AsyncSession, queued: Queued, error: SendError) -> None:
        await told(session, queued, error)
        await session.flush()
        raise LookupError("nobody listens")

    messenger = Messenger()
    messenger.will("a", PersonGone("blocked"))
    await queue(database, message("a", "x"), message("b", "x"))

    async with sending(database, messenger, trouble=deaf):
        await become(database, a=Fate.GONE, b=Fate.SENT)

    assert await troubles(database) == []
    assert "nobody could be told" in caplog.text


async def test_a_trouble_that_the_disk_had_no_room_for_is_told_once_all_the_same(
    database: Database,
):
    faults = [OSError("the disk is full")]

    async def told_at_last(session: AsyncSession, queued: Queued, error: SendError) -> None:
        await told(session, queued, error)
        if faults:
            raise faults.pop()

    messenger = Messenger()
    messenger.will("a", PersonGone("blocked"))
    await queue(database, message("a"))

    async with sending(database, messenger, trouble=told_at_last):
        await become(database, a=Fate.GONE)

    assert faults == []
    assert messenger.keys == ["a"]
    assert await troubles(database) == [("PersonGone", "a")]


async def test_the_relay_goes_on_after_the_database_was_locked(
    database: Database, database_path: Path
):
    messenger = Messenger()
    async with sending(database, messenger) as relay:
        await queue(database, message("a"))
        relay.wake()
        await become(database, a=Fate.SENT)
        await queue(database, message("b"))
        holder = sqlite3.connect(database_path, isolation_level=None)
        async with database.read() as one, database.read() as other:
            for connection in (one, other):
                await connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        holder.execute("BEGIN IMMEDIATE")
        relay.wake()
        await asyncio.sleep(0.2)
        holder.close()
        await become(database, b=Fate.SENT)

    assert messenger.keys == ["a", "b"]


# --- edits


async def edited(database: Database, messenger: Messenger, *ends: Outcome) -> Messenger:
    """A form is sent, then an edit of it whose sends end so; what the messenger was given."""
    await delivered(database, messenger, message("form", "x"))
    messenger.will("review", *ends)
    await delivered(
        database, messenger, message("review", "x", edits="form", text="whole", instead="news")
    )
    return messenger


def able(**more: bool) -> Messenger:
    messenger = Messenger()
    messenger.abilities = replace(messenger.abilities, **more)
    return messenger


async def test_an_edit_names_the_message_by_the_channels_own_id(database: Database):
    messenger = await edited(database, able(edits=True))

    assert [(m.text, m.target) for m in messenger.given[1:]] == [("whole", "id of form")]


async def test_where_nothing_can_be_edited_the_news_are_a_message_of_their_own(database: Database):
    messenger = await edited(database, able(edits=False))

    assert [(m.text, m.target) for m in messenger.given[1:]] == [("news", None)]


async def test_a_text_too_long_for_an_edit_is_a_message_of_its_own(database: Database):
    messenger = able(edits=True)
    await delivered(database, messenger, message("form", "x"))
    long = message("review", "x", edits="form", text="x" * 4001, instead="news")

    await delivered(database, messenger, long)

    assert [(m.text, m.target) for m in messenger.given[1:]] == [("news", None)]


async def test_an_edit_of_a_message_that_is_gone_is_posted_anew(database: Database):
    messenger = await edited(database, able(edits=True), TargetGone("deleted"))

    assert [(m.text, m.target) for m in messenger.given[1:]] == [
        ("whole", "id of form"),
        ("news", None),
    ]
    assert await troubles(database) == []


async def test_an_edit_of_unknown_fate_is_repeated_until_it_is_sure(database: Database):
    lost = [FateUnknown("lost")] * 2

    messenger = await edited(database, able(edits=True), *lost)

    assert [m.target for m in messenger.given[1:]] == ["id of form"] * 3


# --- files


async def kept(database: Database, body: bytes) -> File:
    async with database.write() as connection:
        return await keep_file(connection, body, "tong-hop.png", picture=True, now=now())


async def test_a_channel_that_carries_files_is_given_the_bytes(database: Database):
    picture, messenger = await kept(database, b"PNG"), able(files=True)

    await delivered(database, messenger, message("digest", file=picture))

    assert messenger.given[0].file == picture
    assert messenger.contents == [b"PNG"]


class Links:
    """Files are offered at an address each."""

    def url_of(self, file: File) -> str:
        return f"https://a.vn/tep/{file.name}"

    def line_for(self, file: File) -> str:
        return f"Tệp {file.name}: {self.url_of(file)} (mở được đến 16h30 22/4)"


PAPER = File("0" * 64, "tuan.docx")  # of which nothing is kept: reading its bytes would fail
PICTURE = File("0" * 64, "tong-hop.png", picture=True)
LINE = Links().line_for(PAPER)
URL = Links().url_of(PAPER)


async def test_a_picture_goes_by_its_address_where_the_channel_shows_such(database: Database):
    messenger = able(pictures_by_url=True)

    await delivered(database, messenger, message("digest", file=PICTURE), offers=Links())

    [given] = messenger.given
    assert (given.text, given.file) == ("digest", PICTURE)
    assert given.file_url == "https://a.vn/tep/tong-hop.png"
    assert messenger.contents == [None]


async def test_the_bytes_go_before_the_address_where_a_channel_takes_both(database: Database):
    picture, messenger = await kept(database, b"PNG"), able(files=True, pictures_by_url=True)

    await delivered(database, messenger, message("digest", file=picture), offers=Links())

    assert (messenger.given[0].file, messenger.given[0].file_url) == (picture, "")
    assert messenger.contents == [b"PNG"]


@pytest.mark.parametrize(
    ("file", "abilities"),
    [(PAPER, {}), (PAPER, {"pictures_by_url": True}), (PICTURE, {})],
    ids=["paper", "paper where pictures are shown", "picture where none is shown"],
)
async def test_what_a_channel_cannot_carry_is_offered_by_link(
    database: Database, file: File, abilities: dict[str, bool]
):
    messenger = able(**abilities)

    await delivered(database, messenger, message("digest", file=file), offers=Links())

    [given] = messenger.given
    assert given.text == f"digest\n\n{Links().line_for(file)}"
    assert (given.file, given.file_url) == (None, "")
    assert messenger.contents == [None]


async def test_a_file_without_words_is_its_link(database: Database):
    messenger = able()

    await delivered(database, messenger, message("week", text="", file=PAPER), offers=Links())

    assert messenger.given[0].text == LINE


@pytest.mark.parametrize("file", [PAPER, PICTURE], ids=["paper", "picture"])
async def test_without_links_a_message_tells_where_to_get_its_file(database: Database, file: File):
    messenger = able(pictures_by_url=True)
    office = AtOffice("Văn phòng UBND tỉnh")

    await delivered(database, messenger, message("week", file=file), offers=office)

    [given] = messenger.given
    assert given.text == f"week\n\nTệp {file.name}: đề nghị nhận tại Văn phòng UBND tỉnh."
    assert (given.file, given.file_url) == (None, "")


@pytest.mark.parametrize(
    ("longest", "says"),
    [
        (200 + 2 + len(LINE), f"{'a ' * 99}bb\n\n{LINE}"),
        (200 + 2 + len(LINE) - 1, f"{'a ' * 99}bb\n\n{URL}"),
        (200 + 2 + len(URL), f"{'a ' * 99}bb\n\n{URL}"),
        (200 + 2 + len(URL) - 1, f"{'a ' * 98}a…\n\n{URL}"),
    ],
    ids=["all fits", "line too long", "address fits", "address too long"],
)
async def test_a_long_text_shortens_the_line_but_never_loses_the_link(
    database: Database, longest: int, says: str
):
    messenger = Messenger()
    messenger.abilities = replace(messenger.abilities, longest_text=longest)
    text = f"{'a ' * 99}bb"

    await delivered(database, messenger, message("week", text=text, file=PAPER), offers=Links())

    assert messenger.given[0].text == says


async def test_an_edit_that_is_sent_anew_keeps_its_link(database: Database):
    messenger = able(edits=False)
    sent, change = message("form"), message("news", "form", edits="form", file=PAPER)

    await delivered(database, messenger, sent, offers=Links())
    await delivered(database, messenger, change, offers=Links())

    assert messenger.given[1].target is None
    assert messenger.given[1].text == f"news\n\n{LINE}"


async def test_the_same_bytes_are_kept_once(database: Database):
    one, other = await kept(database, b"PNG"), await kept(database, b"PNG")

    async with database.read() as connection:
        count = (await connection.execute(text("SELECT count(*) FROM kept_file"))).scalar_one()
    assert one == other
    assert count == 1


# --- where messages are counted


def counted(name: str = "local") -> Messenger:
    messenger = Messenger(name)
    messenger.abilities = Abilities(
        2000, buttons=False, drops_repeats=False, at_once=1, quota=Quota()
    )
    return messenger


@pytest.mark.parametrize("repeat", Repeat)
async def test_where_messages_are_counted_nothing_of_unknown_fate_is_repeated(
    database: Database, repeat: Repeat
):
    messenger = counted()
    messenger.will("a", FateUnknown("reset"))
    await queue(database, message("a", repeat=repeat), message("b"))

    async with sending(database, messenger):
        await become(database, a=Fate.UNKNOWN, b=Fate.SENT)

    assert messenger.keys == ["a", "b"]
    assert await troubles(database) == [("FateUnknown", "a")]


async def test_an_edit_where_nothing_can_be_edited_is_not_repeated_either(database: Database):
    messenger = counted()
    messenger.will("news", FateUnknown("reset"))
    await delivered(database, messenger, message("form", "x"))
    await queue(database, message("news", "x", edits="form"))

    async with sending(database, messenger):
        await become(database, news=Fate.UNKNOWN)

    assert messenger.keys == ["form", "news"]


async def test_a_channel_that_takes_one_at_a_time_is_given_one_at_a_time(database: Database):
    one, many = counted("one"), Messenger("many")
    under_way, most = 0, 0

    async def slowly() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1

    names = [f"m{n}" for n in range(6)]
    for name in names:
        one.will(name, slowly)
    others = [message(f"o{n}", channel="many") for n in range(6)]
    await queue(database, *(message(name, channel="one") for name in names), *others)

    async with sending(database, one, many):
        sent = dict.fromkeys([*names, *(o.key for o in others)], Fate.SENT)
        await become(database, **sent)

    assert most == 1


async def test_until_a_channel_is_set_up_a_private_message_waits_and_a_post_is_given_up(
    database: Database,
):
    messenger = counted()
    messenger.will("reply", NotSetUp("mã sai"))
    messenger.will("post", NotSetUp("mã sai"))
    post = message("post", in_group=True, repeat=Repeat.ASK, priority=Priority.DIGEST)
    await queue(database, message("reply"), post, message("other"))

    async with sending(database, messenger):
        await become(database, post=Fate.REFUSED, other=Fate.SENT)

    assert (await fates(database))["reply"] == Fate.PENDING
    assert await troubles(database) == [("NotSetUp", "reply"), ("NotSetUp", "post")]


async def test_without_buttons_what_they_say_is_typed_or_chosen_by_number(database: Database):
    messenger = counted()
    buttons = (Button("Gửi", "gửi"), Button("Trả lời", "trả lời", only_tapped=True))
    choose = message("choose", text="Đúng chưa?", buttons=buttons, numbered=True)
    form = message("form", text="Mẫu", buttons=buttons)
    said = message("said", text="Gõ GỬI để gửi.", buttons=buttons)
    group = message(
        "group", text="Tổng hợp", buttons=(Button("Quá hạn", "/tonghop quahan"),), in_group=True
    )

    await delivered(database, messenger, choose, form, said, group)

    assert {m.key: m.text for m in messenger.given} == {
        "choose": "Đúng chưa?\nChọn bằng số: 1 Gửi; 2 Trả lời.",
        "form": "Mẫu\nCó thể gõ: gửi.",
        "said": "Gõ GỬI để gửi.",
        "group": "Tổng hợp\nCó thể gắn thẻ bot (@) rồi gõ: /tonghop quahan (Quá hạn).",
    }
    assert not any(m.buttons for m in messenger.given)


async def test_where_a_part_has_no_room_the_choices_are_left_out(database: Database):
    messenger = counted()
    long = message("long", text="a" * 1795, buttons=(Button("Gửi", "gửi"),))

    await delivered(database, messenger, long)

    assert messenger.given[0].text == "a" * 1795


async def test_a_channel_that_takes_one_at_a_time_has_only_one_that_is_not_written_down(
    database: Database,
):
    one, other = counted("one"), Messenger("other")
    begun, turning, ended, found = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

    async def ends_in_the_middle_of_a_turn() -> None:
        begun.set()
        await turning.wait()
        ended.set()

    async def is_refused_meanwhile() -> None:
        await begun.wait()
        raise PersonGone("đã chặn")

    async def told_until_the_first_has_ended(*_: object) -> None:
        turning.set()
        await ended.wait()
        await asyncio.sleep(0)

    async def finds_the_first() -> None:
        found.append((await fates(database))["first"])

    one.will("first", ends_in_the_middle_of_a_turn)
    one.will("second", finds_the_first)
    other.will("gone", is_refused_meanwhile)
    of_one = [message(key, channel="one") for key in ("first", "second")]
    await queue(database, *of_one, message("gone", channel="other"))

    async with sending(database, one, other, trouble=told_until_the_first_has_ended):
        await become(database, first=Fate.SENT, second=Fate.SENT)

    assert found == [Fate.SENT]
