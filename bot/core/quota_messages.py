"""What the bot says when a messenger allows no more messages or people."""

from collections.abc import Sequence

from bot.core import text
from bot.core.messages import Says, person_named
from bot.core.periods import Period
from bot.core.quota import Limit

_LIMITS = {
    Limit.MESSAGES: ("tin trong tháng", "Hết phần dự trữ thì bot ngừng nhắc"),
    Limit.PEOPLE: ("người", "Đủ số thì người mới không tham gia được"),
    Limit.GROUPS: ("nhóm", "Đủ số thì không thêm được nhóm"),
}


def nearly_used_up(title: str, limit: Limit, used: int, of: int) -> Says:
    """To the admins, once a month, at 80 %."""
    what, then = _LIMITS[limit]
    return Says(
        f"{title} đã dùng {text.number(used)}/{text.number(of)} {what} "
        f"({text.percent(used, of)}). {then}. Cần thêm bot: chạy giaoban doctor --plan."
    )


def asked_no_more(unit: str, period: Period, ways: Sequence[str], contact: str) -> Says:
    """In place of a prompt or a reminder, when the month's messages are nearly used up.

    Args:
        ways: messengers that are open.
    """
    another = f", hoặc qua {' hoặc '.join(ways)}" if ways else ""
    return Says(
        "Số tin trong tháng của bot này sắp hết, nên đến hết tháng bot không gửi mẫu và không "
        f"nhắc. Đề nghị {unit} vẫn báo cáo trước {text.clock(period.cut_off)} hằng ngày: ghi tên "
        f"mục và số, gửi tại đây{another}. Vướng mắc, đề nghị hỏi {contact}."
    )


def bot_is_full(others: Sequence[str], contact: str) -> Says:
    """To who would join by a bot that has all the people its plan allows.

    Args:
        others: bots with room.
    """
    where = f"Đề nghị gửi mã này cho {others[0]}." if others else f"Đề nghị hỏi {contact}."
    return Says(f"Bot này đã đủ người, chưa nhận thêm được. {where}")


def no_room_for(number: int, name: str, others: Sequence[str]) -> Says:
    """To the admin who accepts somebody by a bot that is full; the request stays open.

    Args:
        others: bots with room.
    """
    next_step = (
        f"Đề nghị hướng dẫn người này nhắn cho {others[0]}."
        if others
        else f"Cần thêm bot: chạy giaoban doctor --plan. Có chỗ thì gõ lại: /chapnhan {number}"
    )
    return Says(
        f"Chưa chấp nhận được {person_named(name)} (đề nghị số {number}): "
        f"bot mà người này nhắn đã đủ người. {next_step}"
    )
