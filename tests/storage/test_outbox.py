"""The queue: what may leave next, what waits for what, and what became of each message."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import select

from bot.core.messaging import Button, Fate, Outbound, Priority, Repeat, screen_of
from storage import outbox
from storage.database import Database
from storage.outbox import Queued, Settled
from storage.tables import Address, GroupChat, OutboxMessage, Person, Unit

NOW = datetime(2020, 4, 15, 8, 30, tzinfo=UTC)
DAY = date(2020, 4, 15)
MINUTE = timedelta(minutes=1)


def message(key: str, chat: str = "a", **more: Any) -> Outbound:
    return Outbound(**{"key": key, "channel": "local", "chat": chat, "text": key, **more})


async def queue(database: Database, *messages: Outbound, now: datetime = NOW) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, messages, now=now)


async def take(database: Database, *, now: datetime = NOW, **more: Any) -> list[Queued]:
    asked = {"channels": ["local"], "limit": 100, **more}
    async with database.write() as connection:
        await outbox.expire(connection, now=now)
        return await outbox.take(connection, now=now, **asked)


async def keys(database: Database, **more: Any) -> list[str]:
    return [q.message.key for q in await take(database, **more)]


async def settle(database: Database, *ends: Settled, now: datetime = NOW) -> None:
    async with database.write() as connection:
        await outbox.settle(connection, ends, now=now)


async def rows(database: Database) -> dict[str, OutboxMessage]:
    async with database.read_session() as session:
        return {m.key: m for m in await session.exec(select(OutboxMessage))}


async def test_a_message_is_queued_once_for_its_key(database: Database):
    await queue(database, message("k", text="first"))
    await queue(database, message("k", text="second"), message("other", "b"))

    assert {k: m.text for k, m in (await rows(database)).items()} == {
        "k": "first",
        "other": "other",
    }


async def test_a_message_leaves_as_it_was_queued(database: Database):
    whole = message(
        "k",
        buttons=(Button("Gửi", "gửi"), Button("Hủy", "hủy")),
        in_group=True,
        priority=Priority.DIGEST,
        repeat=Repeat.ASK,
        useful_until=NOW + MINUTE,
        after="part",
    )

    await queue(database, whole)

    [taken] = await take(database)
    assert taken.message == whole
    assert taken.attempts == 1


async def test_replies_leave_before_digests_and_digests_before_prompts(database: Database):
    await queue(
        database,
        message("prompt 1", "a", priority=Priority.PROMPT),
        message("prompt 2", "b", priority=Priority.PROMPT),
        message("digest", "c", priority=Priority.DIGEST),
        message("reply", "d"),
    )

    assert await keys(database, limit=3) == ["reply", "digest", "prompt 1"]


async def test_one_message_at_a_time_leaves_for_a_chat(database: Database):
    await queue(database, message("1"), message("2"), message("other", "b"))

    assert await keys(database) == ["1", "other"]
    assert await keys(database) == []
    first = (await rows(database))["1"].id or 0
    await settle(database, Settled(first, Fate.SENT, external_id="x"))

    assert await keys(database) == ["2"]


async def test_the_same_chat_id_on_another_channel_is_another_chat(database: Database):
    await queue(database, message("1"), message("2", channel="zalo"))

    assert await keys(database, channels=["local", "zalo"]) == ["1", "2"]


async def test_only_the_channels_asked_for_are_sent_to(database: Database):
    await queue(database, message("1", channel="zalo"), message("2"))

    assert await keys(database) == ["2"]


async def test_a_chat_that_rests_gets_nothing(database: Database):
    await queue(database, message("1", "a"), message("2", "b"))

    assert await keys(database, resting=[("local", "a"), ("zalo", "b")]) == ["2"]


async def test_a_reply_overtakes_what_waits_for_the_same_chat(database: Database):
    await queue(database, message("prompt", priority=Priority.PROMPT), message("reply"))

    assert await keys(database) == ["reply"]


@pytest.mark.parametrize("end", [Fate.REFUSED, Fate.GONE, Fate.UNKNOWN, Fate.SENT])
async def test_a_part_waits_until_the_part_before_has_ended_and_no_longer(
    database: Database, end: Fate
):
    parts = [message("1"), message("2", "b", after="1")]
    await queue(database, *parts)

    [first] = await take(database)
    waiting = await keys(database)
    await settle(database, Settled(first.id, end, external_id="x"))

    assert waiting == []
    assert await keys(database) == ["2"]


async def test_what_is_put_off_keeps_its_place_before_what_follows(database: Database):
    await queue(database, message("1"), message("2"))
    [first] = await take(database)

    await settle(database, Settled(first.id, Fate.PENDING, due_at=NOW + MINUTE))

    assert await keys(database) == []
    assert await keys(database, now=NOW + MINUTE) == ["1"]


async def test_an_attempt_for_which_the_channel_had_no_room_does_not_count(database: Database):
    await queue(database, message("1"))

    for n in range(3):
        [taken] = await take(database, now=NOW + n * MINUTE)
        later = NOW + (n + 1) * MINUTE
        await settle(database, Settled(taken.id, Fate.PENDING, failure="busy", due_at=later))

    [taken] = await take(database, now=NOW + 3 * MINUTE)
    assert taken.attempts == 1


@pytest.mark.parametrize(
    ("until", "fate"), [(-1, Fate.EXPIRED), (0, Fate.EXPIRED), (1, Fate.SENDING)]
)
async def test_a_message_is_dropped_from_the_moment_it_is_no_longer_useful(
    database: Database, until: int, fate: Fate
):
    useful = NOW + timedelta(seconds=until)
    await queue(database, message("1", useful_until=useful))

    await take(database)

    assert (await rows(database))["1"].fate == fate


async def test_a_group_post_that_was_never_sent_is_told_and_a_prompt_is_not(database: Database):
    late = {"useful_until": NOW}
    await queue(database, message("digest", repeat=Repeat.ASK, **late), message("prompt", **late))

    async with database.write() as connection:
        dropped = await outbox.expire(connection, now=NOW)

    assert [q.message.key for q in dropped] == ["digest"]


async def test_what_is_answered_is_not_asked_any_more(database: Database):
    await queue(database, message("1", asks="A/2020-04-15"), message("2", "b", asks="B/2020-04-15"))

    async with database.write() as connection:
        await outbox.drop_answered(connection, ["A/2020-04-15"], now=NOW)

    assert await keys(database) == ["2"]


async def test_an_expired_message_does_not_hold_up_what_follows(database: Database):
    await queue(database, message("1", useful_until=NOW), message("2", after="1"))

    assert await keys(database) == ["2"]


async def test_messages_interrupted_by_a_stop_are_found_with_their_attempts(database: Database):
    await queue(database, message("1"), message("2", "b"), message("3", channel="zalo"))
    await take(database, channels=["local", "zalo"], limit=3)

    async with database.read() as connection:
        found = await outbox.interrupted(connection, "local")

    assert [(q.message.key, q.attempts) for q in found] == [("1", 1), ("2", 1)]


async def test_it_is_quiet_when_nothing_is_due_or_under_way(database: Database):
    async def quiet() -> bool:
        async with database.read() as connection:
            return await outbox.quiet(connection, now=NOW)

    empty = await quiet()
    await queue(database, message("later"), now=NOW + MINUTE)
    nothing_due = await quiet()
    await queue(database, message("now", "b"))
    due = await quiet()
    [taken] = await take(database)
    under_way = await quiet()
    await settle(database, Settled(taken.id, Fate.SENT, external_id="x"))

    assert (empty, nothing_due, due, under_way, await quiet()) == (True, True, False, False, True)


async def bound(database: Database, *chats: str) -> None:
    async with database.session() as session:
        session.add_all([Unit(id=1, code="A"), Person(id=1, name="x", created_at=NOW)])
        await session.flush()
        for chat in chats:
            place = {"channel": "local", "valid_from": DAY}
            session.add(GroupChat(chat=chat, unit_id=1, **place))
            session.add(Address(person_id=1, external_id=chat, last_used_at=NOW, **place))


async def places(database: Database) -> dict[str, list[tuple[str, bool]]]:
    """Return the chat of each group and address, and whether it is still valid."""
    async with database.read_session() as session:
        groups = await session.exec(select(GroupChat).order_by(GroupChat.id))
        addresses = await session.exec(select(Address).order_by(Address.id))
        return {
            "groups": [(g.chat, g.valid_until is None) for g in groups],
            "addresses": [(a.external_id, a.valid_until is None) for a in addresses],
        }


async def move(database: Database, moved: Outbound, new: str) -> None:
    async with database.write() as connection:
        await outbox.move_chat(connection, moved.channel, moved.chat, new, today=DAY)


async def test_a_chat_that_moved_has_its_new_id_everywhere(database: Database):
    await bound(database, "old", "other")
    await queue(database, message("1", "old"), message("2", "old"), message("3", "other"))
    [first, _] = await take(database)

    await move(database, first.message, "new")

    assert {k: m.chat for k, m in (await rows(database)).items()} == {
        "1": "new",
        "2": "new",
        "3": "other",
    }
    assert await places(database) == {
        "groups": [("new", True), ("other", True)],
        "addresses": [("new", True), ("other", True)],
    }


async def test_what_was_sent_stays_where_it_was_sent(database: Database):
    await queue(database, message("1", "old"))
    [first] = await take(database)
    await settle(database, Settled(first.id, Fate.SENT, external_id="x"))

    await move(database, first.message, "new")

    assert (await rows(database))["1"].chat == "old"


async def test_a_chat_that_moved_to_one_that_is_bound_already_ends(database: Database):
    await bound(database, "old", "new")

    await move(database, message("1", "old"), "new")

    assert await places(database) == {
        "groups": [("old", False), ("new", True)],
        "addresses": [("old", False), ("new", True)],
    }


async def test_taking_does_not_walk_through_what_is_done_or_waits(
    database: Database, database_path: Path
):
    await queue(database, *(message(f"{n}", f"{n}", useful_until=NOW + MINUTE) for n in range(9)))

    with counted() as statements:
        taken = await take(database, limit=2, resting=[("local", "0")])
        await settle(database, *(Settled(q.id, Fate.SENT, external_id="x") for q in taken))

    connection = sqlite3.connect(database_path)
    plans = [
        str(row[3])
        for statement, values in statements
        if statement.startswith(("SELECT", "UPDATE"))
        # The same statement for many rows: the first stands for all.
        for first in [values[0] if isinstance(values, list) else values]
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", first)
        if "outbox" in str(row[3])
    ]
    connection.close()
    assert plans[0].startswith("SEARCH outbox USING INDEX ix_outbox_useful_until")
    assert plans[1].startswith("SEARCH outbox USING INDEX ix_outbox_waiting")
    assert plans[2] == "SCAN outbox USING INDEX ix_outbox_pending"
    assert [p for p in plans[3:] if not p.startswith("SEARCH")] == []


async def test_a_long_queue_does_not_make_the_next_message_slower(database: Database):
    """Counted in steps of the database's own machine, which no other load on it changes."""
    short = await steps_of_taking(database, waiting=20)
    long = await steps_of_taking(database, waiting=2000)

    assert long < 3 * short


async def steps_of_taking(database: Database, *, waiting: int) -> int:
    prompt = {"priority": Priority.PROMPT, "useful_until": NOW + MINUTE}
    await queue(database, *(message(f"{waiting}/{n}", f"{n}", **prompt) for n in range(waiting)))
    steps = 0

    def one_more() -> int:
        nonlocal steps
        steps += 1
        return 0

    async with database.write() as connection:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.set_progress_handler(one_more, 10)
        await outbox.take(connection, channels=["local"], now=NOW, limit=2)
        await raw.driver_connection.set_progress_handler(None, 10)
        await connection.execute(text("DELETE FROM outbox"))
    return steps


@contextmanager
def counted() -> Iterator[list[tuple[str, Any]]]:
    """Collect all statements that are executed, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_more: object
    ) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


GO, STOP = Button("Gửi", "gửi"), Button("Hủy", "hủy")


async def ended(database: Database, key: str, fate: Fate, external_id: str | None = None) -> None:
    """The message is taken to be sent, and ends so."""
    taken = {q.message.key: q for q in await take(database)}
    await settle(database, Settled(taken[key].id, fate, external_id=external_id))


async def test_an_edit_carries_the_channels_own_id_of_what_it_edits(database: Database):
    await queue(database, message("form"))
    await ended(database, "form", Fate.SENT, "77")

    await queue(database, message("review", edits="form", tap="t1"))

    [taken] = await take(database)
    assert (taken.message.edits, taken.message.target, taken.message.tap) == ("form", "77", "t1")


async def test_an_edit_waits_while_the_message_is_being_sent(database: Database):
    await queue(database, message("form"))
    [form] = await take(database)
    await queue(database, message("review", "b", edits="form"))

    waiting = await keys(database)
    await settle(database, Settled(form.id, Fate.SENT, external_id="77"))

    assert waiting == []
    assert await keys(database) == ["review"]


async def test_an_edit_of_a_message_that_has_not_left_changes_that_one(database: Database):
    await queue(database, message("form", buttons=(STOP,)))

    await queue(database, message("review", edits="form", buttons=(GO, STOP)))

    [taken] = await take(database)
    assert (taken.message.key, taken.message.text) == ("form", "review")
    assert taken.message.buttons == (GO, STOP)
    assert taken.message.screen == screen_of("review")
    assert taken.message.edits is None


@pytest.mark.parametrize("end", [Fate.REFUSED, Fate.GONE])
async def test_an_edit_of_a_message_that_never_arrived_is_a_message_of_its_own(
    database: Database, end: Fate
):
    await queue(database, message("form"))
    [form] = await take(database)
    await queue(database, message("early", edits="form", instead="News"))
    await settle(database, Settled(form.id, end))

    early = await take(database)
    await settle(database, Settled(early[0].id, Fate.SENT, external_id="1"))
    await queue(database, message("late", edits="form"))

    assert [(q.message.text, q.message.target) for q in early] == [("News", None)]
    assert await keys(database) == ["late"]
    assert {(m.edits, m.text) for m in (await rows(database)).values()} == {
        (None, "form"),
        (None, "News"),
        (None, "late"),
    }


async def test_an_edit_of_a_post_waits_while_nobody_knows_whether_it_arrived(database: Database):
    post = {"repeat": Repeat.ASK}
    await queue(database, message("digest"))
    [digest] = await take(database)
    await queue(database, message("1", edits="digest", **post))
    await settle(database, Settled(digest.id, Fate.UNKNOWN))
    await queue(database, message("2", edits="digest", **post), message("other"))

    others = await keys(database)
    async with database.write() as connection:
        await outbox.arrived(connection, digest.id, "77", now=NOW)
    other = (await rows(database))["other"].id or 0
    await settle(database, Settled(other, Fate.SENT, external_id="78"))

    assert others == ["other"]  # what waits does not hold up its chat
    [first] = await take(database)
    assert (first.message.key, first.message.target) == ("1", "77")


async def test_an_answer_never_waits_for_what_nobody_knows(database: Database):
    await queue(database, message("review"))
    [review] = await take(database)
    await queue(database, message("early", edits="review"))
    await settle(database, Settled(review.id, Fate.UNKNOWN))
    await queue(database, message("late", "b", edits="review"))

    assert [(q.message.key, q.message.target) for q in await take(database)] == [
        ("early", None),
        ("late", None),
    ]


async def test_an_update_that_waited_too_long_is_told(database: Database):
    await queue(database, message("digest", repeat=Repeat.ASK))
    await ended(database, "digest", Fate.UNKNOWN)
    update = message("update", edits="digest", repeat=Repeat.ASK, useful_until=NOW + MINUTE)
    await queue(database, update)

    async with database.write() as connection:
        dropped = await outbox.expire(connection, now=NOW + MINUTE)

    assert [q.message.key for q in dropped] == ["update"]


async def test_the_newest_edit_of_a_message_that_is_put_off_is_what_leaves(database: Database):
    await queue(database, message("form", priority=Priority.PROMPT))
    [form] = await take(database)
    await queue(database, message("first", edits="form"))
    await settle(database, Settled(form.id, Fate.PENDING, due_at=NOW))

    await queue(database, message("second", edits="form"))

    [left] = await take(database)
    await settle(database, Settled(left.id, Fate.SENT, external_id="77"))
    assert (left.message.text, left.message.priority) == ("second", Priority.REPLY)
    assert await keys(database) == []


async def test_nothing_is_edited_in_a_chat_that_has_moved_since(database: Database):
    await queue(database, message("digest", "old"))
    await ended(database, "digest", Fate.SENT, "77")
    await queue(database, message("update", "old", edits="digest", instead="news"))

    await move(database, message("digest", "old"), "new")

    [update] = await take(database)
    assert (update.message.chat, update.message.target, update.message.text) == (
        "new",
        None,
        "news",
    )


async def test_a_message_that_is_known_to_have_arrived_is_not_sent_again(database: Database):
    await queue(database, message("form"))
    [form] = await take(database)
    await settle(database, Settled(form.id, Fate.PENDING, failure="the answer was lost"))

    async with database.write() as connection:
        await outbox.arrived(connection, form.id, "77", now=NOW)

    assert await keys(database) == []
    assert (await rows(database))["form"].external_id == "77"


async def test_what_is_to_be_edited_and_is_gone_is_sent_anew(database: Database):
    await queue(database, message("form"))
    await ended(database, "form", Fate.SENT, "77")
    await queue(database, message("review", edits="form"))
    [review] = await take(database)

    await settle(database, Settled(review.id, Fate.PENDING, anew=True))

    [again] = await take(database)
    assert (again.message.edits, again.message.target) == (None, None)


async def test_a_bare_answer_to_a_tap_leaves_like_any_other(database: Database):
    await queue(database, message("toast", text="", tap="t1", passing=True))

    [taken] = await take(database)

    assert taken.message.passing
    assert taken.message.tap == "t1"
