"""The check-up: a line for each thing that must be in order. It only looks, so the bot may run.

People who do not program read the lines aloud: what was found, then what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import CannotStart, opened
from bot.config import Config, Telegram
from bot.core.delivery_messages import reader
from bot.core.keys import subject
from bot.core.messaging import ChannelClosed
from bot.core.office import Office, OfficeError
from bot.core.text import number, one_line, shortened
from bot.doctor_groups import groups_not_asked_about, posts_by_hand
from bot.finding import Finding, astray, host_of, local_moment
from bot.profile import UnknownName
from storage.calendar import last_beat
from storage.conversations import REPORTERS
from storage.database import Database
from storage.health import BoundGroup, Queues, Unsure, bound_groups, queues, unsure
from storage.office import UnitNow, reachable, reader_of, units_on

if TYPE_CHECKING:
    from bot.channels.telegram_health import Account, Membership
    from bot.doctor_zalo import Carried

_SILENT = timedelta(minutes=5)  # without a beat of the bot's clock, beyond the clock's own pace
_SLOW = timedelta(minutes=15)  # in which even a prompt to 12,000 people has left
_LONGEST_TITLE = 60

_STANDINGS = {
    "administrator": "bot là quản trị viên",
    "member": "bot là thành viên",
    "restricted": "bot bị hạn chế quyền",
    "left": "bot không có trong nhóm. Đề nghị thêm lại bot",
    "kicked": "bot đã bị đưa ra khỏi nhóm. Đề nghị thêm lại bot",
    "unknown": "không hỏi được Telegram về nhóm này",
}


async def examine(config: Config) -> list[Finding]:
    """Return what was found, one after the other; nothing that is out of order ends it early."""
    stored = await _stored(config)
    return [
        *stored.findings,
        *_web(config),
        _local(config),
        *await _zalo(config, stored),
        *await _zalo_account(config, stored),
        *stored.other_groups,
        *await _telegram(config.telegram, stored),
    ]


def conclusion(findings: Sequence[Finding]) -> str:
    """Return the last line: whether somebody needs to do something."""
    wrong = sum(not finding.ok for finding in findings)
    return f"Kết luận: {wrong} mục cần xem (dấu ✗)." if wrong else "Kết luận: tất cả đều được."


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database says.

    Attributes:
        groups: those on Telegram.
        other_groups: what was found of those that no messenger is asked about.
        carried: what each Zalo bot has carried.
        units: names of units by code.
        zone: of the office; None for that of the machine.
        whole: all of it could be read.
    """

    findings: Sequence[Finding]
    groups: Sequence[BoundGroup] = ()
    other_groups: Sequence[Finding] = ()
    carried: Mapping[str, "Carried"] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None
    whole: bool = False


async def _stored(config: Config) -> _Stored:
    about = "Dữ liệu"
    try:
        return await _read(config)
    except (CannotStart, OfficeError, UnknownName) as error:
        return _Stored([Finding(about, str(error), ok=False)])
    except DBAPIError as error:
        return _Stored([Finding(about, f"không đọc được cơ sở dữ liệu: {error.orig}", ok=False)])


async def _read(config: Config) -> _Stored:
    async with opened(config) as (database, office, time), database.read_session() as session:
        now = time.now()
        units, waiting = await units_on(session, now.date()), await queues(session)
        findings = [
            _database(config),
            *await _units(session, office, units, now),
            _alive(await last_beat(session, "clock"), now, config.clock.tick_seconds),
            _incoming(waiting),
            _outgoing(waiting, now),
            await _unsure(session, units, now),
            await posts_by_hand(session, now),
        ]
        names = {u.code: u.name for u in units}
        return _Stored(
            findings,
            groups=await bound_groups(session, "telegram"),
            other_groups=await groups_not_asked_about(session, _channels(config), names, now),
            carried=await _carried(session, config, now),
            units=names,
            zone=office.zone,
            whole=True,
        )


def _channels(config: Config) -> list[str]:
    """Return the names of the channels that are set up."""
    switches = {
        "local": config.local.enabled,
        "telegram": config.telegram.enabled,
        "zalo-oa": config.zalo_oa.enabled,
    }
    found = [name for name, enabled in switches.items() if enabled]
    if not config.zalo.enabled:
        return found
    from bot.channels.zalo_bot import channel_name

    return [*found, *(channel_name(token.get_secret_value()) for token in config.zalo.tokens)]


async def _carried(session: AsyncSession, config: Config, now: datetime) -> Mapping[str, "Carried"]:
    if not config.zalo.enabled:
        return {}
    # What asks Zalo loads aiohttp.
    from bot.doctor_zalo import carried

    return await carried(session, config.zalo, now)


def _database(config: Config) -> Finding:
    path = make_url(config.storage.url).database or ""
    size = f"{Path(path).stat().st_size / 1e6:.1f}".replace(".", ",")
    return Finding("Cơ sở dữ liệu", f"{path}, {size} MB, đúng phiên bản")


async def _units(
    session: AsyncSession, office: Office, units: Sequence[UnitNow], now: datetime
) -> list[Finding]:
    if not units:
        says = f"{office.name}, chưa có đơn vị nào. Chạy: giaoban units import TỆP.csv"
        return [Finding("Cơ quan", says, ok=False)]
    owing = {unit.code for unit in units if unit.reports}
    asked = {reach.unit for reach in await reachable(session, REPORTERS, today=now.date())}
    all_, without = number(len(owing)), len(owing - asked)
    people = (
        f"{number(without)} trong {all_} đơn vị phải báo cáo chưa có ai nhận được tin. "
        "Đề nghị mời đầu mối tham gia"
        if without
        else f"đủ cho {all_} đơn vị phải báo cáo"
    )
    return [
        Finding("Cơ quan", f"{office.name}, {number(len(units))} đơn vị"),
        Finding("Đầu mối", people, ok=not without),
    ]


def _alive(beat: datetime | None, now: datetime, tick_seconds: float) -> Finding:
    if beat is None:
        return Finding("Bot", "chưa chạy lần nào. Chạy: giaoban run", ok=False)
    if now - beat > _SILENT + timedelta(seconds=tick_seconds):
        says = f"ngừng từ {local_moment(beat, now.tzinfo)}. Chạy: giaoban run"
        return Finding("Bot", says, ok=False)
    return Finding("Bot", "đang chạy")


def _incoming(found: Queues) -> Finding:
    says = f"{number(found.unread)} tin chờ xử lý, {number(found.failed)} tin bị lỗi"
    if found.failed:
        says += ". Đề nghị xem nhật ký của bot"
    return Finding("Tin đến", says, ok=not found.failed)


def _outgoing(found: Queues, now: datetime) -> Finding:
    if found.oldest is None:
        return Finding("Tin đi", "0 tin chờ gửi")
    age = max(now - found.oldest, timedelta())
    says = f"{number(found.unsent)} tin chờ gửi, lâu nhất {_length(age)}"
    if age > _SLOW:
        says += ". Đề nghị kiểm tra bot và đường truyền"
    return Finding("Tin đi", says, ok=age <= _SLOW)


async def _unsure(session: AsyncSession, units: Sequence[UnitNow], now: datetime) -> Finding:
    found = await unsure(session)
    if not found:
        return Finding("Chưa rõ đã gửi", "0 tin")
    says = (
        f"{number(len(found))} tin. Đề nghị xem tại nơi nhận, rồi quản trị gõ cho bot: "
        "/daden và số của tin nếu đã đến, /guilai và số của tin nếu cần gửi lại"
    )
    names = {unit.code: unit.name for unit in units}
    details = [await _unsure_line(session, message, names, now) for message in found]
    return Finding("Chưa rõ đã gửi", says, ok=False, details=tuple(details))


async def _unsure_line(
    session: AsyncSession, message: Unsure, units: Mapping[str, str], now: datetime
) -> str:
    name, unit = await reader_of(
        session, message.channel, message.chat, in_group=message.in_group, today=now.date()
    )
    to = reader(name, unit, in_group=message.in_group)
    return (
        f"số {message.number}: {subject(message.key, units)}, đến {to}, "
        f"từ {local_moment(message.since, now.tzinfo)}, {message.failure} ({message.key})"
    )


def _local(config: Config) -> Finding:
    local = config.local
    says = f"http://{local.host}:{local.port}" if local.enabled else "không dùng"
    return Finding("Kênh nội bộ", says)


def _web(config: Config) -> list[Finding]:
    web = config.web
    if not web.public_url:
        return []
    says = (
        f"{web.public_url}, được chuyển tiếp về {web.host}:{web.port}, "
        f"liên kết mở được {web.link_days} ngày"
    )
    return [Finding("Địa chỉ công khai", says)]


async def _zalo(config: Config, stored: _Stored) -> list[Finding]:
    if not config.zalo.enabled:
        return [Finding("Zalo", "không dùng")]
    from bot.doctor_zalo import ask_zalo

    return await ask_zalo(config, stored.carried, zone=stored.zone)


async def _zalo_account(config: Config, stored: _Stored) -> list[Finding]:
    if not config.zalo_oa.enabled or not stored.whole:
        return []
    from bot.doctor_zalo_oa import ask_zalo_oa
    from storage.grants import KeptGrants

    database = Database(config.storage.url)
    try:
        grants, now = KeptGrants(database, "zalo-oa"), datetime.now(UTC)
        return await ask_zalo_oa(config, grants, now=now, zone=stored.zone)
    finally:
        await database.close()


async def _telegram(settings: Telegram, stored: _Stored) -> list[Finding]:
    if not settings.enabled:
        return [Finding("Telegram", "không dùng")]
    # aiogram takes seconds to load.
    from bot.channels.telegram_health import NotReached, look_up

    try:
        account, memberships = await look_up(
            settings.token.get_secret_value(),
            api_url=settings.api_url,
            proxy=settings.proxy.get_secret_value(),
            groups=[group.chat for group in stored.groups],
        )
    except ChannelClosed as error:
        return [Finding("Telegram", str(error), ok=False)]
    except NotReached as error:
        return [Finding("Telegram", f"{_way(settings)} không trả lời ({error})", ok=False)]
    return [
        _updates(account, settings, stored.zone),
        _rights(account),
        *(
            _group(group, membership, stored.units)
            for group, membership in zip(stored.groups, memberships, strict=True)
        ),
    ]


def _way(settings: Telegram) -> str:
    """Return the host that is asked, and through which one."""
    proxy = urlsplit(settings.proxy.get_secret_value()).hostname
    return f"{host_of(settings.api_url)}{f' (qua proxy {proxy})' if proxy else ''}"


def _updates(account: "Account", settings: Telegram, zone: tzinfo | None) -> Finding:
    bot, expected = f"@{account.username}", ""
    if settings.mode == "webhook":
        expected = settings.webhook_url
    if account.webhook != expected:
        return Finding("Telegram", f"{bot}, {astray(account.webhook)}", ok=False)
    way = f"webhook tại {host_of(expected)}" if expected else "polling"
    says = f"{bot}, nhận tin bằng {way}, {number(account.waiting)} tin chờ"
    if account.failure and account.failed_at:
        says += (
            f", lỗi gần nhất {local_moment(account.failed_at, zone)}: {one_line(account.failure)}"
        )
    # An error that is over has left nothing behind.
    return Finding("Telegram", says, ok=not (account.failure and account.waiting))


def _rights(account: "Account") -> Finding:
    hears = "đọc mọi tin trong nhóm" if account.hears_all else "trong nhóm chỉ đọc lệnh"
    if account.joins_groups:
        return Finding("Quyền của bot", f"được vào nhóm, {hears}")
    says = "không được vào nhóm. Đề nghị bật bằng lệnh /setjoingroups của @BotFather"
    return Finding("Quyền của bot", says, ok=False)


def _group(group: BoundGroup, found: "Membership", units: Mapping[str, str]) -> Finding:
    title = shortened(one_line(found.title or group.title or group.chat), _LONGEST_TITLE)
    about = f"Nhóm {title} ({units.get(group.unit, group.unit)})"
    says = _STANDINGS[found.standing]
    if found.may_post:
        says += ", được đăng tin"
    elif found.standing in ("member", "restricted"):
        says += ", không được đăng tin. Đề nghị cho bot quyền gửi tin"
    if group.thread:
        says += f", chủ đề {group.thread}"
    return Finding(about, says, ok=found.may_post)


def _length(age: timedelta) -> str:
    """Return a length of time in its largest whole unit: "5 phút", "3 giờ", "2 ngày"."""
    minutes = int(age.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} phút"
    return f"{minutes // 60} giờ" if minutes < 48 * 60 else f"{minutes // (24 * 60)} ngày"
