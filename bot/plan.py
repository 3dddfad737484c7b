"""The plan of an office's Zalo bots, read from its directory: how many it must prepare.

It is made before there is any bot: it needs neither settings of Zalo nor a network.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import CannotStart, opened
from bot.config import Config
from bot.core.capacity import BOTS_OF_AN_OWNER, Load, Need, Plan, Traffic, fullest_month, plan
from bot.core.office import Office
from bot.core.quota import Limit, Quota
from bot.core.text import number
from bot.setup import roles_of
from handlers.join import GROUP, ROLE_NAMES
from storage.conversations import REPORTERS
from storage.office import duties_on, groups, units_on

_WIDTH = 40  # columns, as on a phone
_DEPUTY = "deputy"
_LIMITS = {
    Limit.PEOPLE: "số người",
    Limit.MESSAGES: "số tin",
    Limit.GROUPS: "số nhóm",
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who will talk to the bots, each counted once: those who have joined, and those still to come.

    A duty that nobody holds is one person to come.

    Attributes:
        main: focal points.
        deputies: of theirs, beyond those.
        others: coordinators, office, committee and admins, beyond these.
    """

    main: int
    deputies: int
    others: int

    @property
    def all(self) -> int:
        return self.main + self.deputies + self.others


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it was made of.

    Attributes:
        month: first day of the fullest month.
        without_deputies: the plan if deputies stay with other messengers or the web page.
    """

    office: str
    crowd: Crowd
    load: Load
    month: date
    quota: Quota
    plan: Plan
    without_deputies: Plan


async def planned(config: Config, quota: Quota | None = None) -> Planned:
    """Return the plan for the directory as it is today.

    Args:
        quota: of one bot; by itself what the settings say of the plan.

    Raises:
        CannotStart: there is no directory to plan for.
    """
    async with opened(config) as (database, office, time), database.read_session() as session:
        return await _planned(session, office, quota or config.zalo.quota, time.now())


async def _planned(session: AsyncSession, office: Office, quota: Quota, now: datetime) -> Planned:
    today = now.date()
    units = await units_on(session, today)
    if not units:
        raise CannotStart("Chưa có đơn vị nào. Chạy: giaoban units import TỆP.csv")
    wanted = [(unit.code, role) for unit in units for role in roles_of(unit, office)]
    held = await duties_on(session, today)
    crowd = _crowd(wanted, held)
    month, days = fullest_month(office.calendar, today=today)
    load = Load(
        units=sum(unit.reports for unit in units),
        people=crowd.all,
        groups=_groups(wanted, [code for _, code in await groups(session)]),
        days=days,
    )
    fewer = Load(load.units, _people(set(ROLE_NAMES) - {_DEPUTY}, wanted, held), load.groups, days)
    return Planned(office.name, crowd, load, month, quota, plan(load, quota), plan(fewer, quota))


def _crowd(wanted: Sequence[tuple[str, str]], held: Sequence[tuple[int, str, str]]) -> Crowd:
    main = _people({"focal_point"}, wanted, held)
    reporters = _people(REPORTERS, wanted, held)
    return Crowd(main, reporters - main, _people(ROLE_NAMES, wanted, held) - reporters)


def _people(
    roles: Collection[str],
    wanted: Sequence[tuple[str, str]],
    held: Sequence[tuple[int, str, str]],
) -> int:
    """Return how many have, or will have, one of these duties.

    Args:
        wanted: unit and role of the duties that the directory needs somebody for.
        held: person, unit and role of those that somebody has.
    """
    people = {person for person, _, role in held if role in roles}
    taken = {(unit, role) for _, unit, role in held}
    return len(people) + sum(role in roles for unit, role in wanted if (unit, role) not in taken)


def _groups(wanted: Sequence[tuple[str, str]], bound: Sequence[str]) -> int:
    """Return how many groups there are and will be.

    Args:
        bound: the unit of each group that is bound, on whatever channel.
    """
    invited = {unit for unit, role in wanted if role == GROUP}
    return len(bound) + len(invited - set(bound))


def plan_text(found: Planned) -> str:
    """Return the plan for an admin: what was counted, a table, what to prepare, what is unknown."""
    blocks = (_counted(found), _assumed(found.quota), _table(found.plan), _closing(found))
    return "\n\n".join("\n".join(lines) for lines in (*blocks, _unknown()))


def _counted(found: Planned) -> Iterator[str]:
    crowd, load = found.crowd, found.load
    yield from _wrapped(f"Chuẩn bị bot Zalo cho {found.office}")
    yield f"- Đơn vị phải báo cáo: {number(load.units)}"
    yield f"- Người nhắn với bot: {number(crowd.all)}"
    yield f"  + đầu mối báo cáo: {number(crowd.main)}"
    yield f"  + đầu mối dự phòng: {number(crowd.deputies)}"
    yield f"  + đôn đốc, tổng hợp, quản trị…: {number(crowd.others)}"
    yield f"- Nhóm nhận bản tổng hợp: {number(load.groups)}"
    yield "- Tháng nhiều ngày báo cáo nhất:"
    yield f"  {found.month.month}/{found.month.year}, {load.days} ngày"


def _assumed(quota: Quota) -> Iterator[str]:
    traffic = Traffic()
    yield from _wrapped(
        f"Mỗi bot Zalo: {quota.people} người, {quota.groups} nhóm, {number(quota.messages)} tin "
        f"một tháng, trong đó để dành {number(quota.reserve)} tin cho bản tổng hợp. "
        f"Mỗi tài khoản Zalo làm chủ tối đa {BOTS_OF_AN_OWNER} bot."
    )
    yield from _wrapped(
        f"Mỗi ngày: {traffic.outgoing} tin gửi và 1 tin nhận cho mỗi đơn vị, nhắc thêm "
        f"{traffic.reminded * 100}% số đơn vị, {traffic.posts} tin cho mỗi nhóm."
    )


def _table(found: Plan) -> Iterator[str]:
    both = (found.outgoing, found.both_ways)
    yield _row("Nếu Zalo tính tin", "gửi", "gửi+nhận")
    yield _row("Tin cả tháng", *(number(need.messages) for need in both))
    for limit, name in _LIMITS.items():
        yield _row(f"Bot theo {name}", *(number(need.by[limit]) for need in both))
    yield _row("Số bot cần có", *(number(need.bots) for need in both))
    yield _row("Tài khoản chủ bot", *(number(need.owners) for need in both))
    yield _row("Tin còn dư cả tháng", *(number(need.free) for need in both))


def _row(name: str, one: str, other: str) -> str:
    return f"{name:<20}{one:>10}{other:>10}".rstrip()


def _closing(found: Planned) -> Iterator[str]:
    larger, fewer = found.plan.larger, found.without_deputies.larger
    yield from _wrapped(f"Cần chuẩn bị {_bots(larger)}.")
    because = ", ".join(_LIMITS[limit] for limit in larger.binding)
    yield from _wrapped(f"Đã lấy số lớn hơn trong hai cách tính; mức quyết định: {because}.")
    if fewer.bots < larger.bots:
        yield from _wrapped(f"Nếu đầu mối dự phòng dùng kênh khác thì cần {_bots(fewer)}.")


def _bots(need: Need) -> str:
    return f"{number(need.bots)} bot Zalo, {number(need.owners)} tài khoản Zalo chủ bot"


def _unknown() -> Iterator[str]:
    yield from _wrapped(
        "Chưa rõ: Zalo tính cả tin nhận hay chỉ tin gửi; số tin được tính lại từ ngày nào trong "
        "tháng; bot có được vào nhóm không. Đề nghị chạy thử một bot trước khi mời mọi người."
    )


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, _WIDTH, break_long_words=False, break_on_hyphens=False)
