"""Setting up an office: its settings, its directory of units, its invitations."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import CannotStart, only_writer, opened
from bot.config import Config, Zalo, load
from bot.core.directory import Directory, Problem, decode, read_directory
from bot.core.office import Office
from bot.core.text import day_full
from bot.profile import profile_settings
from handlers.join import GROUP, ROLE_NAMES
from storage.conversations import REPORTERS
from storage.database import Database
from storage.migrate import upgrade
from storage.office import (
    PastWouldChange,
    UnitNow,
    groups,
    invite,
    keep_directory,
    keep_settings,
    reachable,
    units_on,
    withdraw_codes,
)
from storage.office import settings as read_settings
from storage.usage import people_of

_FRESH_CONFIG = (
    "# Cấu hình máy của Giao Ban. Khóa nào không ghi thì dùng giá trị mặc định;\n"
    "# danh sách khóa và giải thích: config.example.toml.\n"
)
_INVITES_LAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; with problems, nothing was imported."""

    units: int = 0
    changed: int = 0
    invited: int = 0
    problems: Sequence[Problem] = ()


async def init(path: Path, profile: str) -> None:
    """Create the settings file if there is none, the database, and the office of a profile.

    Raises:
        CannotStart: there is an office already, whose settings must not be overwritten.
    """
    seeds = profile_settings(profile)
    config = load(_config_at(path))
    with only_writer(config):
        upgrade(config.storage.url)
        database = Database(config.storage.url)
        try:
            async with database.session() as session:
                if await read_settings(session):
                    raise CannotStart("Cơ sở dữ liệu này đã có thông tin cơ quan, giữ nguyên.")
                await keep_settings(session, seeds)
        finally:
            await database.close()


def _config_at(path: Path) -> Path:
    """Return the path of the settings file, written fresh if there was none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_FRESH_CONFIG, encoding="utf-8")
    return path


async def import_units(
    config: Config, file: Path, *, since: date | None, invites: Path | None, bot: str = ""
) -> Imported:
    """Import a directory file whole, or not at all; write invitations for duties nobody holds.

    Args:
        bot: user name of the office's bot in Telegram, for links in the invitations; "" for none.

    Raises:
        CannotStart: the file cannot be read, does not belong to this office, or would change the
            directory of a day that is past.
    """
    directory = _read(file)
    if not isinstance(directory, Directory):
        return Imported(problems=directory)
    rows: list[tuple[str, str, str, str]] = []
    with only_writer(config):
        async with opened(config) as (database, office, clock), database.session() as session:
            now = clock.now()
            start = since or now.date()
            changed = await _keep(session, office, directory, since=start, today=now.date())
            if invites:
                rows = await _invite_missing(session, office, start, now)
                zalo = await _zalo_bots_for(session, config.zalo, len(rows))
                _write(invites, rows, bot, zalo)
    return Imported(len(directory.units), changed, len(rows))


def _read(file: Path) -> Directory | Sequence[Problem]:
    try:
        text = decode(file.read_bytes())
    except OSError as error:
        raise CannotStart(f"Không đọc được tệp {file}; đề nghị kiểm tra đường dẫn.") from error
    return [text] if isinstance(text, Problem) else read_directory(text)


async def _keep(
    session: AsyncSession, office: Office, directory: Directory, *, since: date, today: date
) -> int:
    """Make the directory what the file says from a day on; return how many units changed."""
    [top] = (u.code for u in directory.units if u.parent is None)
    if top != office.root:
        raise CannotStart(
            f"Đơn vị đứng đầu danh mục là {top}, của cơ quan này phải là {office.root}."
        )
    try:
        if since < today and await units_on(session, since):
            raise PastWouldChange(today)
        return await keep_directory(session, directory.units, since=since)
    except PastWouldChange as error:
        raise CannotStart(
            f"Danh mục đã có, chỉ đổi được từ ngày {day_full(error.earliest)} trở đi."
        ) from error


async def _invite_missing(
    session: AsyncSession, office: Office, since: date, now: datetime
) -> list[tuple[str, str, str, str]]:
    """Make a code for each duty that nobody holds; return unit, its name, role, what to type."""
    held = {(r.unit, r.role) for r in await reachable(session, [*ROLE_NAMES], today=now.date())}
    held |= {(unit, GROUP) for _, unit in await groups(session)}
    rows = []
    for unit in await units_on(session, since):
        for role in roles_of(unit, office):
            if (unit.code, role) in held:
                continue
            await withdraw_codes(session, unit_id=unit.id, role=role, now=now)
            code = await invite(session, unit_id=unit.id, role=role, expires_at=now + _INVITES_LAST)
            word = "/ketnoi" if role == GROUP else "/start"
            rows.append((unit.code, unit.name, role, f"{word} {code}"))
    return rows


def roles_of(unit: UnitNow, office: Office) -> Iterator[str]:
    """Yield the duties that a unit needs somebody for."""
    if unit.reports:
        yield from REPORTERS
    if unit.level == "district" or unit.code == office.root:
        yield from ("coordinator", GROUP)
    if unit.code == office.root:
        yield from ("committee", "office", "admin")


async def _zalo_bots_for(session: AsyncSession, zalo: Zalo, people: int) -> list[str]:
    """Return for each of so many invitations the number of the Zalo bot to write to: always the
    one with the most room; "" when all are full.
    """
    if not zalo.enabled:
        return []
    numbers = [token.get_secret_value().partition(":")[0] for token in zalo.tokens]
    taken = {n: await people_of(session, f"zalo-{n}") for n in numbers}
    chosen = []
    for _ in range(people):
        emptiest = min(numbers, key=lambda n: taken[n])
        chosen.append(emptiest if taken[emptiest] < zalo.people else "")
        taken[emptiest] += 1
    return chosen


def _write(
    path: Path, rows: Iterable[tuple[str, str, str, str]], bot: str, zalo: Sequence[str]
) -> None:
    """Write the invitations as a table that Excel opens with its diacritics.

    Args:
        bot: user name of the office's bot in Telegram, for links that type the code; "" for none.
        zalo: for each row the number of a bot in Zalo; none when there is no such bot.
    """
    names = {**ROLE_NAMES, GROUP: "nhóm nhận bản tổng hợp"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # whoever reads a code can join with it
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        columns = ("mã đơn vị", "đơn vị", "vai trò", "gõ cho bot")
        more = [*(["liên kết Telegram"] if bot else []), *(["bot Zalo số"] if zalo else [])]
        writer.writerow((*columns, *more))
        for n, (code, name, role, typed) in enumerate(rows):
            link = [_link(bot, typed)] if bot else []
            writer.writerow((code, name, names[role], typed, *link, *zalo[n : n + 1]))


def _link(bot: str, typed: str) -> str:
    """Return the link that opens the bot and types a person's code; "" for a group's."""
    word, code = typed.split()
    return f"https://t.me/{bot.removeprefix('@')}?start={code}" if word == "/start" else ""
