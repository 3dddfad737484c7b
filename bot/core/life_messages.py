"""What the bot says when a report is returned, reopened, exempted, entered for another, approved.

Who reads it learns what happened, why, by whom, and what to do next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.core import text
from bot.core.form import Answers
from bot.core.life import Life
from bot.core.messages import Says, day_of
from bot.core.messaging import Button
from bot.core.parsing import NOTE
from bot.core.periods import Period
from bot.core.rollup import RECEIVED, RESOLVED, count

_EXAMPLES = {
    "molai": "/molai Tích Sơn 14/4 vì nhập nhầm số",
    "tralai": "/tralai Tích Sơn vì số quá hạn chưa khớp",
    "nhapthay": "/nhapthay Tích Sơn vì đơn vị mất mạng",
    "miencho": "/miencho Tích Sơn đến 20/4 vì cả phường cách ly",
    "duyet": "/duyet Tích Sơn",
}
_DEEDS = {
    "molai": "Mở lại",
    "tralai": "Trả lại",
    "nhapthay": "Nhập thay",
    "miencho": "Tạm miễn",
}
_REASONS = {
    "molai": "nhập nhầm số trực tuyến",
    "tralai": "số quá hạn chưa khớp",
    "nhapthay": "đơn vị mất mạng",
    "miencho": "cả phường cách ly",
}
_MOST_CHOICES = 6
_MOST_LISTED = 20

HISTORY = "Lịch sử:"
"""Before what has happened to a report."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that an exemption is about, inclusive."""

    first: date
    last: date

    def __str__(self) -> str:
        first = f"ngày {text.day_short(self.first)}"
        if self.first == self.last:
            return first
        return f"từ {first} đến ngày {text.day_short(self.last)}"


def _moment(moment: datetime) -> str:
    return f"{text.clock(moment)} {text.day_short(moment)}"


def _quoted(said: str) -> str:
    return f'"{text.shortened(text.one_line(said), 60)}"'


# What is missing in a command, or wrong


def how_to(word: str) -> Says:
    """A command without a unit."""
    what = "tên đơn vị" if word == "duyet" else "tên đơn vị, ngày và lý do"
    return Says(f"Đề nghị ghi {what}, ví dụ: {_EXAMPLES[word]}")


def asks_reason(word: str, unit: str, days: str) -> Says:
    """The command is clear but for its reason; the next message is taken for it."""
    return Says(
        f"{_DEEDS[word]} báo cáo {days} của {unit}: đề nghị ghi lý do, "
        f"ví dụ: {_REASONS[word]}. Không làm nữa thì gõ: hủy."
    )


def order_dropped() -> Says:
    """ "Hủy" in place of a reason."""
    return Says("Đã thôi, báo cáo giữ nguyên như cũ.")


def unit_unknown(word: str, said: str) -> Says:
    why = "" if word == "duyet" else ", lý do ghi sau chữ vì"
    return Says(
        f"Không tìm thấy đơn vị {_quoted(said)}. Đề nghị ghi đủ tên{why}, ví dụ: {_EXAMPLES[word]}"
    )


def which_unit(choices: Sequence[tuple[str, str]]) -> Says:
    """Several units have the name.

    Args:
        choices: the full name of each, and the command with its code.
    """
    return Says(
        "\n".join(
            ["Có nhiều đơn vị trùng tên, đề nghị chọn:", *(f"- {name}" for name, _ in choices)]
        ),
        tuple(Button(name, says) for name, says in choices[:_MOST_CHOICES]),
        numbered=True,
    )


def not_your_unit(unit: str, contact: str) -> Says:
    return Says(
        f"{unit} không thuộc địa bàn anh/chị phụ trách. Cần xử lý, đề nghị liên hệ {contact}."
    )


def no_such_day(word: str, said: str) -> Says:
    return Says(f"Không có ngày {_quoted(said)}. Đề nghị ghi lại, ví dụ: {_EXAMPLES[word]}")


def no_reporting_day(day: date) -> Says:
    return Says(
        f"Ngày {text.day_short(day)} không phải ngày báo cáo. Đề nghị chọn một ngày báo cáo."
    )


def day_to_come(day: date) -> Says:
    return Says(f"Chưa đến ngày {text.day_short(day)}. Đề nghị kiểm tra lại ngày.")


def too_long_ago(day: date, days: int) -> Says:
    return Says(
        f"Ngày {text.day_short(day)} đã quá {days} ngày nên không mở lại được trên hệ thống."
    )


def not_expected(unit: str, days: str) -> Says:
    return Says(f"{unit} không thuộc diện báo cáo {days}, không cần xử lý.")


# Why something may not happen


def locked_for_all(unit: str, period: Period, *, by_admin: bool, contact: str) -> Says:
    """Of a locked day nothing is changed but by reopening it."""
    order = f"/molai {unit} {text.day_short(period.day)} và lý do"
    ask = (
        f"Cần thay đổi thì mở lại trước: gõ {order}."
        if by_admin
        else f"Cần thay đổi, đề nghị {contact} (quản trị) mở lại trước bằng lệnh: {order}."
    )
    return Says(
        f"Báo cáo {day_of(period)} của {unit} đã khóa lúc {_moment(period.locks_at)}. {ask}"
    )


def not_locked(unit: str, period: Period) -> Says:
    return Says(
        f"Báo cáo {day_of(period)} của {unit} chưa khóa (khóa lúc {_moment(period.locks_at)}) nên "
        "không cần mở lại: đơn vị tự sửa được bằng /sua. Cần yêu cầu sửa, gõ "
        f"/tralai {unit} {text.day_short(period.day)} và lý do."
    )


def nothing_to_return(unit: str, period: Period) -> Says:
    return Says(
        f"{unit} chưa gửi báo cáo {day_of(period)} nên chưa có gì để trả lại. Cần nhập thay, gõ "
        f"/nhapthay {unit} {text.day_short(period.day)} và lý do."
    )


def is_exempt(unit: str, period: Period, reason: str) -> Says:
    day = text.day_short(period.day)
    return Says(
        f"{unit} đang được tạm miễn báo cáo ngày {day}: {reason}. "
        f"Bỏ miễn thì gõ: /miencho bỏ {unit} {day}"
    )


def not_exempt(unit: str, days: str) -> Says:
    return Says(f"{unit} không được tạm miễn báo cáo {days} nên không có gì để bỏ.")


# Reopening


def reopened(unit: str, period: Period, *, reason: str, until: datetime, told: str) -> Says:
    """To the admin who reopened a report.

    Args:
        told: as `told_to` says.
    """
    return Says(
        f"Đã mở lại báo cáo {day_of(period)} của {unit} đến {_moment(until)}, gửi được một lần. "
        f"Lý do: {reason}. {told}"
    )


def reopened_exempt(unit: str, period: Period, *, until: datetime) -> Says:
    """To the admin who reopened the day of a unit that was excused from it."""
    day = text.day_short(period.day)
    return Says(
        f"Đã mở lại ngày {day} của {unit} đến {_moment(until)}. Đơn vị đang được tạm miễn: bỏ miễn "
        f"thì gõ /miencho bỏ {unit} {day}"
    )


def told_to(names: Sequence[str], unit: str, day: date) -> str:
    """Whom of the unit the news has reached, or what to do when it can reach nobody."""
    if names:
        return f"Đã báo cho {', '.join(text.shortened(n, 60) for n in names)}."
    return (
        "Đơn vị chưa có đầu mối nhận được tin: đề nghị gọi điện, hoặc nhập thay bằng "
        f"/nhapthay {unit} {text.day_short(day)}."
    )


def reopened_for_you(
    unit: str, period: Period, *, reason: str, by: str, until: datetime, sent: bool
) -> Says:
    """To the unit whose report was reopened.

    Args:
        sent: it had reported; else the report is still to be made.
    """
    return Says(
        f"Báo cáo {day_of(period)} của {unit} đã được mở lại sau khi khóa.\n"
        f"Lý do: {reason}\n"
        f"Người mở: {text.shortened(by, 60)}\n"
        f"{_to_do(period, until, sent=sent)} Chỉ gửi được một lần.",
        (_go(period, sent=sent),),
    )


def reopening_over(unit: str, period: Period, *, until: datetime, contact: str) -> Says:
    """To the unit that let the time pass in which its report was open again."""
    return Says(
        f"Báo cáo {day_of(period)} của {unit} được mở lại đến {_moment(until)}, nay đã khóa, không "
        f"sửa được nữa. Cần mở lại lần nữa, đề nghị liên hệ {contact}."
    )


def open_again(life: Life) -> str:
    """A line of a report that was reopened: why, and until when it may be sent."""
    until = f", gửi trước {_moment(life.open_until)}" if life.open_until else ""
    return f"Đã được mở lại{until}. Lý do: {life.reason}."


def notes_of(life: Life, period: Period, now: datetime) -> list[str]:
    """How a report that was sent stands, as its unit is shown it: nothing on an ordinary day."""
    if life.exempt_reason is not None:
        return [f"Đơn vị được tạm miễn báo cáo ngày này: {life.exempt_reason}."]
    reopened = period.locked(now) and life.open_after_lock(now)
    return [
        *([f"Được trả lại để sửa. Lý do: {life.reason}."] if life.returned else []),
        *([open_again(life)] if reopened and not life.returned else []),
        *(["Chờ cấp huyện duyệt."] if life.awaits else []),
    ]


def correction_reason(reason: str) -> str:
    """A line of the receipt of a correction."""
    return f"Lý do sửa: {reason}."


def reason_line(reason: str) -> str:
    """A line of the review of a correction."""
    return f"{NOTE} Lý do sửa: {reason}"


def locked_again(contact: str) -> str:
    """The last line of the receipt of what was sent after the lock."""
    return f"Báo cáo đã khóa lại. Cần sửa nữa, đề nghị liên hệ {contact}."


def amended_note() -> str:
    return "Báo cáo được ghi là bổ sung sau khóa; bản tổng hợp sẽ được cập nhật."


def week_changed(
    week: str, day: date, units: Sequence[str], sha256: str, *, to_admin: bool
) -> Says:
    """Something was changed in a week whose figures were frozen before."""
    next_step = (
        f"Đề nghị lập lại dự thảo báo cáo: giaoban weekly --week {week}"
        if to_admin
        else "Quản trị sẽ lập lại dự thảo báo cáo tuần."
    )
    named = text.shortened("; ".join(units), 300)
    return Says(
        f"Số liệu tuần {week} đã khóa nay có thay đổi ngày {text.day_short(day)}: {named}. "
        f"Mã kiểm tra mới: {sha256[:8]}. {next_step}"
    )


# Returning


def returned(unit: str, period: Period, *, reason: str, told: str) -> Says:
    """To who returned a report."""
    return Says(
        f"Đã trả lại báo cáo {day_of(period)} của {unit} để sửa. Lý do: {reason}. {told} Trong khi "
        "chờ sửa, số đã gửi vẫn được tổng hợp và có ghi chú."
    )


def returned_to_you(unit: str, period: Period, *, reason: str, by: str, until: datetime) -> Says:
    """To the unit whose report was returned."""
    return Says(
        f"Báo cáo {day_of(period)} của {unit} được trả lại để sửa.\n"
        f"Lý do: {reason}\n"
        f"Người trả lại: {text.shortened(by, 60)}\n"
        f"{_to_do(period, until, sent=True)}",
        (_go(period, sent=True),),
    )


def _to_do(period: Period, until: datetime, *, sent: bool) -> str:
    day = text.day_short(period.day)
    if not sent:
        return f"Đề nghị báo cáo trước {_moment(until)}: gõ /baocao {day}."
    return (
        f"Đề nghị sửa trước {_moment(until)}: gõ /sua {day} rồi tên mục và số đúng, "
        f"ví dụ: /sua {day} Đang giải quyết 12."
    )


def _go(period: Period, *, sent: bool) -> Button:
    day = text.day_short(period.day)
    if sent:
        return Button(f"Sửa báo cáo {day}", f"/sua {day}/{period.day.year}")
    return Button(f"Báo cáo {day}", f"/baocao {day}/{period.day.year}")


# Exempting


def exempted(unit: str, days: str, *, reason: str, code: str, span: str, told: str) -> Says:
    """To who excused a unit.

    Args:
        code, span: the unit's code and the days as they are typed in a command.
    """
    return Says(
        f"Đã ghi: {unit} được tạm miễn báo cáo {days}. Lý do: {reason}. {told} "
        f"Bỏ miễn thì gõ: /miencho bỏ {unit} {span}",
        (Button("Bỏ miễn", f"/miencho bỏ {code} {span}"),),
    )


def exempted_you(unit: str, days: str, *, reason: str, by: str) -> Says:
    """To the unit that was excused."""
    return Says(
        f"{unit} được tạm miễn báo cáo {days}.\n"
        f"Lý do: {reason}\n"
        f"Người quyết định: {text.shortened(by, 60)}\n"
        "Trong thời gian này không cần gửi báo cáo."
    )


def told_of_exemption(names: Sequence[str]) -> str:
    """Whom of the unit the news has reached."""
    if names:
        return f"Đã báo cho {', '.join(text.shortened(n, 60) for n in names)}."
    return "Đơn vị chưa có đầu mối nhận được tin, đề nghị báo trực tiếp."


def lifted(unit: str, days: str, *, told: str) -> Says:
    """To who ended an exemption."""
    return Says(f"Đã bỏ miễn: {unit} lại phải báo cáo {days}. {told}")


def lifted_for_you(unit: str, days: str, *, by: str) -> Says:
    """To the unit that owes reports again."""
    return Says(
        f"{unit} không còn được tạm miễn báo cáo {days}.\n"
        f"Người quyết định: {text.shortened(by, 60)}\n"
        "Đề nghị gửi báo cáo: gõ /baocao."
    )


def span_too_long(days: int) -> Says:
    return Says(
        f"Mỗi lần tạm miễn được nhiều nhất {days} ngày. Đề nghị ghi ngày gần hơn; hết hạn thì miễn "
        "tiếp."
    )


def span_backwards() -> Says:
    return Says(
        "Ngày cuối sớm hơn ngày đầu. Đề nghị ghi lại, ví dụ: /miencho Tích Sơn từ 15/4 đến 20/4 "
        "vì cả phường cách ly"
    )


# Entering for another


def entering(unit: str, period: Period, form: Says) -> Says:
    """Before the form that somebody fills in for a unit."""
    return Says(
        f"Anh/chị nhập thay {unit}, báo cáo {day_of(period)}. Thôi nhập thì gõ: hủy.\n\n"
        f"{form.text}",
        form.buttons,
    )


def entered_for_you(unit: str, period: Period, *, reason: str, by: str) -> Says:
    """To the unit for which somebody enters the report."""
    day = text.day_short(period.day)
    return Says(
        f"{text.shortened(by, 60)} đang nhập thay {unit}, báo cáo {day_of(period)}.\n"
        f"Lý do: {reason}\n"
        f"Đơn vị không cần gửi nữa. Xem số đã gửi: gõ /xem {day}; cần sửa: gõ /sua {day}."
    )


def entered_note(reason: str) -> str:
    """A line of the receipt of what was entered for a unit."""
    return f"Nhập thay, lý do: {reason}."


def entering_stopped(unit: str) -> Says:
    return Says(f"Đã thôi nhập thay {unit}.")


# Approving


class Awaiting(Protocol):
    """A report that waits for approval."""

    @property
    def name(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def revision_id(self) -> int: ...


def awaits_note() -> str:
    """A line of the unit's receipt."""
    return "Báo cáo đã được tính, chờ cấp huyện duyệt."


def nothing_awaits(unit: str, period: Period) -> Says:
    return Says(f"Báo cáo {day_of(period)} của {unit} không chờ duyệt. Gõ /duyet để xem danh sách.")


def waiting_for_you(waiting: Sequence[Awaiting]) -> Says:
    """What waits for a coordinator's approval, in one message."""
    if not waiting:
        return Says("Không có báo cáo nào chờ duyệt.")
    newest = max(w.revision_id for w in waiting)
    next_step = (
        "Duyệt tất cả: gõ /duyet tất cả. Duyệt một đơn vị: gõ /duyet và tên đơn vị. "
        "Cần sửa: gõ /tralai, tên đơn vị và lý do."
    )
    return Says(
        "\n".join(
            [
                f"Chờ anh/chị duyệt: {len(waiting)} báo cáo.",
                *_listed(waiting),
                next_step,
            ]
        ),
        (Button("Duyệt tất cả", f"/duyet tất cả {newest}"),),
    )


def approved(seen: Sequence[Awaiting], *, left: int) -> Says:
    """To who approved.

    Args:
        left: reports that came since the list was shown.
    """
    more = f"Còn {left} báo cáo mới đến, gõ /duyet để xem." if left else None
    return Says("\n".join(filter(None, [f"Đã duyệt {len(seen)} báo cáo.", *_listed(seen), more])))


def _listed(waiting: Sequence[Awaiting]) -> list[str]:
    """A line for each report, with its figures; not so many that nobody reads them."""
    lines = [
        f"- {w.name}, ngày {text.day_short(w.day)}: {_figures(w.answers)}"
        for w in waiting[:_MOST_LISTED]
    ]
    left = len(waiting) - len(lines)
    return [*lines, f"và {left} báo cáo khác"] if left else lines


def _figures(answers: Answers) -> str:
    received, resolved = count(answers, *RECEIVED), count(answers, *RESOLVED)
    pending, overdue = count(answers, "pending"), count(answers, "overdue")
    return (
        f"nhận {text.number(received)}, trả {text.number(resolved)}, "
        f"đang giải quyết {text.number(pending)}, quá hạn {text.number(overdue)}"
    )


def only_admin_switches(contact: str) -> Says:
    return Says(f"Chỉ quản trị bật, tắt được việc duyệt. Cần thay đổi, đề nghị liên hệ {contact}.")


def approval_switched(*, required: bool, since: date | None) -> Says:
    """To the admin.

    Args:
        since: the first day for which it holds; None when it was so before.
    """
    state = "đang bật" if required else "đang tắt"
    if since is None:
        return Says(f"Việc duyệt báo cáo cấp xã {state}, không có gì thay đổi.")
    day = text.day_short(since)
    if required:
        return Says(
            f"Từ báo cáo ngày {day}, cấp huyện duyệt báo cáo của cấp xã bằng lệnh /duyet. Số liệu "
            "chưa duyệt vẫn được tổng hợp, có ghi chờ duyệt. Thôi áp dụng: gõ /duyet tắt."
        )
    return Says(
        f"Từ báo cáo ngày {day}, báo cáo của cấp xã không cần duyệt. Áp dụng lại: gõ /duyet bật."
    )
