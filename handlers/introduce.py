"""How the bot introduces itself before anything is said: its menus of commands, what it is for.

A menu belongs to a kind of place. A messenger does not know who has which duty: in private all
see the commands of those who are most, and learn the others by /trogiup.
"""

from bot.core.office import Office
from handlers.commands import COMMANDS, GUEST_GROUP, MEMBER, Command, Place
from storage.conversations import REPORTERS

Menu = tuple[tuple[str, str], ...]
"""Words of commands, each with what it does."""

_FOR_NEWCOMERS = ("start", "trogiup")
_JOINING = "tham gia bằng mã mời"  # not in the help: whoever reads that has joined


def private_menu() -> Menu:
    """Return what a focal point may use in a private chat."""
    return _menu(frozenset(REPORTERS), Place.PRIVATE)


def group_menu() -> Menu:
    """Return what may be used in a group, be it bound or not yet."""
    return _menu(frozenset({MEMBER, GUEST_GROUP}), Place.GROUP)


def newcomer_menu() -> Menu:
    """Return what somebody may type of whom nothing is known."""
    return tuple(_entry(c) for c in COMMANDS if c.word in _FOR_NEWCOMERS)


def description(office: Office) -> str:
    """Return what the bot is for and how to begin; about 400 letters."""
    return (
        f"Hệ thống báo cáo ngày của {office.name}: tiếp nhận báo cáo của Bộ phận Một cửa các cấp, "
        "nhắc đơn vị chưa báo cáo, tổng hợp gửi Ban Chỉ đạo.\n\n"
        "Dành cho người được giao nhiệm vụ. Để tham gia, đề nghị bấm Bắt đầu rồi gửi /start và "
        f"mã mời. Chưa có mã: gửi /thamgia và tên đơn vị, hoặc hỏi {office.contact}."
    )


def short_description(office: Office) -> str:
    """Return what the bot is for in one line; about 80 letters."""
    return f"Tiếp nhận và tổng hợp báo cáo ngày của Bộ phận Một cửa, {office.name}."


def _menu(roles: frozenset[str], place: Place) -> Menu:
    return tuple(_entry(c) for c in COMMANDS if c.help and place in c.places and roles & c.roles)


def _entry(command: Command) -> tuple[str, str]:
    does = command.help or _JOINING
    return command.word, does[0].upper() + does[1:]
