"""What the bot says about figures that are odd, and about the answers to that."""

from bot.core import text
from bot.core.form import Field
from bot.core.history import Usual


def unusual(field: Field, figure: int, usual: Usual) -> str:
    """A figure far from the unit's own last reports."""
    least, most = text.number(usual.least), text.number(usual.most)
    mostly = f"là {least}" if least == most else f"khoảng {least} đến {most}"
    return (
        f"{field.label} {text.number(figure)}, trong khi thường ngày {mostly} "
        f"({text.number(usual.reports)} báo cáo gần đây)."
    )
