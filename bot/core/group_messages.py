"""What the bot says of groups: which there are, how each gets its posts, posts by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import text
from bot.core.messages import Says, group_titled, joined, note
from bot.core.messaging import Button


def to_be_posted(number: int, title: str, parts: int, *, stands_in: bool = False) -> Says:
    """To the duty officer, before the parts of a post that are to be pasted.

    Args:
        stands_in: an admin gets it, since the group's unit has no officer.
    """
    which = "tin dưới đây" if parts == 1 else f"{parts} tin dưới đây (theo thứ tự)"
    why = " Nhóm này chưa có người trực nào nhận được tin, nên tin gửi đến quản trị."
    return Says(
        f"Đề nghị anh/chị đăng {which} vào {group_titled(title)}.{why if stands_in else ''} "
        f"Đăng xong, gõ: đã đăng {number}",
        (Button("Đã đăng", f"/dadang {number}", only_tapped=True),),
    )


def noted_as_posted(number: int) -> Says:
    return Says(f"Đã ghi nhận: bản số {number} đã đăng. Cảm ơn anh/chị.")


def which_was_posted(waiting: Sequence[tuple[int, str]]) -> Says:
    """ "Đã đăng" where none or several posts wait.

    Args:
        waiting: number of each post and title of its group.
    """
    if not waiting:
        return Says("Không có bản nào đang chờ anh/chị đăng.")
    listed = (f"- số {number}: {group_titled(title)}" for number, title in waiting)
    return Says(
        joined(
            "Các bản đang chờ đăng:",
            *listed,
            f"Đề nghị gõ kèm số, ví dụ: đã đăng {waiting[0][0]}",
        )
    )


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group that gets a digest.

    Attributes:
        number: by which an admin names it.
        unit: whose digest it gets.
        by_hand: somebody posts it there.
        gone: the bot was removed from it.
    """

    number: int
    title: str
    unit: str
    by_hand: bool
    gone: bool


def groups_listed(groups: Sequence[GroupLine]) -> Says:
    """/nhom: the groups, and how to change the way."""
    return Says(
        joined(
            "Các nhóm nhận bản tổng hợp:" if groups else "Chưa có nhóm nào nhận bản tổng hợp.",
            *(f"{g.number}. {text.shortened(g.title, 60)} ({g.unit}): {_way(g)}" for g in groups),
            note(
                f"Đổi cách đăng: /nhom {groups[0].number} tay (người trực đăng) hoặc "
                f"/nhom {groups[0].number} bot. Bỏ nhóm: /nhom {groups[0].number} bỏ."
            )
            if groups
            else None,
            note("Bot vào được nhóm: gõ /ketnoi và mã mời trong nhóm."),
            note("Bot không vào được nhóm: gõ /nhom thêm TÊN NHÓM; TÊN ĐƠN VỊ."),
        )
    )


def _way(group: GroupLine) -> str:
    if group.by_hand:
        return "người trực đăng"
    return "bot không còn trong nhóm, người trực đăng" if group.gone else "bot đăng"


def group_way(number: int, title: str, *, by_hand: bool) -> Says:
    """How posts come into a group from now on."""
    if by_hand:
        return Says(
            f"Nhóm số {number}, «{text.shortened(title, 60)}»: từ nay bản tổng hợp được gửi riêng "
            "cho người trực để đăng vào nhóm."
        )
    return Says(f"Nhóm số {number}, «{text.shortened(title, 60)}»: từ nay bot tự đăng.")


def group_added_before(title: str) -> Says:
    return Says(f"Đã có {group_titled(title)}. Gõ /nhom để xem các nhóm.")


def group_dropped(number: int, title: str) -> Says:
    return Says(f"Đã bỏ nhóm số {number}, «{text.shortened(title, 60)}». Bot không đăng vào nữa.")


def no_bot_in_group(title: str) -> Says:
    return Says(
        f"Bot chưa vào {group_titled(title)}. "
        "Đề nghị thêm bot vào nhóm rồi gõ /ketnoi và mã mời ở đó."
    )


def no_such_group(number: int) -> Says:
    return Says(f"Không có nhóm số {number}. Gõ /nhom để xem các nhóm.")


def group_unit_unclear(said: str) -> Says:
    named = text.shortened(said, 60)
    return Says(
        f'Chưa rõ đơn vị "{named}". Đề nghị gõ tên nhóm, dấu chấm phẩy, tên đơn vị, ví dụ: '
        "/nhom thêm Chống dịch CORONA; Vĩnh Yên"
    )
