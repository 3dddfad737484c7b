"""What the bot says to those who see over units: who is missing, which unit, which day or week."""

from collections.abc import Sequence
from datetime import date, datetime, time

from bot.core import text
from bot.core.messages import Says, day_of, joined
from bot.core.messaging import Button
from bot.core.periods import Period


def missing_units(
    title: str, names: Sequence[str], *, total: int, when: datetime | None = None
) -> Says:
    """A list of units that owe a report, or that all have sent it."""
    at = f" lúc {text.clock(when)}" if when else ""
    if not names:
        return Says(f"{title}{at}: đủ {total}/{total} đơn vị đã báo cáo.")
    return Says(
        joined(
            f"{title}{at}: còn {len(names)}/{total} đơn vị chưa báo cáo.",
            *(f"- {n}" for n in names),
        )
    )


def superior_notice(title: str, names: Sequence[str], period: Period) -> Says:
    """The one message a superior gets after the deadline."""
    return Says(
        joined(
            f"{title}: {len(names)} đơn vị chưa báo cáo {day_of(period)} "
            f"(hạn {text.clock(period.cut_off)}).",
            *(f"- {n}" for n in names),
            "Đề nghị đôn đốc; báo cáo gửi muộn vẫn được nhận.",
        )
    )


def no_such_unit(said: str) -> Says:
    return Says(
        f'Không tìm thấy đơn vị "{text.shortened(text.one_line(said), 60)}". '
        "Đề nghị ghi đủ tên, ví dụ: /tinhhinh xã Quang Sơn"
    )


def which_unit(names: Sequence[str]) -> Says:
    return Says(
        joined("Có nhiều đơn vị trùng tên, đề nghị ghi rõ:", *(f"- {n}" for n in names)),
        tuple(Button(n, f"/tinhhinh {n}") for n in names[:6]),
        numbered=True,
    )


def which_unit_needed() -> Says:
    return Says("Đề nghị ghi tên đơn vị, ví dụ: /tinhhinh Vĩnh Yên")


def not_a_day(said: str) -> Says:
    return Says(f'Chưa rõ ngày "{text.shortened(text.one_line(said), 20)}". Ví dụ: /tonghop 15/4')


def no_digest_yet(day: date, posted_at: time | None) -> Says:
    later = f" Bản tổng hợp được đăng lúc {text.clock(posted_at)}." if posted_at else ""
    return Says(f"Chưa có bản tổng hợp ngày {text.day_full(day)}.{later}")


def week_closed(week: str, first: date, last: date, digest: str, *, to_admin: bool) -> Says:
    next_step = (
        f"Lập dự thảo báo cáo: giaoban weekly --week {week}"
        if to_admin
        else "Quản trị sẽ lập dự thảo báo cáo tuần."
    )
    return Says(
        f"Đã khóa số liệu tuần {week} (từ {text.day_short(first)} đến {text.day_short(last)}), "
        f"mã kiểm tra {digest[:8]}. {next_step}"
    )
