"""The slip of a unit's week: how many days on time, each minus with its reason, what can be mended.

Source: the order of April 2020, item 4: inspect, urge, report weekly.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.core import text
from bot.core.messages import Says
from bot.core.messaging import Button
from bot.core.periods import Week
from bot.core.punctuality import DayMark, Mark, Punctuality

_UNITS_AT_MOST = 6


def name_of(week: Week) -> str:
    """Return what a week is called: "tuần 16"."""
    return f"tuần {int(week.id.partition('W')[2])}"


def short(unit: str, week: Week, punctuality: Punctuality) -> Says:
    """Friday's one line to the unit; with all days on time it is thanked."""
    on_time, of = punctuality.on_time, punctuality.of
    thanks = ", cảm ơn đơn vị" if on_time == of else ""
    overdue = punctuality.overdue
    newest = punctuality.marks[-1].day
    parts = (f"{on_time}/{of} ngày đúng giờ{thanks}", _overdue_in_short(overdue, newest))
    said = "; ".join(part for part in parts if part)
    return Says(f"{unit}, {name_of(week)}: {said}. Chi tiết: /phieu")


def _overdue_in_short(mark: DayMark | None, newest: date) -> str:
    if mark is None:
        return ""
    older = f" (báo cáo ngày {text.day_short(mark.day)})" if mark.day != newest else ""
    if not mark.overdue:
        return f"không có hồ sơ quá hạn{older}"
    return f"{text.number(mark.overdue)} hồ sơ quá hạn{older}"


def slip(
    unit: str,
    week: Week,
    punctuality: Punctuality,
    before: tuple[Week, Punctuality] | None,
    *,
    overdue_since: date | None,
    now: datetime,
    own: bool,
    contact: str,
) -> str:
    """The whole slip.

    Args:
        before: the week before, for comparison; None when the bot was not there.
        overdue_since: since when the newest reports show overdue dossiers.
        own: it is the reader's own unit, who can still mend something.
    """
    first, last = text.day_short(week.days[0]), text.day_short(week.days[-1])
    shown = [m for m in punctuality.marks if m.mark is not Mark.ON_TIME]
    lines = [
        f"{unit}, {name_of(week)} ({first} đến {last})",
        f"Đúng giờ: {_share(punctuality)}.{_compared(before)}",
        *(f"- {_line(mark, now)}" for mark in shown),
        _overdue(punctuality.overdue, overdue_since),
        *(_mend(punctuality, now, contact) if own else ()),
    ]
    return "\n".join(line for line in lines if line)


def _share(punctuality: Punctuality) -> str:
    if not punctuality.of:
        return "chưa có ngày nào được tính"
    return f"{punctuality.on_time}/{punctuality.of} ngày"


def _compared(before: tuple[Week, Punctuality] | None) -> str:
    if before is None or not before[1].of:
        return ""
    week, punctuality = before
    name = name_of(week)
    return f" {name[0].upper()}{name[1:]}: {_share(punctuality)}."


def _line(mark: DayMark, now: datetime) -> str:
    day = f"{text.weekday(mark.day)} {text.day_short(mark.day)}"
    return f"{day[0].upper()}{day[1:]}: {_said(mark, now)}"


def _said(mark: DayMark, now: datetime) -> str:
    match mark.mark:
        case Mark.LATE:
            return f"chậm {_lasting(mark.late_by)} ({_when(mark.sent_at, mark.day, now)})"
        case Mark.MISSING:
            return "chưa báo cáo"
        case Mark.EXEMPT:
            return f"tạm miễn báo cáo ({text.shortened(mark.reason, 80)})"
        case Mark.UNMANNED:
            sent = ", báo cáo gửi sau" if mark.sent_at else ", chưa báo cáo"
            return f"đầu mối nghỉ, chưa có người thay{sent}; không tính chậm"
        case Mark.OUTAGE:
            return "hệ thống tạm dừng, không tính"
    return f"chưa đến hạn {text.clock(mark.cut_off)}"


def _lasting(late_by: timedelta) -> str:
    """How long, in the two largest units; less than a minute is one."""
    minutes = max(1, int(late_by.total_seconds()) // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    units = ((days, "ngày"), (hours, "giờ"), (minutes, "phút"))
    return " ".join([f"{count} {name}" for count, name in units if count][:2])


def _when(sent_at: datetime | None, day: date, now: datetime) -> str:
    if sent_at is None:
        return ""
    local = sent_at.astimezone(now.tzinfo)
    return text.clock(local) + (f" {text.day_short(local.date())}" if local.date() != day else "")


def _overdue(mark: DayMark | None, since: date | None) -> str:
    if mark is None:
        return ""
    if not mark.overdue:
        return f"Hồ sơ quá hạn: không có (báo cáo ngày {text.day_short(mark.day)})."
    known = f", có từ {text.day_short(since)}" if since and since != mark.day else ""
    return f"Hồ sơ quá hạn: {mark.overdue} (báo cáo ngày {text.day_short(mark.day)}{known})."


def _mend(punctuality: Punctuality, now: datetime, contact: str) -> list[str]:
    """What can still be done about it, nothing when there is nothing."""
    missing = [m for m in punctuality.marks if m.sent_at is None and m.mark in _OWED]
    still_open = [m for m in missing if m.locks_at and now < m.locks_at]
    locked = [m for m in missing if m not in still_open]
    returned = [m for m in punctuality.marks if m.returned and m.locks_at and now < m.locks_at]
    lines = [_until(m) for m in still_open]
    if returned:
        lines.append(f"Báo cáo ngày {_days(returned)} cần sửa: gõ /sua.")
    if locked:
        lines.append(f"Ngày {_days(locked)} đã khóa. Cần bổ sung, đề nghị hỏi {contact}.")
    overdue = punctuality.overdue
    if overdue is not None and overdue.overdue:
        lines.append("Hồ sơ quá hạn giải quyết xong thì số trong báo cáo ngày sau tự giảm.")
    return lines


_OWED = (Mark.MISSING, Mark.UNMANNED, Mark.OUTAGE)


def _until(mark: DayMark) -> str:
    end = mark.locks_at
    last = f" đến trước {text.clock(end)} {text.day_short(end.date())}" if end else ""
    return f"Báo cáo ngày {text.day_short(mark.day)} còn nhận{last}: gõ /baocao."


def _days(marks: Sequence[DayMark]) -> str:
    return ", ".join(text.day_short(m.day) for m in marks)


def nothing_yet(unit: str, week: Week) -> str:
    """Nobody owed the bot anything in that week."""
    return f"{unit}, {name_of(week)}: chưa có ngày nào phải báo cáo."


def unknown_week(said: str) -> Says:
    about = text.shortened(text.one_line(said), 20)
    return Says(
        f'Chưa rõ tuần "{about}". Đề nghị gõ, ví dụ: /phieu, /phieu tuần trước, /phieu tuần 15.'
    )


def which_unit(names: Sequence[str], week: str) -> Says:
    """Several units are called so."""
    typed: Mapping[str, str] = {n: f"/phieu {n}{week}" for n in names[:_UNITS_AT_MOST]}
    lines = ("Có nhiều đơn vị trùng tên, đề nghị ghi rõ:", *(f"- {n}" for n in names))
    buttons = tuple(Button(name, says) for name, says in typed.items())
    return Says("\n".join(lines), buttons, numbered=True)


def no_such_unit(said: str) -> Says:
    """There is none of that name, or it is none of the reader's business."""
    name = text.shortened(text.one_line(said), 60)
    return Says(
        f'Không tìm thấy đơn vị "{name}" trong phạm vi anh/chị được xem. '
        "Đề nghị ghi đủ tên, ví dụ: /phieu phường Tích Sơn"
    )


def unit_needed() -> Says:
    return Says("Đề nghị ghi tên đơn vị, ví dụ: /phieu Tích Sơn, /phieu Tích Sơn tuần trước")
