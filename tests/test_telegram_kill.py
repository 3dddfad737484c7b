"""A bot on Telegram that dies anywhere on the way in or out loses nothing and repeats nothing.

Many short lives are played, each with one death: the bot is killed when the stand-in of the Bot
API, or what stands before the webhook, sees it at a certain point, and is started again. People
repeat nothing.
"""

import asyncio
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError
from botapi import Bot, Fault, Group, Person
from botapi.execution import Call
from botapi.faults import Ending
from live import DAY, Founded, founded, until
from telegram_crowd import newly_seen
from telegram_live import Life, life, shown

from bot.core.dialogue import receipt_code

pytestmark = pytest.mark.minutes(3)

REPORT = "1\n4\n5\n5\n3\n0\n6\n0\n10\n0\n0\n0\ncó\nđủ\nkhông"
LAN, MINH, BINH = "Nguyễn Thị Lan", "Trần Văn Minh", "Phạm Văn Bình"
UNITS = {LAN: "VP-VY-TS01", MINH: "VP-VY-LB02", "Hoa": "VP-VY-HH03", "Tú": "VP-VY-DD04"}
COMMITTEE = "Ban Chỉ đạo"
_RECEIPT = re.compile(
    r"^Đã nhận báo cáo.* Mã (\w+)\.\nNhận (\d+), trả (\d+), đang giải quyết (\d+), quá hạn (\d+)\."
)
_HELD = 0.5  # seconds that an answer is kept back: enough to see it and to kill
_AT_ONCE = 5  # lives

Fields = Mapping[str, str]
Trap = Callable[[Life], Awaitable[object]]
"""Lies in wait from when it is called; what it returns is done when the bot has come to it."""


# The points of the way


def _held(
    method: str,
    *,
    done: bool,
    where: Callable[[Life, Fields], bool] = lambda _life, _fields: True,
    after: int = 0,
) -> Trap:
    """Come to a call whose answer is kept back, before its work is done or after."""
    fault = Fault("held", carried_out=done, wait=_HELD, ending=_ending(done))

    def held(life: Life) -> Awaitable[object]:
        def stands(call: Call) -> bool:
            return call.fault == fault.name and call.done >= done

        def fits(fields: Fields) -> bool:
            return where(life, fields)

        life.api.fails(method, with_=fault, where=fits, after=after)
        return until(lambda: any(map(stands, life.api.calls)), f"{method} is held")

    return held


def _ending(done: bool) -> Ending:
    return Ending.ANSWER if done else Ending.RESET


def _delivered(life: Life) -> Awaitable[object]:
    """An update is in the bot's hands, and it has not said so."""
    delivered = asyncio.Event()
    life.front.delivered = delivered.set

    def heard(call: Call) -> None:
        if call.method == "getUpdates" and call.result:
            delivered.set()

    life.heard = heard
    return delivered.wait()


def _kept(life: Life) -> Awaitable[object]:
    """The bot has said that it keeps the update, and Telegram has not heard it."""
    if life.mode == "polling":
        offset = int(life.calls("getUpdates")[-1].fields.get("offset", 0))
        return _held("getUpdates", done=False, where=lambda _, f: int(f.get("offset", 0)) > offset)(
            life
        )
    answered = asyncio.Event()

    def unheard() -> bool:
        answered.set()
        return False

    life.front.answered = unheard
    return answered.wait()


def _confirmed(life: Life) -> Awaitable[object]:
    """Telegram has just forgotten the update."""

    lan = life.person(LAN)
    known = len(lan.sees(life.bot))

    async def confirmed() -> None:
        await until(lambda: len(lan.sees(life.bot)) > known, "there is an update")
        await until(lambda: not life.bot.updates.waiting(), "the update is confirmed")

    return confirmed()


def _answered(life: Life) -> Awaitable[object]:
    """The answer to a message has just left."""
    answered = asyncio.Event()

    def heard(call: Call) -> None:
        if _to(LAN)(life, call.fields) and call.status == 200:
            answered.set()

    life.heard = heard
    return answered.wait()


def _to(name: str) -> Callable[[Life, Fields], bool]:
    return lambda life, fields: fields.get("chat_id") == str(life.person(name).id)


def _to_group(_life: Life, fields: Fields) -> bool:
    return fields["chat_id"].startswith("-")


POINTS: Mapping[str, tuple[str, Trap]] = {
    "an update is delivered": ("report", _delivered),
    "an update is kept": ("report", _kept),
    "an update is confirmed": ("report", _confirmed),
    "a reply is received": ("report", _held("sendMessage", done=False, where=_to(LAN))),
    "a reply is written": ("report", _held("sendMessage", done=True, where=_to(LAN))),
    "a reply is answered": ("report", _answered),
    "a tap is answered": ("submit", _held("answerCallbackQuery", done=False)),
    "a receipt takes the place of a review": ("submit", _held("editMessageText", done=True)),
    "the second part of an answer": (
        "list", _held("sendMessage", done=False, where=_to(BINH), after=1),
    ),
    "the third prompt": ("prompt", _held("sendMessage", done=True, after=2)),
    "a digest is received": ("digest", _held("sendMessage", done=False, where=_to_group)),
    "a digest is posted": ("digest", _held("sendMessage", done=True, where=_to_group)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Death:
    """How a bot dies, and where."""

    mode: str
    how: signal.Signals
    point: str

    def __str__(self) -> str:
        return f"{self.mode}, {self.how.name}: {self.point}"


DEATHS = [
    Death(mode, how, point)
    for mode in ("polling", "webhook")
    for how in (signal.SIGKILL, signal.SIGTERM)
    for point in POINTS
]


# The life before and after


@dataclass(frozen=True, slots=True)
class Lived:
    """What is left of a life.

    Attributes:
        ended: the exit code of the process that died.
        screens: what stood on each person's screen, one after the other; of the group as well.
        stands: what stands there in the end.
    """

    death: Death
    ended: int
    calls: list[Call]
    rows: Callable[[str], list[tuple[Any, ...]]]
    screens: Mapping[str, list[str]]
    stands: Mapping[str, list[str]]

    def outbox(self) -> list["Row"]:
        query = "SELECT key, chat, text, fate, repeat, attempts FROM outbox WHERE edits IS NULL"
        return [Row(*row) for row in self.rows(query) if not self._in_passing(row[0])]

    def sent(self, row: "Row") -> list[Call]:
        """Return the calls that were to send a message."""
        text = escape(row.text, quote=False)
        return [
            c
            for c in self.calls
            if c.method == "sendMessage"
            and (c.fields["chat_id"], c.fields["text"]) == (row.chat, text)
        ]

    def _in_passing(self, key: str) -> bool:
        return key.endswith("/tap")


@dataclass(frozen=True, slots=True)
class Row:
    """A message of the outbox that is no edit of another."""

    key: str
    chat: str
    text: str
    fate: str
    repeat: str
    attempts: int


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Death, Lived | BaseException]:
    """All lives, some at a time, since part of each is waiting."""
    office = founded(tmp_path_factory.mktemp("office"))
    return asyncio.run(_all_lived(tmp_path_factory.mktemp("lives"), office))


async def _all_lived(folder: Path, office: Founded) -> Mapping[Death, Lived | BaseException]:
    joined = await _joined(folder, office)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, death: Death) -> Lived:
        own = folder / str(number)
        own.mkdir()
        async with places, life(own, joined, mode=death.mode) as lived:
            ended = await _live(lived, death)
            return await _left(lived, death, ended)

    every = [one(number, death) for number, death in enumerate(DEATHS)]
    return dict(zip(DEATHS, await asyncio.gather(*every, return_exceptions=True), strict=True))


async def _live(life: Life, death: Death) -> int:
    """Live through the day with one death; return with which exit code it came."""
    ended = 0
    await _meet(life)
    await life.starts()
    step_of_death, trap = POINTS[death.point]
    for step, act in STEPS.items():
        if step == step_of_death:
            ended = await _die(life, act, trap, death.how)
        else:
            await act(life)
        await life.settles()
    return ended


async def _die(
    life: Life, act: Callable[[Life], Awaitable[None]], trap: Trap, how: signal.Signals
) -> int:
    """Do something, die in the middle of it, and live again; return the exit code."""
    sprung = trap(life)
    acting = asyncio.create_task(_in_vain(act, life))
    await sprung
    ended = await life.dies(how)
    await acting
    life.front.answered = lambda: True
    life.api.heals()
    await life.starts()
    return ended


async def _in_vain(act: Callable[[Life], Awaitable[None]], life: Life) -> None:
    with suppress(ClientError):
        await act(life)


async def _joined(folder: Path, office: Founded) -> Founded:
    """Return the office after everybody has joined and the group is bound."""
    async with life(folder, office, mode="polling") as first:
        admin = first.person(BINH)
        await first.joins(admin, "VP", "admin")
        for name, unit in UNITS.items():
            await first.joins(first.person(name), unit, "focal_point")
        await first.starts()
        await first.settles()
        await first.binds(COMMITTEE, "VP", admin=admin)
        await first.dies(signal.SIGTERM)
    database = folder / "giaoban.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        # What was said and sent so far is no part of the lives to come.
        connection.execute("DELETE FROM inbox")
        connection.execute("DELETE FROM outbox")
    return replace(office, database=database)


async def _meet(life: Life) -> None:
    """Bring together who has joined: named in the same order, they have the same ids."""
    for name in (BINH, *UNITS):
        await life.person(name).opens(life.bot.link(""))
    admin = life.person(BINH)
    await admin.adds(life.bot, life.api.group(COMMITTEE, owner=admin))
    life.bot.updates.forget_all()


async def _report(life: Life) -> None:
    for name in (LAN, MINH):
        await life.person(name).says(life.bot, REPORT)


async def _submit(life: Life) -> None:
    await life.person(LAN).taps(life.bot, "Gửi")
    await life.person(MINH).says(life.bot, "gửi")


async def _list(life: Life) -> None:
    await life.person(BINH).says(life.bot, "/chuabaocao")


STEPS: Mapping[str, Callable[[Life], Awaitable[None]]] = {
    "prompt": lambda life: life.clock("15:00"),
    "report": _report,
    "submit": _submit,
    "list": _list,
    "digest": lambda life: life.clock("17:00"),
}


async def _left(life: Life, death: Death, ended: int) -> Lived:
    group = life.api.groups[COMMITTEE]
    places: dict[str, tuple[Person, Bot | Group]] = {
        **{name: (life.person(name), life.bot) for name in (*UNITS, BINH)},
        COMMITTEE: (life.person(BINH), group),
    }
    return Lived(
        death,
        ended,
        life.api.calls,
        life.rows,
        {name: [m.text for m in await newly_seen(*place)] for name, place in places.items()},
        {name: [m.text for m in shown(*place)] for name, place in places.items()},
    )


@pytest.fixture(params=DEATHS, ids=str)
def lived(request: pytest.FixtureRequest, lives: Mapping[Death, Lived | BaseException]) -> Lived:
    """One of the lives."""
    found = lives[request.param]
    if isinstance(found, BaseException):
        raise found
    return found


# What must hold after any death


def test_a_bot_that_is_told_to_end_ends_by_itself(lived: Lived):
    told = lived.death.how is signal.SIGTERM

    assert lived.ended == (0 if told else -signal.SIGKILL)


def test_every_receipt_that_somebody_saw_is_a_report_on_record(lived: Lived):
    on_record = {
        receipt_code(unit, date.fromisoformat(day), number): (unit, figures)
        for unit, day, number, *figures in lived.rows(_REVISIONS)
    }

    for name in (LAN, MINH):
        receipts = {r.groups() for text in lived.screens[name] if (r := _RECEIPT.match(text))}
        [(code, *figures)] = receipts
        assert on_record[code] == (UNITS[name], [int(f) for f in figures])


_REVISIONS = """
    SELECT code, day, number, received_direct + received_online + received_postal,
           resolved_on_time + resolved_late, pending, overdue
    FROM revision JOIN report ON report.id = report_id JOIN unit ON unit.id = unit_id
"""


def test_what_was_said_once_is_heard_once(lived: Lived):
    reports = lived.rows("SELECT code, revisions FROM report JOIN unit ON unit.id = unit_id")
    revisions = lived.rows("SELECT COUNT(*) FROM revision")
    states = lived.rows("SELECT DISTINCT state FROM inbox")

    assert sorted(reports) == sorted([(UNITS[LAN], 1), (UNITS[MINH], 1)])
    assert revisions == [(2,)]
    assert states == [("done",)]


def test_everything_arrives_unless_it_is_told_that_nobody_knows(lived: Lived):
    fates = Counter(row.fate for row in lived.outbox())
    edits = Counter(f for (f,) in lived.rows("SELECT fate FROM outbox WHERE edits IS NOT NULL"))

    assert fates.keys() <= {"sent", "unknown"}
    assert edits.keys() == {"sent"}
    for row in lived.outbox():
        assert row.fate == "unknown" or any(c.done for c in lived.sent(row)), row.key
    for name, unit in UNITS.items():
        assert any(f"prompt@{DAY}/{unit}/" in row.key for row in lived.outbox()), name
    first, second = (lived.stands[BINH].index(_part(lived, n)) for n in ("(1/2)", "(2/2)"))
    assert first < second


def _part(lived: Lived, number: str) -> str:
    return next(text for text in lived.stands[BINH] if text.startswith(number))


def test_nothing_comes_twice_but_a_private_message_whose_fate_was_unknown(lived: Lived):
    for row in lived.outbox():
        sent = lived.sent(row)
        arrived = sum(c.done for c in sent)
        # The bot may have died after it took the message and before it called.
        assert row.attempts - 1 <= len(sent) <= row.attempts, row.key
        assert row.attempts <= (2 if row.repeat == "once" else 1), row.key
        assert arrived <= row.attempts, row.key

    for name, texts in lived.stands.items():
        twice = {text: n for text, n in Counter(texts).items() if n > 1}
        by_rule = {r.text for r in lived.outbox() if r.repeat == "once" and r.attempts == 2}
        assert twice.keys() <= by_rule, name


def test_a_post_of_unknown_fate_is_listed_and_told_and_the_log_shows_what_became_of_it(
    lived: Lived,
):
    unknown = [row for row in lived.outbox() if row.fate == "unknown"]

    posted = lived.death.point == "a digest is posted"
    # Told to end, the bot waits for the answer: a digest that was posted is known to be.
    killed = posted and lived.death.how is signal.SIGKILL
    assert len(unknown) == (killed or lived.death.point == "a digest is received")
    for row in unknown:
        [call] = lived.sent(row)
        assert call.done == posted
        assert (row.text in lived.stands[COMMITTEE]) == posted
        [told] = [text for text in lived.stands[BINH] if row.key in text]
        assert told.startswith("Chưa rõ")
