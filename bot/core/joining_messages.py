"""What the bot says to who joins, asks to join, or is nobody yet; and to the admin who decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot.core import text
from bot.core.messages import Says, group_titled, joined, person_named
from bot.core.messaging import Button

_CANDIDATES_AT_MOST = 6
_LONGEST_UNIT_NAME = 60


def stranger(contact: str, said: str = "") -> Says:
    """The only thing that somebody without an invitation learns.

    Args:
        said: their cleaned words; short ones may name a unit, and then one tap asks to join it.
    """
    return Says(
        "Xin chào. Đây là hệ thống báo cáo nội bộ, trả lời tự động. Đề nghị gõ /start và mã mời. "
        "Chưa có mã: gõ /thamgia và tên đơn vị được giao báo cáo, ví dụ: /thamgia xã Quang Sơn. "
        f"Cần hỗ trợ, đề nghị hỏi {contact}.",
        (_ask_to_join(text.mask_phones(said)),),
    )


def _ask_to_join(said: str) -> Button:
    label, command = "Đề nghị tham gia", "/thamgia"
    if not said or "\n" in said or len(said) > _LONGEST_UNIT_NAME:
        return Button(label, command, only_tapped=True)
    return Button(f"{label}: {text.shortened(said, 30)}", f"{command} {said}", only_tapped=True)


def unbound_group(contact: str) -> Says:
    """What a group learns before it is bound."""
    return Says(
        "Nhóm chưa kết nối với hệ thống báo cáo. Đề nghị gõ /ketnoi và mã kết nối nhóm. "
        f"Chưa có mã, đề nghị hỏi {contact}."
    )


def already_bound() -> Says:
    return Says("Nhóm đã kết nối. Cần chuyển sang đơn vị khác, đề nghị gõ /ketnoi và mã mới.")


def welcome(unit: str, role: str, *, asked_at: time, cut_off: time) -> Says:
    """To the one of a unit who gets the form every day."""
    return Says(
        f"Đã đăng ký anh/chị là {role} của {unit}. Mỗi ngày báo cáo, mẫu báo cáo được gửi lúc "
        f"{text.clock(asked_at)}, hạn {text.clock(cut_off)}. Có thể báo cáo sớm hơn: gõ /baocao."
    )


def welcome_stand_in(unit: str, role: str, *, reminded_at: time, cut_off: time) -> Says:
    """To who reports when that one does not."""
    return Says(
        f"Đã đăng ký anh/chị là {role} của {unit}. Đến {text.clock(reminded_at)} đơn vị chưa báo "
        f"cáo thì anh/chị được nhắc, hạn {text.clock(cut_off)}. Báo cáo thay lúc nào cũng được: "
        "gõ /baocao."
    )


def with_rule_of_receipts(welcome: Says) -> Says:
    """Add to a welcome what to go by where a message may be lost on its way to the bot."""
    return replace(
        welcome,
        text=f"{welcome.text}\nBáo cáo đến nơi thì có tin trả lời kèm mã. Không thấy tin đó thì "
        "coi như báo cáo chưa đến, đề nghị gửi lại; gửi hai lần vẫn chỉ tính một báo cáo.",
    )


def welcome_reader(unit: str, role: str) -> Says:
    return Says(f"Đã đăng ký anh/chị là {role}, {unit}. Gõ /trogiup để xem các lệnh.")


def invite_unknown(contact: str) -> Says:
    return Says(f"Mã mời không đúng. Đề nghị kiểm tra lại, hoặc hỏi {contact}.")


def invite_used(contact: str) -> Says:
    return Says(f"Mã mời này đã được dùng. Đề nghị hỏi {contact} để nhận mã mới.")


def invite_expired(contact: str) -> Says:
    return Says(f"Mã mời này đã hết hạn. Đề nghị hỏi {contact} để nhận mã mới.")


def invite_for_no_unit(contact: str) -> Says:
    """The unit has ended, or begins later."""
    return Says(f"Đơn vị của mã này không có trong danh mục hôm nay. Đề nghị hỏi {contact}.")


def invite_for_group() -> Says:
    return Says("Mã này dùng cho nhóm. Đề nghị gõ /ketnoi và mã trong nhóm cần kết nối.")


def group_bound(unit: str) -> Says:
    return Says(f"Nhóm đã kết nối với {unit}. Bản tổng hợp hằng ngày sẽ được đăng tại đây.")


def already_joined(unit: str, *, reports: bool) -> Says:
    next_step = "/baocao để báo cáo" if reports else "/trogiup để xem các lệnh"
    return Says(f"Anh/chị đã đăng ký cho {unit}. Gõ {next_step}.")


def how_to_ask_to_join(contact: str) -> Says:
    """/thamgia without a unit."""
    return Says(
        "Đề nghị gõ /thamgia và tên đơn vị được giao báo cáo, ví dụ: /thamgia xã Quang Sơn. "
        f"Cần hỗ trợ, đề nghị hỏi {contact}."
    )


def request_passed_on() -> Says:
    """The same whether or not there is such a unit: a stranger learns nothing of the directory."""
    return Says("Đã chuyển đề nghị tham gia đến quản trị. Kết quả sẽ được báo tại đây.")


def request_passed_on_before(contact: str) -> Says:
    """To who asks again and again."""
    return Says(f"Đề nghị đã được chuyển đến quản trị trước đó. Cần gấp, đề nghị hỏi {contact}.")


def code_passed_on() -> Says:
    """To a group that showed its code."""
    return Says("Đã nhận mã. Chờ quản trị xác nhận trong tin nhắn riêng.")


def no_admin_yet(contact: str) -> Says:
    """There is nobody who could decide."""
    return Says(
        f"Chưa chuyển được vì chưa có quản trị nào tham gia. Đề nghị hỏi {contact}, rồi gửi lại."
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that somebody may want to report for.

    Attributes:
        name: with that of the unit above.
        focal_points: names of those who hold the duty now.
    """

    code: str
    name: str
    focal_points: tuple[str, ...]


def join_request(
    number: int,
    name: str,
    said: str,
    *,
    unit: Candidate | None,
    candidates: Sequence[Candidate],
    phone: str | None,
) -> Says:
    """What an admin decides on: a person's wish to report for a unit.

    Args:
        unit: None when it is not clear which one is meant.
        candidates: the units that may be meant.
        phone: None when nobody asked for it, "" when it was asked for but not given yet.
    """
    ask = Button("Hỏi số điện thoại", f"/hoiso {number}")
    return Says(
        joined(
            f"Đề nghị tham gia số {number}",
            f"Người gửi: {person_named(name)}",
            f"Tên đơn vị đã ghi: {said}",
            f"Trong danh mục: {unit.name if unit else _unclear(number, candidates)}",
            _held_by(unit) if unit else None,
            None if phone is None else f"Số điện thoại: {phone or 'đã hỏi, chưa trả lời'}",
        ),
        (
            *([_accept(number)] if unit else _choices(number, candidates)),
            *([ask] if phone is None else ()),
            _refuse(number),
        ),
    )


def _unclear(number: int, candidates: Sequence[Candidate]) -> str:
    if not candidates:
        return f"chưa tìm thấy. Chấp nhận thì gõ /chapnhan {number} và tên đơn vị."
    first = candidates[:_CANDIDATES_AT_MOST]
    listed = (f"- {unit.name}: {unit.code}. {_held_by(unit)}" for unit in first)
    return joined(f"{len(candidates)} đơn vị khớp tên, đề nghị chọn theo mã:", *listed)


def _held_by(unit: Candidate) -> str:
    if not unit.focal_points:
        return "Đơn vị chưa có đầu mối."
    return f"Đầu mối hiện có: {', '.join(map(person_named, unit.focal_points))}."


def _choices(number: int, candidates: Sequence[Candidate]) -> list[Button]:
    first = candidates[:_CANDIDATES_AT_MOST]
    return [Button(unit.name, f"/chapnhan {number} {unit.code}") for unit in first]


def _accept(number: int) -> Button:
    return Button("Chấp nhận", f"/chapnhan {number}")


def _refuse(number: int) -> Button:
    return Button("Từ chối", f"/tuchoi {number}")


def group_request(number: int, title: str, unit: str, *, by: str) -> Says:
    """What an admin decides on: a group that showed the code of a unit."""
    sender = person_named(by) if by else "quản trị nhóm, ẩn danh"
    return Says(
        joined(
            f"Đề nghị số {number}: {group_titled(title)} đề nghị kết nối với {unit}.",
            f"Người gửi mã: {sender}.",
            "Sau khi kết nối, mọi người trong nhóm xem được số liệu của đơn vị.",
        ),
        (_accept(number), _refuse(number)),
    )


def request_unit_unknown(number: int, said: str) -> Says:
    """An admin accepts for a unit that is not to be found."""
    named = text.shortened(text.one_line(said), 60)
    return Says(
        f'Đề nghị số {number}: chưa tìm thấy đơn vị "{named}" trong danh mục báo cáo. '
        f"Đề nghị gõ đủ tên hoặc mã, ví dụ: /chapnhan {number} VP-LT-XH09"
    )


def request_unit_unclear(number: int, candidates: Sequence[Candidate]) -> Says:
    """An admin accepts for a name that several units have."""
    return Says(
        f"Đề nghị số {number}: {_unclear(number, candidates)}",
        (*_choices(number, candidates), _refuse(number)),
    )


def request_unit_ended(number: int) -> Says:
    """The unit of the request no longer reports."""
    return Says(
        f"Đề nghị số {number}: đơn vị không còn trong danh mục báo cáo hôm nay. Chọn đơn vị khác: "
        f"gõ /chapnhan {number} và tên đơn vị. Không nhận: gõ /tuchoi {number}."
    )


def request_accepted(number: int, name: str, role: str, unit: str) -> Says:
    return Says(f"Đã chấp nhận đề nghị số {number}: {person_named(name)} là {role} của {unit}.")


def focal_point_added(name: str, unit: str, contact: str) -> Says:
    """To those who held the duty before."""
    return Says(
        f"{person_named(name)} vừa được chấp nhận là đầu mối báo cáo của {unit}. "
        f"Nếu chưa đúng, đề nghị báo {contact}."
    )


def group_request_accepted(number: int, title: str, unit: str) -> Says:
    return Says(f"Đã chấp nhận đề nghị số {number}: {group_titled(title)} kết nối với {unit}.")


def group_request_void(number: int, title: str, told: Says) -> Says:
    """The code is no longer good; the group was told so."""
    return Says(
        f"Đề nghị số {number}: không kết nối được {group_titled(title)}. "
        f"Nhóm đã được trả lời: {told.text}"
    )


def request_refused(number: int, name: str, title: str) -> Says:
    who = group_titled(title) if title else person_named(name)
    return Says(f"Đã từ chối đề nghị số {number} của {who}.")


def refused_to_join(contact: str) -> Says:
    """To the stranger."""
    return Says(f"Đề nghị tham gia chưa được chấp nhận. Cần hỏi thêm, đề nghị liên hệ {contact}.")


def refused_to_bind(contact: str) -> Says:
    """To the group."""
    return Says(
        f"Đề nghị kết nối nhóm chưa được chấp nhận. Cần hỏi thêm, đề nghị liên hệ {contact}."
    )


def request_decided(number: int, by: str, *, accepted: bool, at: datetime) -> Says:
    """To an admin who comes second."""
    what = "chấp nhận" if accepted else "từ chối"
    return Says(
        f"Đề nghị số {number}: {person_named(by)} đã {what} lúc {text.clock(at)} "
        f"ngày {text.day_short(at.date())}."
    )


def request_closed(number: int, *, joined: bool) -> Says:
    """To an admin who decides what nobody needs to decide any more."""
    why = "người gửi đã tham gia bằng mã mời" if joined else "đã có đề nghị mới thay thế"
    return Says(f"Đề nghị số {number} không còn hiệu lực: {why}.")


def request_unknown(number: str) -> Says:
    return Says(
        f"Không có đề nghị số {text.shortened(number, 20)}. "
        "Đề nghị xem lại số trong tin báo có đề nghị."
    )


def which_request(word: str) -> Says:
    """A decision without a number."""
    return Says(f"Cần ghi số của đề nghị, ví dụ: /{word} 12")


def group_has_no_phone(number: int) -> Says:
    return Says(f"Đề nghị số {number} là của nhóm, không hỏi được số điện thoại.")


def phone_wanted() -> Says:
    """To a stranger whom an admin does not know by name."""
    return Says(
        "Để xem xét đề nghị tham gia, quản trị cần số điện thoại của anh/chị. Đề nghị gửi số điện "
        "thoại tại đây. Chỉ quản trị đã hỏi được xem số này.",
        (Button("Gửi số điện thoại", "số điện thoại", asks_phone=True, only_tapped=True),),
    )


def phone_passed_on() -> Says:
    return Says("Đã chuyển số điện thoại đến quản trị. Kết quả sẽ được báo tại đây.")


def own_code(code: str, others: Sequence[str]) -> Says:
    """The code by which a person adds another messenger."""
    return Says(
        f"Mở {' hoặc '.join(others)}, nhắn cho bot: /start {code}\n"
        "Mã dùng một lần, trong 24 giờ, chỉ cho anh/chị. Sau đó dùng kênh nào cũng được; bot hỏi "
        "trên kênh dùng gần nhất."
    )


def no_other_messenger(contact: str) -> Says:
    return Says(
        "Hiện chỉ dùng một kênh này, chưa có kênh khác để thêm. "
        f"Cần thêm kênh, đề nghị hỏi {contact}."
    )


def own_code_used() -> Says:
    """To the person whose code it was."""
    return Says("Mã này anh/chị đã dùng rồi. Cần thêm kênh nữa, gõ /themkenh để nhận mã mới.")


def address_added() -> Says:
    return Says(
        "Đã thêm kênh này cho anh/chị. Báo cáo đang nhập dở ở kênh khác làm tiếp được tại đây: "
        "gõ /baocao."
    )


def same_address() -> Says:
    return Says("Mã này để dùng trên kênh khác. Đề nghị mở kênh đó rồi gõ lại.")


def address_of_another(contact: str) -> Says:
    return Says(
        f"Tài khoản này đã đăng ký cho một người khác, nên chưa thêm được. Đề nghị hỏi {contact}."
    )
