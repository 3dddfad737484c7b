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
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError
from live import DAY, Founded, founded, until
from zalo_live import COMMITTEE, Life, life
from zaloapi import Call, Fault

from bot.core.dialogue import receipt_code
from storage.health import Unsure

pytestmark = pytest.mark.minutes(2)

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
TOMORROW = "2020-04-16"
UNAUTHORIZED = 401
_SAME = "không cần gửi lại"
_HELD = 10.0  # seconds that an answer is kept back, unless the bot is told to end before
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
            assert "gửi lại" in first.screen(name)[-1]  # if there is no receipt
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
    dying = asyncio.create_task(life.dies(how))
    await asyncio.sleep(0)  # by now the signal is sent
    life.api.releases()
    ended = await dying
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


# Days on which Zalo is at its worst


async def _outage(life: Life) -> Mapping[str, Any]:
    """Zalo answers nobody when units are asked, and again when the digest is due."""
    async with _down(life, "14:55") as due:
        await due("15:00")
        noted = {"heard in vain": await life.says(LAN, REPORT)}
    await life.clock("15:20")
    noted["unknown of the prompts"] = await life.unsure()
    for name in (LAN, MINH):
        await life.says(name, REPORT)
    async with _down(life, "16:10") as due:
        await due("16:20")
        await due("17:00")
    await life.clock("17:20")
    return noted


@asynccontextmanager
async def _down(life: Life, since: str) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Zalo answers nobody inside; what is given moves the clock and waits for nothing sent."""
    await life.clock(since)
    moved: list[asyncio.Task[None]] = []

    async def due(at: str) -> None:
        asked = len(_failed(life, "getMe"))
        moved.append(asyncio.create_task(life.clock(at)))
        # Of what else is due nothing is risked: a harmless question comes before.
        await until(
            lambda: len(_failed(life, "getMe")) > asked, "the bot asks whether Zalo is back"
        )

    life.silent = set(life.bots)
    life.api.down(True)
    yield due
    life.api.down(False)
    await asyncio.gather(*moved)
    life.silent = set()


def _failed(life: Life, method: str) -> list[Call]:
    return [c for c in life.calls(method) if c.status == HTTPStatus.BAD_GATEWAY]


async def _answers_lost(life: Life) -> Mapping[str, Any]:
    """The answer to a prompt, a receipt and a digest is lost; an admin settles each."""
    noted: dict[str, Any] = {}

    async def settled(what: str, name: str, fault: Fault, act: Callable[[], Any]) -> None:
        before = len(life.screen(name))
        where = _to_group if name == COMMITTEE else _to(name)
        life.api.fails("sendMessage", with_=fault, where=lambda f: where(life, f))
        await act()
        await life.settles()
        listed = await life.unsure()
        seen = len(life.screen(name)) - before
        command = "daden" if seen else "guilai"
        [told] = [t for t in life.screen(BINH) if any(u.key in t for u in listed)]
        await life.says(BINH, f"/{command} {listed[0].number}")
        await life.settles()
        after = len(life.screen(name)) - before
        noted[what] = Doubt(listed, told, seen, after, await life.unsure())

    lost, reset = Fault("lost"), Fault("reset")
    await settled("prompt", LAN, lost, lambda: life.clock("15:00"))
    await settled("receipt", LAN, lost, lambda: life.says(LAN, REPORT))
    await settled("digest", COMMITTEE, lost, lambda: life.clock("17:00"))
    more = "sửa đang giải quyết 11"
    await settled("receipt not shown", LAN, reset, lambda: life.says(LAN, more))
    await settled("digest not shown", COMMITTEE, reset, lambda: life.clock("18:30"))
    return noted


@dataclass(frozen=True, slots=True)
class Doubt:
    """What became of a message whose answer was lost.

    Attributes:
        listed, listed_after: as the check-up lists them, before and after an admin settled it.
        told: to the admin.
        seen, seen_after: how often it was shown.
    """

    listed: Sequence[Unsure]
    told: str
    seen: int
    seen_after: int
    listed_after: Sequence[Unsure]


async def _token_revoked(life: Life) -> Mapping[str, Any]:
    """The token of the bot in the group is no longer taken just before the digest is due."""
    await life.clock("15:00")
    await life.says(LAN, REPORT)
    await life.clock("16:50")
    life.silent = {life.first}
    life.first.revoke_token()
    await life.clock("17:00")
    await life.says(MINH, REPORT)
    await life.settles()
    noted = {"on that day": {name: life.screen(name) for name in (*AT, COMMITTEE)}}
    sent = len(life.calls("sendMessage", life.second))
    tomorrow = asyncio.create_task(life.clock("15:00", day=TOMORROW))
    await until(lambda: len(_refused(life)) > 1, "a prompt is refused, too")
    await until(lambda: len(life.calls("sendMessage", life.second)) > sent, "another is sent")
    await life.dies(signal.SIGTERM)
    noted["prompts"] = dict(life.rows(_PROMPTS))
    with suppress(ClientError):
        await tomorrow
    life.silent = set()
    await life.starts()
    await life.clock("15:02", day=TOMORROW)
    return noted


_PROMPTS = "SELECT chat, fate FROM outbox WHERE key LIKE 'prompt@2020-04-16/%'"


def _refused(life: Life) -> list[Call]:
    return [c for c in life.calls("sendMessage", life.first) if c.error_code == UNAUTHORIZED]


async def _put_out(life: Life) -> Mapping[str, Any]:
    """Somebody removes the bot from the group before the digest is due."""
    await life.clock("15:00")
    await life.says(LAN, REPORT)
    await life.settles()
    life.group.remove(life.first)
    await life.clock("17:00")
    noted = {"handed over": life.screen(DUTY), "open": life.rows(_HAND_POSTS)}
    await life.says(DUTY, "đã đăng")
    await life.settles()
    return noted | {"closed": life.rows(_HAND_POSTS)}


_HAND_POSTS = "SELECT key, posted_at IS NOT NULL FROM hand_post"

STORIES: Mapping[str, Callable[[Life], Awaitable[Mapping[str, Any]]]] = {
    "Zalo is down": _outage,
    "answers are lost": _answers_lost,
    "a token is revoked": _token_revoked,
    "the bot is put out of the group": _put_out,
}


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


# What must hold when Zalo is at its worst


@pytest.fixture
def outage(lives: Mapping[object, Lived | BaseException]) -> Lived:
    return _found(lives, "Zalo is down")


def test_in_an_outage_no_bot_risks_more_than_one_message(outage: Lived):
    risked = [c for c in outage.calls if c.method == "sendMessage" and c.status == 502]
    unknown = [row for row in outage.outbox() if row.fate == "unknown"]

    # One of each bot when units are asked; later only the first has something to send.
    assert len(risked) == len(unknown) == 3
    assert sorted(u.key for u in outage.unsure) == sorted(row.key for row in unknown)
    early = outage.noted["unknown of the prompts"]
    assert len(early) == len({u.channel for u in early}) == 2
    for row in unknown:
        assert [c.done for c in outage.sent(row)] == [False]
        assert any(row.key in text for text in outage.screens[BINH])


def test_after_an_outage_a_bot_sends_only_once_a_harmless_question_was_answered(outage: Lived):
    for number in {c.bot_number for c in outage.calls}:
        calls = [c for c in outage.calls if c.bot_number == number and c.method != "getUpdates"]
        for risked, following in pairwise(calls):
            if risked.method == "sendMessage" and risked.status == 502:
                assert following.method == "getMe"


def test_what_waited_for_the_end_of_an_outage_is_shown_once_or_too_late_to_be_useful(
    outage: Lived,
):
    for row in outage.outbox():
        shown = sum(c.done for c in outage.sent(row))
        assert shown == (row.fate == "sent"), row.key
        late = row.fate == "expired"
        assert not late or row.key.startswith("reminder"), row.key
    [digest] = outage.screens[COMMITTEE]
    assert digest.startswith("TỔNG HỢP BÁO CÁO NGÀY 15/4/2020")


def test_what_nobody_heard_in_an_outage_is_said_again_and_received_once(outage: Lived):
    assert outage.noted["heard in vain"] is False

    for name in (LAN, MINH):
        assert len([t for t in outage.screens[name] if _RECEIPT.match(t)]) == 1
    assert outage.rows("SELECT COUNT(*) FROM revision") == [(2,)]


@pytest.mark.parametrize("what", ["prompt", "receipt", "digest"])
def test_what_was_shown_and_its_answer_lost_is_never_repeated_and_an_admin_says_that_it_is_there(
    what: str, lives: Mapping[object, Lived | BaseException]
):
    lived = _found(lives, "answers are lost")
    doubt = lived.noted[what]

    assert len(doubt.listed) == 1
    assert doubt.told.startswith("Chưa rõ")
    assert (doubt.seen, doubt.seen_after) == (1, 1)
    assert not doubt.listed_after


@pytest.mark.parametrize("what", ["receipt not shown", "digest not shown"])
def test_what_was_never_shown_is_sent_once_more_when_an_admin_says_so(
    what: str, lives: Mapping[object, Lived | BaseException]
):
    lived = _found(lives, "answers are lost")
    doubt = lived.noted[what]

    assert len(doubt.listed) == 1
    assert doubt.told.startswith("Chưa rõ")
    assert (doubt.seen, doubt.seen_after) == (0, 1)
    assert not doubt.listed_after


@pytest.fixture
def revoked(lives: Mapping[object, Lived | BaseException]) -> Lived:
    return _found(lives, "a token is revoked")


def test_when_a_token_is_revoked_the_digest_goes_to_the_duty_officer_by_another_bot(
    revoked: Lived,
):
    screens = revoked.noted["on that day"]

    assert screens[COMMITTEE] == []
    asks, digest = screens[DUTY][-2:]
    assert asks.startswith("Đề nghị anh/chị đăng tin dưới đây vào nhóm")
    assert digest.startswith("TỔNG HỢP BÁO CÁO NGÀY 15/4/2020")


def test_when_a_token_is_revoked_an_admin_is_told_once_by_another_bot(revoked: Lived):
    told = [text for text in revoked.noted["on that day"][BINH] if "mã (token)" in text]

    # What is to be mended; and what became of the digest.
    assert [text.partition(" ")[0] for text in told] == ["Kênh", "Không"]
    assert DUTY in told[1]


def test_when_a_token_is_revoked_other_bots_go_on(revoked: Lived):
    assert any(_RECEIPT.match(text) for text in revoked.noted["on that day"][MINH])


def test_when_a_token_is_revoked_private_messages_wait_for_a_new_one(revoked: Lived):
    fates = Counter(revoked.noted["prompts"].values())
    asked = [row for row in revoked.outbox() if row.key.startswith(f"prompt@{TOMORROW}/")]

    assert fates == {"pending": 3, "sent": 1}
    assert {row.fate for row in asked} == {"sent"}
    for row in asked:
        assert sum(c.done for c in revoked.sent(row)) == 1


def test_a_digest_for_a_group_that_put_the_bot_out_is_given_to_the_duty_officer_to_be_pasted(
    lives: Mapping[object, Lived | BaseException],
):
    lived = _found(lives, "the bot is put out of the group")
    asks, *parts = lived.noted["handed over"][-2:]
    refused = [row for row in lived.outbox() if row.key.startswith(f"digest@{DAY}/1/")]

    assert asks.startswith("Đề nghị anh/chị đăng")
    # A digest is always one message: there is nothing to confuse.
    # Where no bot is, a command would have nobody to answer it.
    assert parts == [row.text.replace(" (/chuabaocao)", "") for row in refused]
    assert [row.fate for row in refused] == ["refused"]
    assert lived.noted["open"] == [(refused[0].key, 0)]
    assert len([t for t in lived.screens[BINH] if refused[0].key in t]) == 1


def test_a_digest_that_the_duty_officer_has_posted_is_closed(
    lives: Mapping[object, Lived | BaseException],
):
    lived = _found(lives, "the bot is put out of the group")

    assert [posted for _, posted in lived.noted["closed"]] == [1]
    assert lived.screens[DUTY][-1].startswith("Đã ghi nhận")
