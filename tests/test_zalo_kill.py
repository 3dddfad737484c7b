"""A bot on Zalo that dies, or that Zalo leaves alone, loses no report that got a receipt.

Zalo gives an update once and knows no message again, so that nothing is repeated by itself: who got
no receipt says it again, and an admin settles what nobody knows. Many short lives are played, each
with one death; a few more are played with Zalo at its worst.
"""

import asyncio
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError
from live import DAY, Founded, founded, until
from zalo_live import COMMITTEE, Life, life
from zaloapi import Call, Fault

from bot.core.dialogue import receipt_code
from storage.health import Unsure

REPORT = "1\n4\n5\n5\n3\n0\n6\n0\n10\n0\n0\n0\ncó\nđủ\nkhông"
LAN, MINH, HOA, TU = "Nguyễn Thị Lan", "Trần Văn Minh", "Hoa", "Tú"
BINH, DUTY = "Phạm Văn Bình", "Trực ban"
UNITS = {LAN: "VP-VY-TS01", MINH: "VP-VY-LB02", HOA: "VP-VY-HH03", TU: "VP-VY-DD04"}
AT = {LAN: "first", HOA: "first", TU: "first", BINH: "first", MINH: "second", DUTY: "second"}
_RECEIPT = re.compile(
    r"^Đã nhận (?:báo cáo|bản sửa).*? Mã (\w+)[.,].*\n"
    r"Nhận (\d+), trả (\d+), đang giải quyết (\d+), quá hạn (\d+)\.",
    re.DOTALL,
)
_SAME = "không cần gửi lại"
_HELD = 0.5  # seconds that an answer is kept back: enough to see it and to kill
_AT_ONCE = 5  # lives

Fields = Mapping[str, str]
Trap = Callable[[Life], Awaitable[object]]
"""Lies in wait from when it is called; what it returns is done when the bot has come to it."""


# The points of the way


def _held(
    method: str, where: Callable[[Life, Fields], bool], *, done: bool, after: int = 0
) -> Trap:
    """Come to a call whose answer is kept back, before its work is done or after."""
    fault = Fault("held", carried_out=done, wait=_HELD, then="answer" if done else "reset")

    def held(life: Life) -> Awaitable[object]:
        known = len(life.api.calls)

        def stands(call: Call) -> bool:
            return call.fault == fault.kind and call.done >= done

        life.api.fails(method, with_=fault, where=lambda f: where(life, f), after=after)
        return until(lambda: any(map(stands, life.api.calls[known:])), f"{method} is held")

    return held


def _delivered(life: Life) -> Awaitable[object]:
    """An update is in the bot's hands, and nowhere else."""
    delivered = asyncio.Event()
    life.front.delivered = delivered.set

    def heard(call: Call) -> None:
        if call.event and call.status:
            delivered.set()

    life.heard = heard
    return delivered.wait()


def _kept(life: Life) -> Awaitable[object]:
    """An update is durable: the bot asks for the next, or has answered the post."""
    if life.mode == "polling":
        known = _given(life)
        next_one = _held("getUpdates", lambda life, _: _given(life) > known, done=False)
        return next_one(life)
    answered = asyncio.Event()

    def unheard() -> bool:
        answered.set()
        return False

    life.front.answered = unheard
    return answered.wait()


def _given(life: Life) -> int:
    return sum(bool(c.event and c.status) for c in life.api.calls)


def _to(name: str) -> Callable[[Life, Fields], bool]:
    return lambda life, fields: fields.get("chat_id") == life.chat_of(name)


def _to_group(life: Life, fields: Fields) -> bool:
    return fields.get("chat_id") == life.group.id


def _to_anybody(life: Life, fields: Fields) -> bool:
    return not _to_group(life, fields)


POINTS: Mapping[str, tuple[str, Trap]] = {
    "an update is delivered": ("report", _delivered),
    "an update is kept": ("report", _kept),
    "a receipt is received": ("report", _held("sendMessage", _to(LAN), done=False)),
    "a receipt is shown": ("report", _held("sendMessage", _to(LAN), done=True)),
    "a prompt is received": ("prompt", _held("sendMessage", _to_anybody, done=False, after=1)),
    "a prompt is shown": ("prompt", _held("sendMessage", _to_anybody, done=True, after=1)),
    "a digest is received": ("digest", _held("sendMessage", _to_group, done=False)),
    "a digest is shown": ("digest", _held("sendMessage", _to_group, done=True)),
}


@dataclass(frozen=True, slots=True)
class Death:
    """How a bot dies, and where."""

    mode: str
    how: signal.Signals
    point: str

    def __str__(self) -> str:
        return f"{self.mode}, {self.how.name}: {self.point}"


DEATHS = [
    *(Death(mode, signal.SIGKILL, point) for mode in ("polling", "webhook") for point in POINTS),
    # Told to end, it ends alike in both modes, but for what is being taken.
    *(Death("polling", signal.SIGTERM, point) for point in POINTS),
    *(Death("webhook", signal.SIGTERM, point) for point in POINTS if "update" in point),
]


# The life before and after


@dataclass(frozen=True, slots=True)
class Row:
    """A message of the outbox."""

    id: int
    key: str
    chat: str
    text: str
    fate: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Lived:
    """What is left of a life.

    Attributes:
        ended: the exit code of the process that died.
        screens: what each person was shown, and the group.
        unsure: what the check-up listed in the end.
        again: how many messages were queued because an event came twice.
        noted: what was seen on the way.
    """

    ended: int
    calls: list[Call]
    rows: Callable[[str], list[tuple[Any, ...]]]
    screens: Mapping[str, Sequence[str]]
    unsure: Sequence[Unsure]
    again: int = 0
    noted: Mapping[str, Any] = field(default_factory=dict)

    def outbox(self) -> list[Row]:
        """Return all messages, with the text as it leaves: nobody here is shown buttons."""
        query = "SELECT id, key, chat, text, fate, attempts FROM outbox ORDER BY id"
        return [Row(*row) for row in self.rows(query)]

    def sent(self, row: Row) -> list[Call]:
        """Return the calls that were to send a message."""
        return [
            c
            for c in self.calls
            if c.method == "sendMessage"
            and c.fields["chat_id"] == row.chat
            and c.fields["text"].startswith(row.text)
        ]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Mapping[object, Lived | BaseException]:
    """All lives, some at a time, since part of each is waiting."""
    office = founded(tmp_path_factory.mktemp("office"))
    return asyncio.run(_all_lived(tmp_path_factory.mktemp("lives"), office))


async def _all_lived(folder: Path, office: Founded) -> Mapping[object, Lived | BaseException]:
    joined = await _joined(folder, office)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, what: Death | str) -> Lived:
        own = folder / str(number)
        own.mkdir()
        mode = what.mode if isinstance(what, Death) else "polling"
        async with places, life(own, joined, mode=mode, at=AT) as lived:
            _meet(lived)
            await lived.starts()
            if isinstance(what, Death):
                return await _die_one_day(lived, what)
            noted = await STORIES[what](lived)
            return replace(await _left(lived), noted=noted)

    whats = [*STORIES, *DEATHS]
    every = [one(number, what) for number, what in enumerate(whats)]
    return dict(zip(whats, await asyncio.gather(*every, return_exceptions=True), strict=True))


async def _joined(folder: Path, office: Founded) -> Founded:
    """Return the office after everybody has joined and the group is bound.

    The admin has a place with both bots and spoke with the first one last.
    """
    async with life(folder, office, mode="polling", at=AT) as first:
        await first.starts()
        await first.joins(BINH, "VP", "admin")
        await first.joins(DUTY, "VP", "office")
        for name, unit in UNITS.items():
            await first.joins(name, unit, "focal_point")
        await first.says(BINH, "/themkenh")
        await first.settles()
        [code] = re.findall(r"/start \S+", first.screen(BINH)[-1])
        await first.person(BINH).says(first.second, code)
        await first.settles()
        first.now = first.now.replace(hour=9)
        await first.settles()
        await first.binds("VP", admin=BINH)
        await first.dies(signal.SIGTERM)
    database = folder / "giaoban.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        # What was said and sent so far is no part of the lives to come.
        connection.execute("DELETE FROM inbox")
        connection.execute("DELETE FROM outbox")
    return replace(office, database=database)


def _meet(life: Life) -> None:
    """Let the bots write to who has written to them."""
    for name in AT:
        life.bot_of(name).meets(life.person(name))
    life.second.meets(life.person(BINH))


async def _die_one_day(life: Life, death: Death) -> Lived:
    """Live through the day with one death."""
    ended = 0
    step_of_death, trap = POINTS[death.point]
    for step, act in STEPS.items():
        if step == step_of_death:
            ended = await _die(life, act, trap, death.how)
        else:
            await act(life)
        await life.settles()
    before = len(life.rows("SELECT id FROM outbox"))
    for bot in life.bots:
        assert await bot.hears_again()
    await life.settles()
    again = len(life.rows("SELECT id FROM outbox")) - before
    return replace(await _left(life), ended=ended, again=again)


async def _die(
    life: Life, act: Callable[[Life], Awaitable[None]], trap: Trap, how: signal.Signals
) -> int:
    """Do something, die in the middle of it, and live again; return the exit code."""
    sprung = trap(life)
    acting = asyncio.create_task(act(life))
    await sprung
    ended = await life.dies(how)
    with suppress(ClientError):
        await acting
    life.front.answered = lambda: True
    life.heard = lambda _: None
    life.api.heals()
    await life.starts()
    return ended


async def _report(life: Life) -> None:
    await life.says(LAN, REPORT)


async def _say_again(life: Life) -> None:
    """Who got no receipt says it again; who is nervous does so all the same."""
    await life.says(MINH, REPORT)
    await life.settles()
    for name in (LAN, MINH):
        if not _acknowledged(life, name):
            await life.says(name, REPORT)
            await life.settles()
    await life.says(MINH, REPORT)


def _acknowledged(life: Life, name: str) -> bool:
    return any(_RECEIPT.match(text) or _SAME in text for text in life.screen(name))


STEPS: Mapping[str, Callable[[Life], Awaitable[None]]] = {
    "prompt": lambda life: life.clock("15:00"),
    "report": _report,
    "say again": _say_again,
    "digest": lambda life: life.clock("17:00"),
}


async def _left(life: Life) -> Lived:
    return Lived(
        ended=0,
        calls=life.api.calls,
        rows=life.rows,
        screens={name: life.screen(name) for name in (*AT, COMMITTEE)},
        unsure=await life.unsure(),
    )


STORIES: Mapping[str, Callable[[Life], Awaitable[Mapping[str, Any]]]] = {}


@pytest.fixture(params=DEATHS, ids=str)
def death(request: pytest.FixtureRequest) -> Death:
    """One of the deaths."""
    return request.param


@pytest.fixture
def lived(death: Death, lives: Mapping[object, Lived | BaseException]) -> Lived:
    """One of the lives with a death in it."""
    return _found(lives, death)


def _found(lives: Mapping[object, Lived | BaseException], what: object) -> Lived:
    found = lives[what]
    if isinstance(found, BaseException):
        raise found
    return found


# What must hold after any death


def test_a_bot_that_is_told_to_end_ends_by_itself(death: Death, lived: Lived):
    told = death.how is signal.SIGTERM

    assert lived.ended == (0 if told else -signal.SIGKILL)


def test_every_receipt_that_somebody_saw_is_a_report_on_record(lived: Lived):
    on_record = {
        receipt_code(unit, date.fromisoformat(day), number): (unit, figures)
        for unit, day, number, *figures in lived.rows(_REVISIONS)
    }

    for name in (LAN, MINH):
        texts = lived.screens[name]
        assert any(_RECEIPT.match(text) or _SAME in text for text in texts), name
        for code, *figures in (r.groups() for text in texts if (r := _RECEIPT.match(text))):
            assert on_record[code] == (UNITS[name], [int(f) for f in figures])


_REVISIONS = """
    SELECT code, day, number, received_direct + received_online + received_postal,
           resolved_on_time + resolved_late, pending, overdue
    FROM revision JOIN report ON report.id = report_id JOIN unit ON unit.id = unit_id
"""


def test_who_says_a_report_again_has_reported_once(lived: Lived):
    reports = lived.rows("SELECT code, revisions FROM report JOIN unit ON unit.id = unit_id")
    revisions = lived.rows("SELECT COUNT(*) FROM revision")
    states = lived.rows("SELECT DISTINCT state FROM inbox")

    assert sorted(reports) == sorted([(UNITS[LAN], 1), (UNITS[MINH], 1)])
    assert revisions == [(2,)]
    assert states == [("done",)]
    assert _SAME in lived.screens[MINH][-1]


def test_an_event_that_comes_twice_is_handled_once(lived: Lived):
    assert lived.again == 0


def test_nothing_is_shown_twice(lived: Lived):
    for name, texts in lived.screens.items():
        twice = {text for text, n in Counter(texts).items() if n > 1 and _SAME not in text}
        assert not twice, name
    for row in lived.outbox():
        assert row.attempts <= 1, row.key


def test_everything_is_shown_unless_it_is_told_that_nobody_knows(lived: Lived):
    assert {row.fate for row in lived.outbox()} <= {"sent", "unknown"}
    for row in lived.outbox():
        assert row.fate == "unknown" or any(c.done for c in lived.sent(row)), row.key
    for name in UNITS:
        about = f"prompt@{DAY}/{UNITS[name]}/"
        asked = [row for row in lived.outbox() if row.key.startswith(about)]
        assert len(asked) == 1, name


def test_what_nobody_knows_is_listed_and_told_and_the_log_shows_what_became_of_it(
    death: Death, lived: Lived
):
    unknown = [row for row in lived.outbox() if row.fate == "unknown"]

    assert {u.key for u in lived.unsure} == {row.key for row in unknown}
    shown = death.point.endswith("shown")
    # Told to end, the bot waits for the answer: what was shown is known to be.
    killed = death.how is signal.SIGKILL
    held = death.point.endswith("received") or (shown and killed)
    assert len(unknown) >= held
    if "update" not in death.point:  # where a receipt may just have been on its way
        # The other bot of the platform may have been sending a prompt, too.
        assert len(unknown) <= held + (held and killed and "prompt" in death.point)
    assert not held or any([c.done for c in lived.sent(row)] == [shown] for row in unknown)
    for row in unknown:
        assert len(lived.sent(row)) <= 1
        [told] = [text for text in lived.screens[BINH] if row.key in text]
        assert told.startswith("Chưa rõ")
