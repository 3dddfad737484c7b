"""Everything the bot says in a conversation, in one catalogue: short, with the next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from bot.core import text
from bot.core.form import Adds, Answers, Field, Kind, Mismatch
from bot.core.messaging import LONGEST_PASSING, Button
from bot.core.parsing import NOTE
from bot.core.periods import Period
from bot.core.quota import Limit
from bot.core.rollup import RECEIVED, RESOLVED, count
from bot.core.values import Unclear, Why

SEND = Button("Gửi", "gửi")
CANCEL = Button("Hủy", "hủy")
REPLY = Button("Trả lời", "trả lời", only_tapped=True)
NOTHING = Button("Không phát sinh hồ sơ", "không phát sinh")
BEGIN = Button("Báo cáo", "/baocao")
GO_ON = Button("Làm tiếp", "/baocao")
ONE_BY_ONE = Button("Hỏi từng câu", "từng câu", only_tapped=True)
BACK = Button("Quay lại", "quay lại")
EXPLAIN = Button("Ghi lý do", "ghi lý do")
SKIP = Button("Bỏ qua", "bỏ qua")
AGAIN = "ghi lại"
_AGAIN_AT_MOST = 6
_CANDIDATES_AT_MOST = 6
_LONGEST_UNIT_NAME = 60
_LONGEST_FILE_NAME = 60


@dataclass(frozen=True, slots=True)
class Says:
    """One message of the bot: its text and the shortcuts under it.

    Attributes:
        passing: to who tapped a button it is shown in passing and leaves nothing in the chat.
        stays: it takes the place of the screen before it, so that there is only one.
        numbered: a bare number in reply can only mean one of the buttons.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    passing: bool = False
    stays: bool = False
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Blank:
    """A line of the form: the field, what was answered for it, what stood there the day before."""

    field: Field
    answer: str | None = None
    before: str | None = None


def _day(period: Period) -> str:
    return f"ngày {text.day_short(period.day)}"


def _lines(*lines: str | None) -> str:
    return "\n".join(line for line in lines if line is not None)


def _note(line: str) -> str:
    """A line that asks for nothing by itself, marked so that a screen can be copied back."""
    return f"{NOTE} {line}"


def form(
    unit: str,
    period: Period,
    blanks: Sequence[Blank],
    *,
    before_day: date | None,
    carried: Sequence[str],
    extra: Sequence[Field],
    late: bool,
    reopened: str = "",
) -> Says:
    """The whole form on one screen.

    Args:
        reopened: until when it may be sent after the lock; "" before it.
    """
    opens = f"{text.clock(period.opens_at)} {text.day_short(period.opens_at.date())}"
    closes = f"{text.clock(period.closes_at)} {text.day_short(period.closes_at.date())}"
    due = f"Hạn gửi {text.clock(period.cut_off)}{', đã quá hạn, vẫn nhận' if late else ''}."
    before = f" Trong ngoặc: số {text.day_short(before_day)}." if before_day else ""
    open_blanks = sum(blank.answer is None for blank in blanks)
    said = _lines(
        f"{unit}: báo cáo {_day(period)}",
        _note(f"Số liệu {opens} đến {closes}."),
        _note(f"{reopened or due}{before}"),
        *_numbered(blanks),
        _note('Trả lời bằng tên và số, ví dụ: "Trực tiếp 5, trực tuyến 3".'),
        _note(f"Hoặc ghi đủ {open_blanks} mục theo thứ tự."),
        _note(f"Như cũ thì không cần ghi: {'; '.join(carried)}.") if carried else None,
        _note(f"Nếu có thì ghi thêm: {', '.join(f.label for f in extra)}.") if extra else None,
    )
    return Says(said, (REPLY, NOTHING, ONE_BY_ONE))


def how_to_answer(period: Period, open_blanks: int) -> Says:
    """ "Trả lời": where and how; the form itself stays above."""
    return Says(
        f"Báo cáo {_day(period)}: ghi vào ô nhắn tin rồi gửi. Ghi tên và số, ví dụ: "
        f'"Trực tiếp 5, trực tuyến 3", hoặc đủ {open_blanks} mục theo thứ tự.',
        passing=True,
    )


def _numbered(blanks: Iterable[Blank]) -> list[str]:
    lines: list[str] = []
    at = 0
    for blank in blanks:
        if blank.answer is not None:
            lines.append(f"✓ {blank.field.label}: {blank.answer}")
            continue
        at += 1
        before = f" ({blank.before})" if blank.before is not None else ""
        lines.append(f"{at}. {blank.field.label}: __{before}")
        if blank.field.options:
            lines.append(_note(options(blank.field)))
    return lines


def options(field: Field) -> str:
    """The numbered options of a choice: "1 mở, 2 giảm"."""
    return ", ".join(f"{n} {o.label}" for n, o in enumerate(field.options, 1))


def nothing_arose(unit: str, period: Period, given: Sequence[str], blanks: Sequence[Blank]) -> Says:
    """After "không phát sinh": only what stands is asked; `given` is taken to be as before."""
    return Says(
        _lines(
            f"{unit}: {_day(period)} không phát sinh hồ sơ",
            *given,
            *_numbered(blanks),
            _note("Ghi nốt các mục trên (theo thứ tự hoặc kèm tên), báo cáo được gửi ngay."),
        ),
        (CANCEL,),
    )


def something_arose(period: Period, given: Sequence[str]) -> Says:
    """ "Không phát sinh" although dossiers were entered; the draft stays as it was."""
    return Says(
        f"Báo cáo {_day(period)} đang nhập đã có: {text.shortened('; '.join(given), 80)}. Số này "
        'được giữ. Nếu đúng là không phát sinh: gõ HỦY, rồi gõ "không phát sinh".',
        passing=True,
    )


def whether_nothing_arose() -> Says:
    """ "Không" or "0" in reply to a whole form."""
    return Says(
        'Cả ngày không có hồ sơ nào thì gõ: "không phát sinh". '
        'Nếu có, ghi tên và số, ví dụ: "Trực tiếp 5, trực tuyến 3".',
        (NOTHING,),
    )


def several_asked(fields: Sequence[Field]) -> Says:
    """ "Không" or "0" in reply to what is still asked of a day without dossiers."""
    example = "; ".join("0" for _ in fields)
    return Says(
        f"Còn {len(fields)} mục: {', '.join(f.label for f in fields)}. "
        f'Đề nghị ghi đủ theo thứ tự, ví dụ: "{example}".'
    )


def nothing_read(
    unit: str, period: Period, *, unclear: Sequence[Unclear], correcting: bool
) -> Says:
    """Nothing in the message is certain, and nothing was entered before it."""
    opening = (
        f"Báo cáo {_day(period)} của {unit} giữ nguyên."
        if correcting
        else f"Chưa ghi được mục nào vào báo cáo {_day(period)} của {unit}."
    )
    return Says(_lines(opening, *problems(unclear)), () if correcting else (ONE_BY_ONE,))


def question(blank: Blank, *, at: int, of: int, unclear: Sequence[Unclear]) -> Says:
    """One question of the form, after what was wrong with the answer before."""
    field = blank.field
    known = (("hôm trước", blank.before), ("đang ghi", blank.answer))
    shown = "; ".join(f"{when}: {what}" for when, what in known if what is not None)
    choices = [Button(o.label, o.label) for o in field.options if field.kind is Kind.CHOICE]
    return Says(
        _lines(
            *problems(unclear),
            f"Câu {at}/{of}. {field.ask}{f' ({shown})' if shown else ''}",
            options(field) if field.options else None,
        ),
        (*choices, BACK, SKIP, CANCEL),
    )


def review(
    unit: str,
    period: Period,
    given: Sequence[str],
    *,
    unclear: Sequence[Unclear],
    missing: Sequence[Blank],
    mismatches: Sequence[Mismatch],
    doubtful: Sequence[Field],
    correcting: bool,
) -> Says:
    """What was understood, and what still stands between it and sending."""
    title = "sửa báo cáo" if correcting else "báo cáo"
    blocks = [
        _lines(f"{unit}: {title} {_day(period)}", *given),
        _lines(*map(_note, problems(unclear))),
        _lines(*(_note(m.says) for m in mismatches)),
        _lines(_note("Còn thiếu:"), *_numbered(missing)) if missing else "",
        _note(_next_step(unclear, missing, mismatches)),
    ]
    hard = any(m.hard for m in mismatches)
    ready = not (unclear or hard or missing)
    again = (Button(f"Sửa {f.label}", f"{AGAIN} {f.label}") for f in doubtful[:_AGAIN_AT_MOST])
    go_on = (SEND, EXPLAIN) if any(not m.old_fact for m in mismatches) else (SEND,)
    buttons = (*(go_on if ready else ()), *again, CANCEL)
    said = "\n\n".join(b for b in blocks if b)
    # With no other choice, a number that was meant for a field must not cancel the report.
    numbered = not missing and len(buttons) > 1
    return Says(said, buttons, stays=True, numbered=numbered)


def _next_step(
    unclear: Sequence[Unclear], missing: Sequence[Blank], mismatches: Sequence[Mismatch]
) -> str:
    if any(m.hard for m in mismatches):
        gaps = " và ghi nốt các mục còn thiếu" if missing else ""
        return f'Chưa gửi được. Đề nghị ghi lại số đúng, ví dụ: "Đang giải quyết 12"{gaps}.'
    if missing and mismatches:
        return "Đề nghị trả lời mục còn thiếu và xem lại số lệch; nếu đúng, ghi thêm: gửi."
    if missing:
        return "Ghi nốt các mục trên (theo thứ tự hoặc kèm tên), báo cáo được gửi ngay."
    if unclear:
        return "Đề nghị ghi lại mục chưa rõ. Nếu các số trên đã đủ, gõ GỬI."
    if mismatches and all(m.old_fact for m in mismatches):
        return 'Còn đúng thì gõ GỬI. Đã thay đổi thì ghi lại, ví dụ: "Tổng số cán bộ 15".'
    if mismatches:
        return 'Đúng thì gõ GỬI, hoặc ghi lý do, ví dụ: "vì hôm qua đếm thiếu". Sai thì ghi lại số.'
    return 'Đúng thì gõ GỬI. Sai thì ghi lại, ví dụ: "Trực tiếp 6".'


def problems(unclear: Sequence[Unclear]) -> list[str]:
    """What was not taken over, a line each; what has no name is gathered in one line."""
    nameless = [u.fragment for u in unclear if u.why is Why.NO_LABEL]
    lines = [why_unclear(u) for u in unclear if u.why is not Why.NO_LABEL]
    return [*lines, _nameless(nameless)] if nameless else lines


def _nameless(fragments: Sequence[str]) -> str:
    said = text.shortened(text.one_line("; ".join(fragments)), 80)
    figures = any(map(str.isdigit, said))
    example = "Trực tiếp 5" if figures else "Khó khăn: mạng chậm"
    return f'"{said}": chưa rõ thuộc mục nào. Ghi tên mục ở đầu, ví dụ: "{example}".'


def why_unclear(unclear: Unclear) -> str:
    """Why a fragment was not taken over, with an example of what would be."""
    said = f'"{text.shortened(text.one_line(unclear.fragment), 60)}"'
    match unclear.why:
        case Why.WRONG_COUNT:
            return (
                f"Có {unclear.fragment} giá trị, cần đủ {len(unclear.fields)}. "
                'Đề nghị ghi kèm tên, ví dụ: "Trực tiếp 5, trực tuyến 3".'
            )
        case Why.OUT_OF_PLACE:
            return (
                f"{said} không hợp với mục {unclear.fields[0].label} nên chưa ghi số nào. "
                'Đề nghị ghi kèm tên, ví dụ: "Trực tiếp 5, trực tuyến 3".'
            )
        case Why.OTHER_DAY:
            return f"{said}: khác ngày báo cáo ghi ở trên. Đề nghị kiểm tra lại số liệu."
        case Why.NO_LABEL:
            return _nameless([unclear.fragment])
        case Why.NOT_PARTED:
            return (
                f"{said}: chưa tách được từng mục. Ghi tên trước, số sau, mỗi mục một dòng, "
                'ví dụ: "Trực tiếp 5".'
            )
        case Why.WRONG_SUM:
            names = ", ".join(f.label for f in unclear.fields)
            return f"{said}: không khớp với tổng của {names}. Đề nghị kiểm tra, ghi lại số đúng."
        case Why.AMBIGUOUS:
            names = " hay ".join(f.label for f in unclear.fields)
            example = f"{unclear.fields[0].label} 12"
            return f'{said}: chưa rõ là {names}. Ghi đủ tên, ví dụ: "{example}".'
    return f"{unclear.fields[0].label}: {_wanted(unclear, unclear.fields[0], said)}"


def _wanted(unclear: Unclear, field: Field, said: str) -> str:
    """What to write for a field whose answer was unclear."""
    wanted = {
        Why.OUT_OF_BOUNDS: f"{said} ngoài khoảng {text.number(field.low)} đến "
        f"{text.number(field.high)}. {_example(field)}",
        Why.NOT_AN_OPTION: f"{said} chưa rõ. {_example(field)}",
        Why.NOT_A_DAY: f"{said} chưa rõ. {_example(field)}",
        Why.NOT_A_NUMBER: f"{said} chưa rõ là số nào. {_example(field)}",
        Why.SAID_TWICE: f"ghi hai lần khác nhau. {_example(field)}",
        Why.TOO_LONG: f"dài quá {text.number(field.high)} chữ, đề nghị ghi gọn lại.",
        Why.IN_REMARK: f"{said} có số của mục khác. Đề nghị ghi mỗi mục một dòng.",
        Why.NOT_ASKED: "đơn vị không cần ghi mục này.",
    }
    return wanted[unclear.why]


def _example(field: Field) -> str:
    """An answer that would be understood."""
    match field.kind:
        case Kind.COUNT:
            return f'Ghi một số, ví dụ: "{field.label} 12".'
        case Kind.CHOICE:
            return f"Ghi một trong: {options(field)}."
        case Kind.CHOICES:
            return f'Ghi các số, ví dụ: "{field.label} 1 2" ({options(field)}).'
        case Kind.YES_NO:
            return f'Ghi "{field.label} có" hoặc "{field.label} chưa".'
        case Kind.DAY:
            return f'Ghi ngày sắp tới, ví dụ: "{field.label} 20/4", hoặc "chưa rõ".'
        case Kind.TEXT:
            return "Đề nghị ghi lại một lần."


POSTED = (
    "Khó khăn, lý do đã ghi sẽ được đăng trong bản tổng hợp; đề nghị không ghi tên, số điện thoại "
    "người dân."
)


def receipt(
    unit: str,
    period: Period,
    *,
    answers: Answers,
    remarks: bool,
    at: datetime,
    on_time: bool,
    replaces: str,
    code: str,
    given: Sequence[str] = (),
    notes: Sequence[str] = (),
    closing: str = "",
) -> Says:
    """The report has been kept; from here on it survives anything.

    Args:
        remarks: whether it holds words of the person's own, which are posted.
        replaces: code of the report that this one corrects; "" for the first one.
        given: what was understood, a line each, if the person has not been shown it yet.
        notes: lines about the report itself.
        closing: what to do next, if it is not to correct before the lock.
    """
    when = f"{text.clock(at)} {text.day_short(at.date())}"
    judged = "đúng hạn" if on_time else f"chậm, hạn {text.clock(period.cut_off)}"
    return Says(
        _lines(
            f"Đã nhận {'bản sửa báo cáo' if replaces else 'báo cáo'} {_day(period)} của {unit} "
            f"lúc {when}{'' if replaces else f' ({judged})'}. Mã {code}"
            f"{f', thay bản mã {replaces}' if replaces else ''}.",
            *given,
            _summary(answers),
            POSTED if remarks else None,
            *notes,
            closing
            or f"Cần sửa: gõ /sua trước {text.clock(period.locks_at)} "
            f"{text.day_short(period.locks_at.date())}.",
        )
    )


def _summary(answers: Answers) -> str:
    received, resolved = count(answers, *RECEIVED), count(answers, *RESOLVED)
    pending, overdue = count(answers, "pending"), count(answers, "overdue")
    return (
        f"Nhận {text.number(received)}, trả {text.number(resolved)}, "
        f"đang giải quyết {text.number(pending)}, quá hạn {text.number(overdue)}."
    )


def sent_report(
    unit: str,
    period: Period,
    given: Sequence[str],
    *,
    at: datetime,
    revision: int,
    locked: bool,
    notes: Sequence[str] = (),
) -> Says:
    """What the unit has sent for the day.

    Args:
        notes: lines about the report itself.
    """
    again = ", đã sửa" if revision > 1 else ""
    return Says(
        _lines(
            f"{unit}: báo cáo {_day(period)}, gửi lúc {text.clock(at)}{again}",
            *given,
            *map(_note, notes),
            _note(
                "Báo cáo đã khóa."
                if locked
                else 'Cần sửa: gõ "sửa" rồi tên và số đúng, ví dụ: "sửa Đang giải quyết 12".'
            ),
        )
    )


def nothing_sent(unit: str, period: Period) -> Says:
    """/xem or /sua before anything was sent."""
    return Says(f"{unit}: chưa gửi báo cáo {_day(period)}. Gõ /baocao để báo cáo.")


def how_to_correct(unit: str, period: Period) -> Says:
    """/sua without saying what."""
    return Says(
        f"Sửa báo cáo {_day(period)} của {unit}: ghi tên mục và số đúng, "
        'ví dụ: "Đang giải quyết 12". Gõ /xem để xem báo cáo đã gửi.',
        (CANCEL,),
    )


def nothing_changed(period: Period, code: str) -> Says:
    """A correction, or a report said again, that says what was already sent.

    Args:
        code: of the receipt, which may have been lost.
    """
    return Says(f"Số liệu trùng với báo cáo {_day(period)} đã nhận, mã {code}, không cần gửi lại.")


def already_sent(unit: str, period: Period, *, at: datetime) -> Says:
    """The report is there and the message is not a correction."""
    return Says(
        f"Báo cáo {_day(period)} của {unit} đã nhận lúc {text.clock(at)}. Gõ /xem để xem lại. "
        'Cần sửa: ghi tên mục và số đúng, ví dụ: "Đang giải quyết 12".'
    )


def thanks() -> Says:
    """In return for a thank-you after the report was sent."""
    return Says("Cảm ơn anh/chị.")


def nothing_to_send(form: Says) -> Says:
    """ "Gửi" before anything was entered: the form follows."""
    return Says(f"Chưa có số liệu để gửi.\n{form.text}", form.buttons)


def locked(unit: str, period: Period, *, contact: str) -> Says:
    """A report that can no longer be sent or changed by the unit."""
    return Says(
        f"Báo cáo {_day(period)} của {unit} đã khóa lúc {text.clock(period.locks_at)} "
        f"{text.day_short(period.locks_at.date())}, không sửa được nữa. "
        f"Cần mở lại, đề nghị liên hệ {contact}."
    )


def exempted(unit: str, period: Period, *, reason: str) -> Says:
    """The unit owes no report for the day."""
    return Says(f"{unit} được tạm miễn báo cáo {_day(period)}: {reason}. Không cần gửi.")


def cancelled(period: Period, *, sent: bool) -> Says:
    """The draft was thrown away at the person's wish."""
    if sent:
        return Says(f"Đã hủy phần đang sửa. Báo cáo {_day(period)} đã gửi giữ nguyên.")
    return Says(f"Đã hủy bản đang nhập. Báo cáo {_day(period)} chưa gửi; gõ /baocao để nhập lại.")


def nothing_to_cancel() -> Says:
    return Says("Không có bản nào đang nhập. Gõ /baocao để báo cáo, /trogiup để xem các lệnh.")


def not_understood(period: Period) -> Says:
    """Nothing in the message looks like an answer; the draft stays as it was."""
    return Says(
        f"Chưa đọc được số liệu nào cho báo cáo {_day(period)}. "
        'Đề nghị ghi tên mục và số, ví dụ: "Trực tiếp 5, trực tuyến 3". '
        "Gõ /baocao để xem mẫu, /trogiup để xem các lệnh.",
        (ONE_BY_ONE,),
    )


def draft_waits() -> str:
    """A line under another answer while a report is half entered."""
    return "Báo cáo đang nhập dở vẫn được giữ; gõ /baocao để làm tiếp."


def too_long(limit: int) -> Says:
    return Says(
        f"Tin quá dài (hơn {text.number(limit)} chữ cái) nên chưa đọc. Đề nghị gửi tin ngắn hơn, "
        'ví dụ: "Trực tiếp 5, trực tuyến 3".'
    )


_ATTACHED = {
    "photo": "ảnh",
    "document": "tệp",
    "voice": "tin thoại",
    "audio": "tệp âm thanh",
    "video": "video",
    "sticker": "nhãn dán",
    "location": "vị trí",
    "contact": "danh thiếp",
}


def no_text(attachment: str = "") -> Says:
    """A message without words; what came instead of them is named if it has a name."""
    what = _ATTACHED.get(attachment, "tin này")
    return Says(f"Chưa đọc được {what}. Đề nghị trả lời bằng chữ và số.")


# Taps, edited and forwarded messages


def edit_of_another_unit() -> Says:
    """An edited message about a unit that the person no longer reports for."""
    return Says(
        "Tin vừa sửa thuộc báo cáo của đơn vị mà anh/chị không còn phụ trách, nên không ghi nhận."
    )


def old_button(*, reports: bool = True) -> Says:
    """A button of a past question, or one that was never shown to this person.

    Args:
        reports: whether the person may use /baocao.
    """
    next_step = " Gõ /baocao để xem báo cáo." if reports else ""
    return Says(f"Nút này đã cũ nên không có tác dụng.{next_step}", passing=True)


def day_is_over(period: Period) -> Says:
    """A button of a form whose day can no longer be reported."""
    return Says(
        f"Mẫu này của {_day(period)}, đã khóa. Gõ /baocao để lấy mẫu hôm nay.", passing=True
    )


def was_sent(period: Period, at: datetime) -> Says:
    """A button of a form that was answered."""
    return Says(
        f"Báo cáo {_day(period)} đã nhận lúc {text.clock(at)}. Gõ /xem để xem, /sua để sửa.",
        passing=True,
    )


def forwarded_command() -> Says:
    """A command that somebody else wrote."""
    return Says("Lệnh trong tin chuyển tiếp không được thực hiện. Đề nghị tự gõ lệnh.")


def answered_privately() -> Says:
    """In return for a tap in a group: the details go to who asked for them."""
    return Says("Đã gửi vào tin nhắn riêng của anh/chị.", passing=True)


def beginning_of(details: str, command: str) -> Says:
    """As much as fits, to a tap in a group by somebody whom the bot does not know."""
    hint = f"Xem đủ: gõ {text.shortened(command, 40)}"
    return Says(f"{text.shortened(details, LONGEST_PASSING - len(hint) - 1)}\n{hint}", passing=True)


# Joining and strangers


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
        _lines(
            f"Đề nghị tham gia số {number}",
            f"Người gửi: {_person(name)}",
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
    return _lines(f"{len(candidates)} đơn vị khớp tên, đề nghị chọn theo mã:", *listed)


def _held_by(unit: Candidate) -> str:
    if not unit.focal_points:
        return "Đơn vị chưa có đầu mối."
    return f"Đầu mối hiện có: {', '.join(map(_person, unit.focal_points))}."


def _choices(number: int, candidates: Sequence[Candidate]) -> list[Button]:
    first = candidates[:_CANDIDATES_AT_MOST]
    return [Button(unit.name, f"/chapnhan {number} {unit.code}") for unit in first]


def _accept(number: int) -> Button:
    return Button("Chấp nhận", f"/chapnhan {number}")


def _refuse(number: int) -> Button:
    return Button("Từ chối", f"/tuchoi {number}")


def _person(name: str) -> str:
    return text.shortened(name, 60) or "không rõ tên"


def group_request(number: int, title: str, unit: str, *, by: str) -> Says:
    """What an admin decides on: a group that showed the code of a unit."""
    sender = _person(by) if by else "quản trị nhóm, ẩn danh"
    return Says(
        _lines(
            f"Đề nghị số {number}: {_group(title)} đề nghị kết nối với {unit}.",
            f"Người gửi mã: {sender}.",
            "Sau khi kết nối, mọi người trong nhóm xem được số liệu của đơn vị.",
        ),
        (_accept(number), _refuse(number)),
    )


def _group(title: str) -> str:
    return f"nhóm «{text.shortened(title, 60)}»"


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
    return Says(f"Đã chấp nhận đề nghị số {number}: {_person(name)} là {role} của {unit}.")


def focal_point_added(name: str, unit: str, contact: str) -> Says:
    """To those who held the duty before."""
    return Says(
        f"{_person(name)} vừa được chấp nhận là đầu mối báo cáo của {unit}. "
        f"Nếu chưa đúng, đề nghị báo {contact}."
    )


def group_request_accepted(number: int, title: str, unit: str) -> Says:
    return Says(f"Đã chấp nhận đề nghị số {number}: {_group(title)} kết nối với {unit}.")


def group_request_void(number: int, title: str, told: Says) -> Says:
    """The code is no longer good; the group was told so."""
    return Says(
        f"Đề nghị số {number}: không kết nối được {_group(title)}. "
        f"Nhóm đã được trả lời: {told.text}"
    )


def request_refused(number: int, name: str, title: str) -> Says:
    who = _group(title) if title else _person(name)
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
        f"Đề nghị số {number}: {_person(by)} đã {what} lúc {text.clock(at)} "
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


# Rights and places


def not_allowed() -> Says:
    return Says("Lệnh này không thuộc quyền của anh/chị. Gõ /trogiup để xem các lệnh dùng được.")


def only_in_private() -> Says:
    return Says("Lệnh này chỉ dùng khi nhắn riêng với bot.")


def only_in_group() -> Says:
    return Says("Lệnh này chỉ dùng trong nhóm.")


def unknown_command(word: str) -> Says:
    return Says(f"Không có lệnh /{text.shortened(word, 30)}. Gõ /trogiup để xem các lệnh.")


def owes_nothing(contact: str) -> Says:
    """A focal point whose unit no longer reports."""
    return Says(f"Đơn vị hiện không thuộc diện báo cáo ngày. Có vướng mắc, đề nghị hỏi {contact}.")


def choose_unit(units: Sequence[str]) -> Says:
    return Says(
        _lines(
            "Anh/chị báo cáo cho các đơn vị sau. Đề nghị chọn, ví dụ: /baocao 1",
            *(f"{n}. {unit}" for n, unit in enumerate(units, 1)),
        ),
        tuple(Button(unit, f"/baocao {n}") for n, unit in enumerate(units, 1)),
        numbered=True,
    )


def no_such_choice(said: str, choices: Sequence[Button]) -> Says:
    """A number that is not in the list of choices, which is shown again."""
    return Says(f"Không có lựa chọn số {said.strip(' .)')}.", tuple(choices), numbered=True)


def help_text(lines: Iterable[str]) -> Says:
    return Says(_lines("Các lệnh dùng được:", *lines))


def failure(error_id: str, contact: str) -> Says:
    """Something of ours broke; nothing that was confirmed is lost."""
    return Says(
        f"Hệ thống gặp lỗi (mã {error_id}), tin vừa rồi chưa được xử lý. Quản trị đã được báo. "
        f"Đề nghị gửi lại sau ít phút, hoặc hỏi {contact}."
    )


def failure_for_admin(error_id: str, what: str) -> Says:
    return Says(f"Lỗi {error_id} khi {what}. Chi tiết trong nhật ký máy chủ, tìm theo mã này.")


# Files, where a messenger carries none


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


# Asking, reminding, telling the superior


def reminder(unit: str, period: Period, *, last: bool, drafted: bool) -> Says:
    final = "Nhắc lần cuối. " if last else ""
    state, next_step = (
        ("đang nhập dở", "làm tiếp")
        if drafted
        else ("chưa gửi", "báo cáo; không có hồ sơ thì gõ: không phát sinh")
    )
    return Says(
        f"{final}{unit} {state} báo cáo {_day(period)}, hạn {text.clock(period.cut_off)}. "
        f"Gõ /baocao để {next_step}.",
        (GO_ON,) if drafted else (BEGIN, NOTHING),
    )


def missing_units(
    title: str, names: Sequence[str], *, total: int, when: datetime | None = None
) -> Says:
    """A list of units that owe a report, or that all have sent it."""
    at = f" lúc {text.clock(when)}" if when else ""
    if not names:
        return Says(f"{title}{at}: đủ {total}/{total} đơn vị đã báo cáo.")
    return Says(
        _lines(
            f"{title}{at}: còn {len(names)}/{total} đơn vị chưa báo cáo.",
            *(f"- {n}" for n in names),
        )
    )


def superior_notice(title: str, names: Sequence[str], period: Period) -> Says:
    """The one message a superior gets after the deadline."""
    return Says(
        _lines(
            f"{title}: {len(names)} đơn vị chưa báo cáo {_day(period)} "
            f"(hạn {text.clock(period.cut_off)}).",
            *(f"- {n}" for n in names),
            "Đề nghị đôn đốc; báo cáo gửi muộn vẫn được nhận.",
        )
    )


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
        return _group(name) if name else "nhóm chưa kết nối"
    if not (name or unit):
        return "người chưa đăng ký"
    return f"{_person(name)} ({unit})" if unit else _person(name)


def send_refused(subject: str, to: str, key: str, reason: str, *, officer: str = "") -> Says:
    """A message did not arrive.

    Args:
        subject: what it was, as `keys.subject` says.
        to: as `reader` says.
        officer: who was given it to post it by hand; "" for nobody.
    """
    by_hand = f" Đã chuyển {_person(officer)} đăng thay." if officer else ""
    return Says(
        f"Không gửi được {subject} đến {to}: {reason.rstrip('.')}. Đề nghị kiểm tra kênh gửi."
        f"{by_hand} (Mã tin: {key})"
    )


def not_set_up(reason: str) -> Says:
    """A channel needs an admin before it carries anything.

    Args:
        reason: what is wrong and what to do, in sentences.
    """
    return Says(f"Kênh gửi tin cần quản trị xử lý. {reason}")


# Posts by hand


def to_be_posted(number: int, title: str, parts: int, *, stands_in: bool = False) -> Says:
    """To the duty officer, before the parts of a post that are to be pasted.

    Args:
        stands_in: an admin gets it, since the group's unit has no officer.
    """
    which = "tin dưới đây" if parts == 1 else f"{parts} tin dưới đây (theo thứ tự)"
    why = " Nhóm này chưa có người trực nào nhận được tin, nên tin gửi đến quản trị."
    return Says(
        f"Đề nghị anh/chị đăng {which} vào {_group(title)}.{why if stands_in else ''} "
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
    listed = (f"- số {number}: {_group(title)}" for number, title in waiting)
    return Says(
        _lines(
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
        _lines(
            "Các nhóm nhận bản tổng hợp:" if groups else "Chưa có nhóm nào nhận bản tổng hợp.",
            *(f"{g.number}. {text.shortened(g.title, 60)} ({g.unit}): {_way(g)}" for g in groups),
            _note(
                f"Đổi cách đăng: /nhom {groups[0].number} tay (người trực đăng) hoặc "
                f"/nhom {groups[0].number} bot. Bỏ nhóm: /nhom {groups[0].number} bỏ."
            )
            if groups
            else None,
            _note("Bot vào được nhóm: gõ /ketnoi và mã mời trong nhóm."),
            _note("Bot không vào được nhóm: gõ /nhom thêm TÊN NHÓM; TÊN ĐƠN VỊ."),
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
    return Says(f"Đã có {_group(title)}. Gõ /nhom để xem các nhóm.")


def group_dropped(number: int, title: str) -> Says:
    return Says(f"Đã bỏ nhóm số {number}, «{text.shortened(title, 60)}». Bot không đăng vào nữa.")


def no_bot_in_group(title: str) -> Says:
    return Says(
        f"Bot chưa vào {_group(title)}. Đề nghị thêm bot vào nhóm rồi gõ /ketnoi và mã mời ở đó."
    )


def no_such_group(number: int) -> Says:
    return Says(f"Không có nhóm số {number}. Gõ /nhom để xem các nhóm.")


def group_unit_unclear(said: str) -> Says:
    named = text.shortened(said, 60)
    return Says(
        f'Chưa rõ đơn vị "{named}". Đề nghị gõ tên nhóm, dấu chấm phẩy, tên đơn vị, ví dụ: '
        "/nhom thêm Chống dịch CORONA; Vĩnh Yên"
    )


# What a bot may carry


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
        f"Chưa chấp nhận được {_person(name)} (đề nghị số {number}): bot mà người này nhắn đã đủ "
        f"người. {next_step}"
    )


# A second messenger


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


def no_such_unit(said: str) -> Says:
    return Says(
        f'Không tìm thấy đơn vị "{text.shortened(text.one_line(said), 60)}". '
        "Đề nghị ghi đủ tên, ví dụ: /tinhhinh xã Quang Sơn"
    )


def which_unit(names: Sequence[str]) -> Says:
    return Says(
        _lines("Có nhiều đơn vị trùng tên, đề nghị ghi rõ:", *(f"- {n}" for n in names)),
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


def answer_line(field: Field, answers: Answers) -> str:
    """A field with its answer, as a review shows it."""
    return f"{field.label}: {field.shown(answers[field.id])}"


def changed_line(field: Field, old: Answers, new: Answers) -> str:
    """A field with what it was and what it becomes."""
    before = field.shown(old[field.id]) if field.id in old else "chưa ghi"
    after = field.shown(new[field.id]) if field.id in new else "bỏ"
    return f"{field.label}: {before} → {after}"


def carried_line(field: Field, answers: Answers, since: date) -> str:
    """A standing fact with its age."""
    return f"{field.label} {field.shown(answers[field.id])} (từ {text.day_short(since)})"


def shows_before(field: Field) -> bool:
    """Whether yesterday's answer helps to answer today: figures and states, not remarks."""
    return field.kind is not Kind.TEXT and (field.adds is not Adds.STATE or bool(field.options))
