"""Made-up figures of a unit for each day: the same seed gives the same week."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.core.directory import UnitRow
from bot.core.rollup import Counts

_REMARKS = (
    "mạng chậm từ 9h đến 10h",
    "người dân chưa quen nộp hồ sơ qua mạng",
    "máy quét hỏng, đang chờ sửa",
    "thiếu khẩu trang cho cán bộ trực",
    "hồ sơ đất đai phải đi thực địa, bị chậm do giãn cách",
    "chưa có tài khoản Cổng Dịch vụ công quốc gia",
)
_CAUSES = ("phun khử khuẩn trụ sở", "cán bộ đi chốt kiểm dịch", "giảm tiếp xúc theo Chỉ thị 16")
_BUSY_CENTRE = "VP-TTHCC"

Figures = Mapping[str, Any]
"""Answers of a form by field id."""

# Most dossiers a day by channel, staff, dossiers pending at first.
_SIZES = {
    "province": ((8, 35, 8), 6, 120),
    "district": ((18, 40, 8), 12, 80),
    "commune": ((12, 6, 2), 4, 12),
}
_CENTRE = ((90, 1250, 160), 40, 2400)


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened at each unit on each day, by unit code and day."""

    of: Mapping[tuple[str, date], Figures]


def truth(units: Sequence[UnitRow], days: Sequence[date], *, seed: int) -> Truth:
    """Return the figures of all reporting units on all days; what an aggregate sums is its sum."""
    found: dict[tuple[str, date], Figures] = {}
    for unit in units:
        if unit.reports and unit.counts is not Counts.AGGREGATE:
            found |= {(unit.code, day): f for day, f in _unit_days(unit, days, seed)}
    for unit in units:
        if unit.reports and unit.counts is Counts.AGGREGATE:
            found |= {(unit.code, day): _sum(unit, units, day, found) for day in days}
    return Truth(found)


def _unit_days(unit: UnitRow, days: Sequence[date], seed: int) -> list[tuple[date, dict[str, Any]]]:
    steady = random.Random(f"{seed}/{unit.code}")  # noqa: S311
    most, staff, first_pending = _CENTRE if unit.code == _BUSY_CENTRE else _SIZES[unit.level]
    total = steady.randint(max(2, staff - 2), staff + 2)
    pending = steady.randint(first_pending // 2, first_pending)
    found = []
    for day in days:
        chance = random.Random(f"{seed}/{unit.code}/{day}")  # noqa: S311
        figures = _day(chance, most, total, pending, day)
        pending = int(figures["pending"])
        found.append((day, figures))
    return found


def _day(
    chance: random.Random, most: Sequence[int], total: int, pending: int, day: date
) -> dict[str, Any]:
    received = [chance.randint(m // 3, m) for m in most]
    resolved = min(pending + sum(received), chance.randint(sum(received) // 2, sum(received) + 3))
    late = 1 if resolved and chance.random() < 0.08 else 0
    still = pending + sum(received) - resolved
    urgent = chance.randint(0, min(4, sum(received)))
    return {
        **_counter(chance, day),
        "staff_on_duty": chance.randint(1, total),
        "staff_total": total,
        "received_direct": received[0],
        "received_online": received[1],
        "received_postal": received[2],
        "resolved_on_time": resolved - late,
        "resolved_late": late,
        "pending": still,
        "overdue": min(still, chance.randint(1, 4)) if chance.random() < 0.12 else 0,
        "urgent_received": urgent,
        "urgent_resolved": urgent - (1 if urgent and chance.random() < 0.02 else 0),
        "online_payments": chance.randint(0, received[1]),
        "issues": chance.choice(_REMARKS) if chance.random() < 0.08 else "",
        "notice_posted": True,
        "measures": ("masks", "temperature", "distance", "disinfection"),
    }


def _counter(chance: random.Random, day: date) -> dict[str, Any]:
    drawn = chance.random()
    if drawn >= 0.05:
        return {"counter_status": "open"}
    status = "closed" if drawn < 0.01 else "online_only" if drawn < 0.02 else "reduced"
    closed: dict[str, Any] = {
        "counter_status": status,
        "counter_cause": chance.choice(_CAUSES),
        "counter_until": (day + timedelta(days=chance.randint(1, 3))).isoformat(),
    }
    if status != "reduced":
        closed["counter_substitute"] = "Cổng Dịch vụ công tỉnh"
    return closed


def nothing_arose(figures: Figures, flows: Sequence[str]) -> dict[str, Any]:
    """Return the day of a unit at which nothing arose: what was pending stays pending."""
    return {**figures, **dict.fromkeys(flows, 0), "counter_status": "open", "issues": ""}


def _sum(
    unit: UnitRow,
    units: Sequence[UnitRow],
    day: date,
    found: Mapping[tuple[str, date], Figures],
) -> dict[str, Any]:
    """Return what an aggregate reports: the sum over its sisters that count their own figures."""
    sisters = [
        found[u.code, day]
        for u in units
        if u.parent == unit.parent
        and u.level == unit.level
        and u.counts is Counts.OWN
        and u.reports
    ]
    first = sisters[0]
    summed = {
        k: sum(int(s[k]) for s in sisters)
        for k, v in first.items()
        if isinstance(v, int) and not isinstance(v, bool)
    }
    return {
        **summed,
        "counter_status": "open",
        "issues": "",
        "notice_posted": True,
        "measures": first["measures"],
    }
