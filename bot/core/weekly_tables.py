"""The two tables behind the weekly report: figures by unit, and who was missing or late.

Source: the older wording of the table of one-stop results (before Thông tư 01/2020/TT-VPCP),
which was in use in April 2020; it does not split dossiers resolved before and on the day due.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from bot.core import text
from bot.core.paper import Column, Row, Table
from bot.core.rollup import Counts, UnitWeek, week_totals
from bot.core.weekly_record import Group, WeekRecord, name_in_group

UNKNOWN = "-"
_MARKS = {Counts.INSIDE: " (*)", Counts.AGGREGATE: " (**)"}
_SUMS = "Cột (3) = (4) + (5) + (6); cột (7) = (8) + (9); cột (10) = (11) + (12)."
_HOW_SUMMED = (
    "Số tiếp nhận, đã giải quyết cộng theo các ngày đơn vị gửi báo cáo trong kỳ; số đang giải "
    "quyết lấy theo báo cáo cuối cùng của đơn vị trong kỳ. Hồ sơ trả lại hoặc công dân xin rút "
    "không nằm trong các cột trên."
)
_RECEIVED = "Số hồ sơ nhận giải quyết"
_SETTLED = ("Kết quả giải quyết", "Số hồ sơ đã giải quyết")
_PENDING = ("Kết quả giải quyết", "Số hồ sơ đang giải quyết")


def _columns(titles: Iterable[tuple[str, ...]], words: set[str]) -> tuple[Column, ...]:
    return tuple(
        Column(path, f"({n})", figures=path[0] not in words and path[-1] not in words)
        for n, path in enumerate(titles, 1)
    )


FIGURE_COLUMNS = _columns(
    (
        ("TT",),
        ("Đơn vị",),
        (_RECEIVED, "Tổng số"),
        (_RECEIVED, "Trong đó", "Số mới tiếp nhận trực tuyến"),
        (_RECEIVED, "Trong đó", "Số kỳ trước chuyển qua"),
        (_RECEIVED, "Trong đó", "Số mới tiếp nhận trực tiếp, qua BCCI"),
        (*_SETTLED, "Tổng số"),
        (*_SETTLED, "Trả đúng thời hạn"),
        (*_SETTLED, "Trả quá hạn"),
        (*_PENDING, "Tổng số"),
        (*_PENDING, "Chưa đến hạn"),
        (*_PENDING, "Quá hạn"),
        ("Ghi chú",),
    ),
    words={"TT", "Đơn vị", "Ghi chú"},
)
ABSENCE_COLUMNS = _columns(
    (
        ("TT",),
        ("Đơn vị",),
        ("Không gửi báo cáo", "Số ngày"),
        ("Không gửi báo cáo", "Ngày"),
        ("Gửi chậm", "Số ngày"),
        ("Gửi chậm", "Ngày"),
    ),
    words={"TT", "Đơn vị", "Ngày"},
)


def figures_table(record: WeekRecord) -> Table:
    """Return the dossiers by unit, with a sum for each group and one for all.

    Flows are those of the week, pending dossiers those of each unit's last report. A unit whose
    figures are not added is marked.
    """
    rows = [row for group in record.groups for row in _group_rows(record, group)]
    total = Row(("", "Tổng số", *_sum_cells(record, record.weeks), ""), strong=True)
    return Table(FIGURE_COLUMNS, (*rows, total))


def figures_notes(record: WeekRecord) -> tuple[str, ...]:
    """Return what a reader must know to add the columns up."""
    counts = {w.last.counts for w in record.weeks if not w.counted}
    notes = [_SUMS, _HOW_SUMMED, _carried_note(record)]
    if any(w.stock_day not in (None, record.days[-1]) for w in record.weeks):
        notes.append("“Đến ngày”: ngày của báo cáo cuối cùng của đơn vị, sớm hơn ngày cuối kỳ.")
    if Counts.INSIDE in counts:
        notes.append("(*) Số liệu đã nằm trong số liệu của đơn vị khác, không cộng vào tổng.")
    if Counts.AGGREGATE in counts:
        notes.append("(**) Số liệu tổng hợp từ đơn vị khác, chỉ để đối chiếu, không cộng vào tổng.")
    return tuple(notes)


def absence_table(record: WeekRecord) -> Table:
    """Return the units that missed a day or were late, with the days."""
    rows: list[Row] = []
    for group in record.groups:
        absent = [w for w in group.weeks if w.missed or w.last.unit in record.late]
        if absent:
            rows.append(_title_row(group, ABSENCE_COLUMNS))
        rows += [_absence_row(n, w, record.late) for n, w in enumerate(absent, 1)]
    return Table(ABSENCE_COLUMNS, tuple(rows))


def _carried_note(record: WeekRecord) -> str:
    source = (
        "Số kỳ trước chuyển qua là số đang giải quyết tại báo cáo cuối cùng của đơn vị trong kỳ "
        "trước"
    )
    if not record.carried:
        return "Chưa có số liệu kỳ trước: cột (5) để “-”, cột (3) chỉ gồm số mới tiếp nhận."
    if unknown := len(record.without_carried):
        return (
            f"{source}; {text.number(unknown)} đơn vị chưa có số liệu kỳ trước (ghi “-”), số hồ "
            "sơ nhận giải quyết của các đơn vị này chỉ gồm số mới tiếp nhận."
        )
    return f"{source}."


def _group_rows(record: WeekRecord, group: Group) -> Iterator[Row]:
    yield _title_row(group, FIGURE_COLUMNS)
    for n, week in enumerate(group.weeks, 1):
        name = name_in_group(week.last) + ("" if week.counted else _MARKS[week.last.counts])
        cells = _figure_cells(week.figures, record.carried.get(week.last.unit))
        yield Row((str(n), name, *cells, _remark(week, record.days[-1])))
    yield Row(("", f"Cộng {group.title}", *_sum_cells(record, group.weeks), ""), strong=True)


def _title_row(group: Group, columns: Sequence[Column]) -> Row:
    return Row(("", group.title, *("" for _ in columns[2:])), strong=True)


def _sum_cells(record: WeekRecord, weeks: Sequence[UnitWeek]) -> tuple[str, ...]:
    reported = any(w.counted and w.answers is not None for w in weeks)
    figures = week_totals(record.form, weeks).figures if reported else {}
    return _figure_cells(figures, record.carried_over(weeks))


def _figure_cells(figures: Mapping[str, int], carried: int | None) -> tuple[str, ...]:
    """Return columns (3) to (12); without figures only what was carried over is known."""
    brought = UNKNOWN if carried is None else text.number(carried)
    if not figures:
        return (brought, UNKNOWN, brought, *(UNKNOWN for _ in range(7)))
    online = figures["received_online"]
    others = figures["received_direct"] + figures["received_postal"]
    on_time, late = figures["resolved_on_time"], figures["resolved_late"]
    pending, overdue = figures["pending"], figures["overdue"]
    received = (text.number(online + others + (carried or 0)), text.number(online), brought)
    rest = (others, on_time + late, on_time, late, pending, pending - overdue, overdue)
    return (*received, *map(text.number, rest))


def _remark(week: UnitWeek, last_day: date) -> str:
    if not week.expected:
        return "tạm miễn báo cáo"
    if week.stock_day is None:
        return "không báo cáo"
    return "" if week.stock_day == last_day else f"đến ngày {text.day_short(week.stock_day)}"


def _absence_row(n: int, week: UnitWeek, late: Mapping[str, tuple[date, ...]]) -> Row:
    name = name_in_group(week.last)
    return Row((str(n), name, *_day_cells(week.missed), *_day_cells(late.get(week.last.unit, ()))))


def _day_cells(days: Sequence[date]) -> tuple[str, str]:
    return (str(len(days)), ", ".join(map(text.day_short, days))) if days else ("", "")
