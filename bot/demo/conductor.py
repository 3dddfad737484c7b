"""The conductor: starts the real bot as a process apart, moves its clock, lets the crowd speak.

The whole week can be killed at any point and resumed: what has happened is in the bot's database
and in the people's diaries, and the last moment in `clock.txt`.
"""

import asyncio
import csv
import os
import shutil
import signal
import socket
import sys
import time as wall
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot import papers, setup
from bot.app import CannotStart, opened
from bot.channels.local_client import LocalClient, Unreachable
from bot.config import load
from bot.core.directory import Directory, UnitRow, decode, read_directory
from bot.core.office import Office
from bot.core.text import day_full, number, weekday
from bot.demo.crowd import Crowd, Messenger
from bot.demo.diary import Diary
from bot.demo.figures import truth
from bot.demo.people import Manner, Mind, Person, manner_of
from handlers.join import GROUP, ROLE_NAMES

Show = Callable[[str], None]

PROFILE = "vinh-phuc"
FIRST, LAST = date(2020, 4, 10), date(2020, 4, 17)
SHOWN_DAY = date(2020, 4, 15)
WEEK = "2020-W16"
COMMITTEE = "nhom-VP"
_UNITS = "vinh-phuc-2020-units.csv"
_MARK = ".giaoban-demo"  # only a folder with this file is ever emptied
_STEP = timedelta(minutes=5)
_JOINING = time(8)
_DAY = (time(14, 55), time(18, 35))
_MORNING = time(9)
_MOST_WORDS = 60  # of one person in one step: more means that they do not understand each other
_PATIENCE = 300.0  # seconds for the bot to start or to do one step, on a machine with much to do


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo takes place.

    Attributes:
        units: the file of the directory.
    """

    folder: Path
    units: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def invites(self) -> Path:
        return self.folder / "ma-moi.csv"

    @property
    def people(self) -> Path:
        return self.folder / "people"

    @property
    def clock(self) -> Path:
        return self.folder / "clock.txt"

    @property
    def process(self) -> Path:
        return self.folder / "bot.pid"


async def play(folder: Path, *, seed: int, resume: bool, show: Show) -> None:
    """Play the week, or go on where a killed play stopped.

    Raises:
        CannotStart: the folder holds something else, or there is nothing to resume.
    """
    with resources.as_file(resources.files("bot") / "examples" / _UNITS) as units:
        await _play(Stage(folder, units), seed=seed, resume=resume, show=show)


async def _play(stage: Stage, *, seed: int, resume: bool, show: Show) -> None:
    began = wall.monotonic()
    if resume:
        _check_resumable(stage)
        await _stop_leftover(stage)
        show("Làm tiếp lần chạy dở.")
    else:
        await _clear(stage)
        show("Tạo cơ sở dữ liệu và nạp 170 đơn vị của tỉnh Vĩnh Phúc.")
        await prepare(stage)
    async with bot_running(stage) as base_url, LocalClient(base_url) as client:
        try:
            crowd = await play_week(stage, base_url, client, seed=seed, show=show)
        except (ClientError, Unreachable) as error:
            raise CannotStart("Bot dừng giữa chừng. Làm tiếp: giaoban demo --resume") from error
    storyteller = _storyteller(_directory(stage).units, seed)
    conversation = _conversation(crowd.diary(storyteller), SHOWN_DAY)
    digest = _digest_seen(crowd.diary(f"{COMMITTEE}.doc"), SHOWN_DAY)
    paper = await papers.weekly(load(stage.config), WEEK, stage.folder)
    _write_config(stage, "start", _last_clock(stage))
    _tell(show, stage, conversation, digest, paper, seconds=wall.monotonic() - began)


# Setting the stage


async def _clear(stage: Stage) -> None:
    """Throw away an earlier demo.

    Raises:
        CannotStart: the folder holds something else.
    """
    if not stage.folder.exists():
        return
    if any(stage.folder.iterdir()) and not (stage.folder / _MARK).exists():
        raise CannotStart(f"{stage.folder} đang chứa dữ liệu khác. Chọn nơi khác bằng --folder.")
    await _stop_leftover(stage)
    shutil.rmtree(stage.folder)


async def prepare(stage: Stage) -> None:
    """Set up an office whose folder does not exist yet: its units and their invitations."""
    stage.folder.mkdir(parents=True)
    (stage.folder / _MARK).touch()
    _write_config(stage, "stepped", datetime.combine(FIRST, time(7)).isoformat() + "+07:00")
    await setup.init(stage.config, PROFILE)
    await setup.import_units(load(stage.config), stage.units, since=FIRST, invites=stage.invites)


def _write_config(stage: Stage, mode: str, moment: str) -> None:
    """Write the bot's settings: its clock is moved by the conductor, or runs on from a moment."""
    folder = stage.folder.resolve()
    stage.config.write_text(
        "# Cấu hình của bản chạy thử.\n"
        f'[storage]\nurl = "sqlite+aiosqlite:///{folder / "giaoban.db"}"\n'
        f'[local]\nport = {_free_port()}\nmailbox = "{folder / "messages.jsonl"}"\n'
        "[relay]\nper_second = 5000\nper_chat_seconds = 0.0001\nper_group_seconds = 0.0001\n"
        "in_flight = 100\n"
        f'[clock]\nstart = "{moment}"\nstepped = {"true" if mode == "stepped" else "false"}\n'
        '[log]\nlevel = "warning"\n',
        encoding="utf-8",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _check_resumable(stage: Stage) -> None:
    if not (stage.folder / _MARK).exists() or not stage.invites.exists():
        raise CannotStart("Không có lần chạy dở nào. Chạy: giaoban demo")


def _directory(stage: Stage) -> Directory:
    text = decode(stage.units.read_bytes())
    directory = read_directory(text) if isinstance(text, str) else [text]
    if not isinstance(directory, Directory):
        raise CannotStart(f"Danh mục mẫu có lỗi: {directory[0]}")
    return directory


async def _office(stage: Stage) -> Office:
    async with opened(load(stage.config)) as (_database, office, _clock):
        return office


def _reporting_days(office: Office, last: date) -> list[date]:
    days = (FIRST + timedelta(days=n) for n in range((last - FIRST).days + 1))
    return [day for day in days if office.calendar.is_reporting_day(day)]


def invited(stage: Stage, *, seed: int) -> list[Person]:
    """Return everybody who was invited and comes: about 200 in a province."""
    roles = {name: role for role, name in ROLE_NAMES.items()}
    units = _directory(stage).units
    manners = {u.code: manner_of(u.code, seed=seed) for u in units if u.reports}
    people = []
    with stage.invites.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code, joins = row["mã đơn vị"], row["gõ cho bot"]
            role = roles.get(row["vai trò"], GROUP)
            if role == GROUP:
                people.append(Person(f"nhom-{code}.doc", joins, group=f"nhom-{code}"))
            elif role == "focal_point":
                people.append(Person(code, joins, code, manners[code]))
            elif role != "deputy":
                people.append(Person(f"{code}.{role}", joins, admits=role == "admin"))
            elif manners[code] is Manner.LEAVE:
                people.append(Person(f"{code}.pho", joins, code, Manner.LEAVE, deputy=True))
    return people


# The bot, a process apart


@asynccontextmanager
async def bot_running(stage: Stage) -> AsyncIterator[str]:
    """Run the real bot on the stage; yield the address of its built-in messenger."""
    config = load(stage.config)
    start = _last_clock(stage)
    environment = {**os.environ, **({"GIAOBAN_CLOCK__START": start} if start else {})}
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()",
        "run", "--config", str(stage.config), env=environment,
    )  # fmt: skip
    stage.process.write_text(str(bot.pid), encoding="utf-8")
    base_url = f"http://{config.local.host}:{config.local.port}"
    try:
        await _until_up(base_url, bot)
        yield base_url
    finally:
        with suppress(ProcessLookupError):
            bot.terminate()
        await bot.wait()
        stage.process.unlink(missing_ok=True)


async def _until_up(base_url: str, bot: asyncio.subprocess.Process) -> None:
    deadline = wall.monotonic() + _PATIENCE
    async with ClientSession() as session:
        while wall.monotonic() < deadline and bot.returncode is None:
            with suppress(OSError):
                async with session.get(f"{base_url}/health") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(0.05)
    raise CannotStart("Bot không khởi động được.")


async def _stop_leftover(stage: Stage) -> None:
    """Stop a bot that outlived a killed conductor."""
    if not stage.process.exists():
        return
    pid = int(stage.process.read_text(encoding="utf-8") or 0)
    while pid and _is_our_bot(pid, stage):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)
    stage.process.unlink()


def _is_our_bot(pid: int, stage: Stage) -> bool:
    # The number may belong to another process by now: only one with our settings is stopped.
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(stage.config).encode() in command


# Playing


async def play_week(
    stage: Stage,
    base_url: str,
    messenger: Messenger,
    *,
    seed: int,
    show: Show,
    last: date = LAST,
) -> Crowd:
    """Play all moments that were not reached yet; the one at which a play was killed again.

    Args:
        base_url: of the built-in messenger, which moves the clock, whatever people speak over.
        last: the last day that is played.
    """
    office = await _office(stage)
    days = _reporting_days(office, last)
    mind = Mind(office.form, truth(_directory(stage).units, days, seed=seed), days, seed)
    crowd = Crowd(messenger, invited(stage, seed=seed), mind, stage.people)
    reached = _last_clock(stage)
    moments = [m for m in _moments(office, days) if m.isoformat() >= reached]
    before = datetime.combine(days[0], time(), office.zone)
    async with ClientSession(timeout=ClientTimeout(total=_PATIENCE)) as session:
        for moment in moments:
            stage.clock.write_text(moment.isoformat(), encoding="utf-8")
            await _ask(session, f"{base_url}/clock", {"now": moment.isoformat()})
            if moment == moments[0]:
                await crowd.repeat_unanswered(moment)
                await _ask(session, f"{base_url}/quiet", {})
            # Phones ring only when the clock had something to do.
            if moment == moments[0] or office.due(since=before, until=moment):
                await crowd.read(moment)
            await _talk(session, base_url, crowd, moment)
            before = moment
            if moment.time() == _DAY[1]:
                _tell_day(show, crowd, moment.date())
    return crowd


async def _talk(session: ClientSession, base_url: str, crowd: Crowd, moment: datetime) -> None:
    """Let people speak and read the answers until nobody has anything to say."""
    speakers = None  # at first everybody; then only those who were just answered
    for _ in range(_MOST_WORDS):
        speakers = await crowd.speak(moment, speakers)
        if not speakers:
            break
        await _ask(session, f"{base_url}/quiet", {})
        speakers = crowd.with_admins(speakers)
        await crowd.read(moment, speakers)
    else:
        names = ", ".join(p.address for p in speakers or ())
        raise RuntimeError(f"no end to the conversation of {names}")


async def _ask(session: ClientSession, url: str, body: dict[str, str]) -> None:
    async with session.post(url, json=body) as answer:
        answer.raise_for_status()


def _moments(office: Office, days: Sequence[date]) -> Iterator[datetime]:
    """Yield the moments at which something may happen, oldest first."""
    yield datetime.combine(days[0], _JOINING, office.zone)
    for day in days:
        yield datetime.combine(day, _MORNING, office.zone)
        moment = datetime.combine(day, _DAY[0], office.zone)
        while moment.time() <= _DAY[1]:
            yield moment
            moment += _STEP


def _last_clock(stage: Stage) -> str:
    return stage.clock.read_text(encoding="utf-8") if stage.clock.exists() else ""


# Telling


def _tell_day(show: Show, crowd: Crowd, day: date) -> None:
    digest = _digest_seen(crowd.diary(f"{COMMITTEE}.doc"), day)
    line = next((x for x in digest.splitlines() if x.startswith("Báo cáo")), "chưa có tổng hợp")
    name = weekday(day)
    show(f"{name[0].upper()}{name[1:]} {day_full(day)}: {line}")


def _digest_seen(diary: Diary, day: date) -> str:
    """Return the first digest of a day as the committee's group saw it."""
    key = f"digest@{day.isoformat()}/1/"
    return next((x.text for x in diary.lines if x.key.startswith(key)), "")


def _storyteller(units: Sequence[UnitRow], seed: int) -> str:
    """Return a commune whose focal point answers in one message."""
    communes = (u.code for u in units if u.level == "commune" and u.reports)
    return next(c for c in communes if manner_of(c, seed=seed) is Manner.WHOLE)


def _conversation(diary: Diary, day: date) -> str:
    """Return one person's day, as lines of a chat."""
    names = {"said": "Đầu mối", "saw": "Giao Ban"}
    lines = (x for x in diary.lines if x.at.date() == day and x.kind in names)
    return "\n\n".join(f"[{x.at:%H:%M}] {names[x.kind]}:\n{x.text}" for x in lines)


def _tell(
    show: Show, stage: Stage, conversation: str, digest: str, paper: Path, *, seconds: float
) -> None:
    show(f"\n──── Một cuộc trò chuyện ngày {day_full(SHOWN_DAY)} ────\n\n{conversation}")
    show(f"\n──── Tổng hợp ngày {day_full(SHOWN_DAY)} trong nhóm Ban Chỉ đạo ────\n\n{digest}")
    show(f"\nXong sau {number(round(seconds))} giây.")
    show(f"Báo cáo tuần: {paper}")
    show(f"Những gì từng người đã nói và thấy: {stage.people}/")
    show(f"Cơ sở dữ liệu: {stage.folder / 'giaoban.db'}")
    show("\nThử tiếp, trong hai cửa sổ:")
    show(f"  .venv/bin/giaoban run --config {stage.config}")
    show(f"  .venv/bin/giaoban chat --as VP-VY-TS01 --config {stage.config}")
