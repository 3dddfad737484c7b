"""What the bot says of what did not arrive, of files by link, and of a machine that is not well."""

from datetime import datetime

from bot.core import text
from bot.core.messages import Says, group_titled, person_named
from bot.core.messaging import Button

_LONGEST_FILE_NAME = 60


def file_link(name: str, url: str, until: datetime) -> str:
    """The line under a text whose file is offered by link; `until` is a local time."""
    return f"Tệp {_file(name)}: {url} (mở được đến {text.clock(until)} {text.day_short(until)})"


def file_elsewhere(name: str, contact: str) -> str:
    """The line under a text whose file cannot be offered."""
    return f"Tệp {_file(name)}: đề nghị nhận tại {contact}."


def link_expired(contact: str) -> str:
    return f"Liên kết này đã hết hạn. Đề nghị hỏi {contact} để nhận lại tệp."


def no_such_link(contact: str) -> str:
    return (
        f"Không mở được tệp theo liên kết này. Đề nghị kiểm tra lại liên kết, hoặc hỏi {contact}."
    )


def _file(name: str) -> str:
    return text.shortened(text.one_line(name), _LONGEST_FILE_NAME)


def person_gone(name: str, unit: str) -> Says:
    return Says(
        f"Không nhắn được cho {name} ({unit}): người này đã chặn hoặc rời kênh. "
        "Đề nghị liên hệ; khi người này nhắn lại, bot tự hỏi tiếp."
    )


def removed_from_group(title: str) -> Says:
    return Says(
        f"Bot đã bị đưa ra khỏi nhóm {text.shortened(text.one_line(title), 60)}, không đăng được "
        "bản tổng hợp vào nhóm nữa. Đề nghị thêm bot lại vào nhóm."
    )


def reader(name: str, unit: str, *, in_group: bool) -> str:
    """Who was to read a message.

    Args:
        name: of the person or the group; "" when it is not known.
        unit: of the person; "" when there is none.
    """
    if in_group:
        return group_titled(name) if name else "nhóm chưa kết nối"
    if not (name or unit):
        return "người chưa đăng ký"
    return f"{person_named(name)} ({unit})" if unit else person_named(name)


def send_refused(subject: str, to: str, key: str, reason: str, *, officer: str = "") -> Says:
    """A message did not arrive.

    Args:
        subject: what it was, as `keys.subject` says.
        to: as `reader` says.
        officer: who was given it to post it by hand; "" for nobody.
    """
    by_hand = f" Đã chuyển {person_named(officer)} đăng thay." if officer else ""
    return Says(
        f"Không gửi được {subject} đến {to}: {reason.rstrip('.')}. Đề nghị kiểm tra kênh gửi."
        f"{by_hand} (Mã tin: {key})"
    )


def send_unknown(subject: str, to: str, key: str, *, number: int) -> Says:
    """Nobody knows whether a message arrived: an admin looks and says so.

    Args:
        subject, to: as in `send_refused`.
        number: by which the admin names it.
    """
    return Says(
        f"Chưa rõ {subject} đã đến {to} hay chưa. Đề nghị xem tại nơi nhận. "
        f"Đã đến thì gõ /daden {number}; chưa đến, cần gửi lại thì gõ /guilai {number}. "
        f"(Mã tin: {key})",
        (Button("Đã đến", f"/daden {number}"), Button("Gửi lại", f"/guilai {number}")),
    )


def doubt_settled(number: int, *, arrived: bool) -> Says:
    """An admin has said what became of a message."""
    says = "đã đến nơi" if arrived else "đang được gửi lại"
    return Says(f"Đã ghi nhận: tin số {number} {says}.")


def not_in_doubt(number: str) -> Says:
    """/daden or /guilai of a message whose fate is known, or of none."""
    which = f"Tin số {text.shortened(number, 12)}" if number else "Tin này"
    return Says(
        f"{which} không còn chờ xác nhận. Gõ lệnh kèm số của tin trong thông báo, ví dụ: /daden 12"
    )


def not_set_up(reason: str) -> Says:
    """A channel needs an admin before it carries anything.

    Args:
        reason: what is wrong and what to do, in sentences.
    """
    return Says(f"Kênh gửi tin cần quản trị xử lý. {reason}")


def clock_jumped(before: datetime, now: datetime) -> Says:
    """The machine's clock cannot be believed; nothing is asked or posted by it."""
    return Says(
        f"Đồng hồ máy chủ nhảy từ {text.clock(before)} {text.day_full(before.date())} sang "
        f"{text.clock(now)} {text.day_full(now.date())}. Bot đã dừng hỏi, nhắc và đăng. "
        "Đề nghị chỉnh giờ máy chủ rồi khởi động lại bot."
    )


def clock_was_ahead(before: datetime, now: datetime) -> Says:
    """The machine's clock had run ahead and was put right while the bot was down."""
    return Says(
        f"Đồng hồ máy chủ từng chạy đến {text.clock(before)} {text.day_full(before.date())}, "
        f"nay là {text.clock(now)} {text.day_full(now.date())}. Việc hỏi, nhắc, đăng có "
        "thể đã bị bỏ qua. Đề nghị kiểm tra bằng /chuabaocao và /tonghop."
    )
