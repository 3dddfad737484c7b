"""The table of commands, read top to bottom: word, alias, who, where, what it does.

Routing, rights, help and menus are made from it and from nothing else (DESIGN §6).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.text import fold
from handlers import (
    add_messenger,
    admit,
    approve,
    by_hand,
    confirm,
    enter_for,
    exempt,
    history,
    join,
    leave,
    list_groups,
    missing,
    reopen,
    report,
    requests,
    return_report,
    show_digest,
    show_unit,
    slip,
)
from handlers.orders import GIVERS
from handlers.scene import Scene
from handlers.scope import READERS
from storage.conversations import REPORTERS, STAND_IN
from storage.writer import Decision, Rare


class Place(StrEnum):
    """Where a command may be used."""

    PRIVATE = "private"
    GROUP = "group"


Hot = Callable[[Scene], Decision | Rare]
Rarely = Callable[[AsyncSession, Scene], Awaitable[None]]

STRANGER = "stranger"  # nobody with a duty
MEMBER = "member"  # somebody in a bound group, whoever they are
GUEST_GROUP = "guest_group"  # anybody in a group that is not bound

_REPORTERS = frozenset({*REPORTERS, STAND_IN})
_READERS = frozenset({*READERS, MEMBER})
_ADMIN = frozenset({"admin"})
_GIVERS = frozenset(GIVERS)
POSTERS = frozenset({"office", "coordinator", "admin"})
"""Roles of who may be given a post to put into a group."""
_WITH_DUTY = frozenset({*REPORTERS, *READERS})
_EVERYBODY = _WITH_DUTY | {STRANGER}
_PRIVATE = frozenset({Place.PRIVATE})
_GROUP = frozenset({Place.GROUP})
_BOTH = frozenset({Place.PRIVATE, Place.GROUP})


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        roles: who may use it; one of them is enough.
        hot: the pure use case; it may find that it must query after all.
        rare: instead of it, a use case with a session of its own, for what must query. The help,
            which is made from this table, has neither.
        help: what it does, as the help says it; "" keeps it out of the help.
    """

    word: str
    alias: str
    roles: frozenset[str]
    places: frozenset[Place]
    help: str
    hot: Hot | None = None
    rare: Rarely | None = None


COMMANDS = (
    Command("start", "join", _EVERYBODY, _PRIVATE, "", rare=join.join),
    Command("thamgia", "request", _EVERYBODY, _PRIVATE, "", rare=requests.ask_to_join),
    Command("trogiup", "help", _WITH_DUTY | {MEMBER}, _BOTH, "các lệnh dùng được"),
    Command("baocao", "report", _REPORTERS, _PRIVATE, "báo cáo hôm nay", hot=report.begin),
    Command("xem", "mine", _REPORTERS, _PRIVATE, "xem báo cáo đã gửi", hot=history.show),
    Command("sua", "edit", _REPORTERS, _PRIVATE, "sửa báo cáo đã gửi", hot=report.correct),
    Command(
        "khongphatsinh", "nothing", _REPORTERS, _PRIVATE,
        "hôm nay không phát sinh hồ sơ", hot=report.nothing_arose,
    ),
    Command(
        "nghi", "leave", _REPORTERS, _PRIVATE,
        "báo nghỉ và người thay, ví dụ /nghi từ mai đến thứ Sáu", rare=leave.on_leave,
    ),
    Command(
        "phieu", "slip", _WITH_DUTY, _PRIVATE,
        "số ngày báo cáo đúng giờ trong tuần, ví dụ /phieu tuần trước", rare=slip.show_slip,
    ),
    Command(
        "tonghop", "digest", _READERS, _BOTH,
        "bản tổng hợp ngày, ví dụ /tonghop 15/4", rare=show_digest.show_digest,
    ),
    Command(
        "chuabaocao", "missing", _READERS, _BOTH,
        "đơn vị chưa báo cáo, ví dụ /chuabaocao Vĩnh Yên", rare=missing.missing,
    ),
    Command(
        "tinhhinh", "unit", _READERS, _BOTH,
        "một đơn vị, ví dụ /tinhhinh Vĩnh Yên", rare=show_unit.show_unit,
    ),
    Command(
        "duyet", "approve", _GIVERS, _PRIVATE,
        "duyệt báo cáo của đơn vị, ví dụ /duyet Tích Sơn", rare=approve.approve,
    ),
    Command(
        "tralai", "return", _GIVERS, _PRIVATE,
        "trả lại báo cáo để sửa, ví dụ /tralai Tích Sơn vì số quá hạn chưa khớp",
        rare=return_report.return_report,
    ),
    Command(
        "nhapthay", "enterfor", _GIVERS, _PRIVATE,
        "nhập thay một đơn vị, ví dụ /nhapthay Tích Sơn vì đơn vị mất mạng",
        rare=enter_for.enter_for,
    ),
    Command(
        "miencho", "exempt", _GIVERS, _PRIVATE,
        "tạm miễn báo cáo, ví dụ /miencho Tích Sơn đến 20/4 vì cả phường cách ly",
        rare=exempt.exempt,
    ),
    Command(
        "molai", "reopen", _ADMIN, _PRIVATE,
        "mở lại báo cáo đã khóa, ví dụ /molai Tích Sơn 14/4 vì nhập nhầm số", rare=reopen.reopen,
    ),
    Command(
        "ketnoi", "bind", frozenset({MEMBER, GUEST_GROUP}), _GROUP,
        "kết nối nhóm với mã mời", rare=requests.bind_group,
    ),
    Command(
        "chapnhan", "accept", _ADMIN, _PRIVATE,
        "chấp nhận một đề nghị tham gia hoặc kết nối, ví dụ /chapnhan 12", rare=admit.accept,
    ),
    Command(
        "hoiso", "askphone", _ADMIN, _PRIVATE,
        "hỏi số điện thoại của người đề nghị, ví dụ /hoiso 12", rare=admit.ask_phone,
    ),
    Command(
        "tuchoi", "refuse", _ADMIN, _PRIVATE,
        "từ chối một đề nghị, ví dụ /tuchoi 12", rare=admit.refuse,
    ),
    Command(
        "themkenh", "addchannel", _WITH_DUTY, _PRIVATE,
        "dùng thêm Zalo hoặc Telegram", rare=add_messenger.offer_code,
    ),
    Command(
        "nhom", "groups", _ADMIN, _PRIVATE,
        "các nhóm nhận bản tổng hợp, cách đăng", rare=list_groups.list_groups,
    ),
    Command("dadang", "posted", POSTERS, _PRIVATE, "", rare=by_hand.posted),
    # The message that asks about a send names these; nobody needs them otherwise.
    Command("daden", "arrived", _ADMIN, _PRIVATE, "", rare=confirm.arrived),
    Command("guilai", "resend", _ADMIN, _PRIVATE, "", rare=confirm.send_again),
)  # fmt: skip

_BY_WORD: Mapping[str, Command] = {w: c for c in COMMANDS for w in (c.word, c.alias)}


def command_named(word: str) -> Command | None:
    """Return the command of a word or alias, in any case and with or without diacritics."""
    return _BY_WORD.get(fold(word))


def help_lines(roles: frozenset[str], place: Place) -> list[str]:
    """Return a line for each command that may be used with these roles at this place."""
    return [
        f"/{c.word}: {c.help}" for c in COMMANDS if c.help and place in c.places and roles & c.roles
    ]
