"""What the bot says about figures that are odd, and about the answers to that."""

from bot.core import text
from bot.core.explanations import Explanation
from bot.core.form import Field
from bot.core.history import Usual
from bot.core.messages import BACK, SEND, Says
from bot.core.messaging import Button


def unusual(field: Field, figure: int, usual: Usual) -> str:
    """A figure far from the unit's own last reports."""
    least, most = text.number(usual.least), text.number(usual.most)
    mostly = f"là {least}" if least == most else f"khoảng {least} đến {most}"
    return (
        f"{field.label} {text.number(figure)}, trong khi thường ngày {mostly} "
        f"({text.number(usual.reports)} báo cáo gần đây)."
    )


def answered(explanation: Explanation) -> str:
    """A doubt with its answer, as whoever reads the figures is told."""
    if not explanation.explained:
        return f"{explanation.says} Đơn vị xác nhận số liệu đúng."
    return f"{explanation.says} Giải trình: {explanation.reason}."


def reason_asked(*, sends: bool) -> Says:
    """ "Ghi lý do": the next message is the reason.

    Args:
        sends: nothing else stands in the way of the report.
    """
    then = " Ghi xong, báo cáo được gửi ngay." if sends else ""
    return Says(
        f'Đề nghị ghi lý do trong một tin, ví dụ: "hôm qua đếm thiếu 2 hồ sơ".{then}',
        (SEND, BACK) if sends else (BACK,),
    )


def perhaps_a_reason(said: str, longest: int) -> Says:
    """Words that are no figures, while a doubt waits to be answered.

    Args:
        longest: as much of them as would be kept, in letters.
    """
    shown = text.shortened(text.one_line(said), 60)
    return Says(
        f'"{shown}" chưa ghi được vào mục nào. Nếu đó là lý do của số liệu trên, đề nghị ghi "vì" '
        'ở đầu. Số liệu đúng thì gõ GỬI; sai thì ghi lại, ví dụ: "Trực tiếp 6".',
        (Button("Đó là lý do", f"vì {text.shortened(text.one_line(said), longest)}"), SEND),
    )
