"""What the bot says in a report's conversation, in one catalogue: short, with the next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.core import text
from bot.core.form import Adds, Answers, Field, Kind, Mismatch
from bot.core.messaging import LONGEST_PASSING, Button
from bot.core.parsing import NOTE
from bot.core.periods import Period
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


def day_of(period: Period) -> str:
    """Return the day of a report as it stands in a sentence: "ngày 15/4"."""
    return f"ngày {text.day_short(period.day)}"


def person_named(name: str) -> str:
    """Return a person's name as the messenger gives it, cut to what a line can hold."""
    return text.shortened(name, 60) or "không rõ tên"


def group_titled(title: str) -> str:
    """Return a group's title in quotes, cut to what a line can hold."""
    return f"nhóm «{text.shortened(title, 60)}»"


def joined(*lines: str | None) -> str:
    """Return the lines that are there, as one text."""
    return "\n".join(line for line in lines if line is not None)


def note(line: str) -> str:
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
    said = joined(
        f"{unit}: báo cáo {day_of(period)}",
        note(f"Số liệu {opens} đến {closes}."),
        note(f"{reopened or due}{before}"),
        *_numbered(blanks),
        note('Trả lời bằng tên và số, ví dụ: "Trực tiếp 5, trực tuyến 3".'),
        note(f"Hoặc ghi đủ {open_blanks} mục theo thứ tự."),
        note(f"Như cũ thì không cần ghi: {'; '.join(carried)}.") if carried else None,
        note(f"Nếu có thì ghi thêm: {', '.join(f.label for f in extra)}.") if extra else None,
    )
    return Says(said, (REPLY, NOTHING, ONE_BY_ONE))


def how_to_answer(period: Period, open_blanks: int) -> Says:
    """ "Trả lời": where and how; the form itself stays above."""
    return Says(
        f"Báo cáo {day_of(period)}: ghi vào ô nhắn tin rồi gửi. Ghi tên và số, ví dụ: "
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
            lines.append(note(options(blank.field)))
    return lines


def options(field: Field) -> str:
    """The numbered options of a choice: "1 mở, 2 giảm"."""
    return ", ".join(f"{n} {o.label}" for n, o in enumerate(field.options, 1))


def nothing_arose(unit: str, period: Period, given: Sequence[str], blanks: Sequence[Blank]) -> Says:
    """After "không phát sinh": only what stands is asked; `given` is taken to be as before."""
    return Says(
        joined(
            f"{unit}: {day_of(period)} không phát sinh hồ sơ",
            *given,
            *_numbered(blanks),
            note("Ghi nốt các mục trên (theo thứ tự hoặc kèm tên), báo cáo được gửi ngay."),
        ),
        (CANCEL,),
    )


def something_arose(period: Period, given: Sequence[str]) -> Says:
    """ "Không phát sinh" although dossiers were entered; the draft stays as it was."""
    return Says(
        f"Báo cáo {day_of(period)} đang nhập đã có: {text.shortened('; '.join(given), 80)}. Số này "
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
        f"Báo cáo {day_of(period)} của {unit} giữ nguyên."
        if correcting
        else f"Chưa ghi được mục nào vào báo cáo {day_of(period)} của {unit}."
    )
    return Says(joined(opening, *problems(unclear)), () if correcting else (ONE_BY_ONE,))


def question(blank: Blank, *, at: int, of: int, unclear: Sequence[Unclear]) -> Says:
    """One question of the form, after what was wrong with the answer before."""
    field = blank.field
    known = (("hôm trước", blank.before), ("đang ghi", blank.answer))
    shown = "; ".join(f"{when}: {what}" for when, what in known if what is not None)
    choices = [Button(o.label, o.label) for o in field.options if field.kind is Kind.CHOICE]
    return Says(
        joined(
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
        joined(f"{unit}: {title} {day_of(period)}", *given),
        joined(*map(note, problems(unclear))),
        joined(*(note(m.says) for m in mismatches)),
        joined(note("Còn thiếu:"), *_numbered(missing)) if missing else "",
        note(_next_step(unclear, missing, mismatches)),
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
        joined(
            f"Đã nhận {'bản sửa báo cáo' if replaces else 'báo cáo'} {day_of(period)} của {unit} "
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
        joined(
            f"{unit}: báo cáo {day_of(period)}, gửi lúc {text.clock(at)}{again}",
            *given,
            *map(note, notes),
            note(
                "Báo cáo đã khóa."
                if locked
                else 'Cần sửa: gõ "sửa" rồi tên và số đúng, ví dụ: "sửa Đang giải quyết 12".'
            ),
        )
    )


def nothing_sent(unit: str, period: Period) -> Says:
    """/xem or /sua before anything was sent."""
    return Says(f"{unit}: chưa gửi báo cáo {day_of(period)}. Gõ /baocao để báo cáo.")


def how_to_correct(unit: str, period: Period) -> Says:
    """/sua without saying what."""
    return Says(
        f"Sửa báo cáo {day_of(period)} của {unit}: ghi tên mục và số đúng, "
        'ví dụ: "Đang giải quyết 12". Gõ /xem để xem báo cáo đã gửi.',
        (CANCEL,),
    )


def nothing_changed(period: Period, code: str) -> Says:
    """A correction, or a report said again, that says what was already sent.

    Args:
        code: of the receipt, which may have been lost.
    """
    return Says(
        f"Số liệu trùng với báo cáo {day_of(period)} đã nhận, mã {code}, không cần gửi lại."
    )


def already_sent(unit: str, period: Period, *, at: datetime) -> Says:
    """The report is there and the message is not a correction."""
    return Says(
        f"Báo cáo {day_of(period)} của {unit} đã nhận lúc {text.clock(at)}. Gõ /xem để xem lại. "
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
        f"Báo cáo {day_of(period)} của {unit} đã khóa lúc {text.clock(period.locks_at)} "
        f"{text.day_short(period.locks_at.date())}, không sửa được nữa. "
        f"Cần mở lại, đề nghị liên hệ {contact}."
    )


def exempted(unit: str, period: Period, *, reason: str) -> Says:
    """The unit owes no report for the day."""
    return Says(f"{unit} được tạm miễn báo cáo {day_of(period)}: {reason}. Không cần gửi.")


def cancelled(period: Period, *, sent: bool) -> Says:
    """The draft was thrown away at the person's wish."""
    if sent:
        return Says(f"Đã hủy phần đang sửa. Báo cáo {day_of(period)} đã gửi giữ nguyên.")
    return Says(f"Đã hủy bản đang nhập. Báo cáo {day_of(period)} chưa gửi; gõ /baocao để nhập lại.")


def nothing_to_cancel() -> Says:
    return Says("Không có bản nào đang nhập. Gõ /baocao để báo cáo, /trogiup để xem các lệnh.")


def not_understood(period: Period) -> Says:
    """Nothing in the message looks like an answer; the draft stays as it was."""
    return Says(
        f"Chưa đọc được số liệu nào cho báo cáo {day_of(period)}. "
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


def of_several(texts: Sequence[str], buttons: Sequence[Button], left: int) -> Says:
    """The answers to one message that reports several units.

    Args:
        buttons: of the first that is not done, which is gone on with.
        left: how many are not done.
    """
    more = "Còn đơn vị khác chưa đủ: xong đơn vị này, đề nghị gõ /baocao." if left > 1 else None
    return Says("\n\n".join([*texts, *([note(more)] if more else [])]), tuple(buttons))


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
        f"Mẫu này của {day_of(period)}, đã khóa. Gõ /baocao để lấy mẫu hôm nay.", passing=True
    )


def was_sent(period: Period, at: datetime) -> Says:
    """A button of a form that was answered."""
    return Says(
        f"Báo cáo {day_of(period)} đã nhận lúc {text.clock(at)}. Gõ /xem để xem, /sua để sửa.",
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
        joined(
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
    return Says(joined("Các lệnh dùng được:", *lines))


def failure(error_id: str, contact: str) -> Says:
    """Something of ours broke; nothing that was confirmed is lost."""
    return Says(
        f"Hệ thống gặp lỗi (mã {error_id}), tin vừa rồi chưa được xử lý. Quản trị đã được báo. "
        f"Đề nghị gửi lại sau ít phút, hoặc hỏi {contact}."
    )


def failure_for_admin(error_id: str, what: str) -> Says:
    return Says(f"Lỗi {error_id} khi {what}. Chi tiết trong nhật ký máy chủ, tìm theo mã này.")


# Reminding


def reminder(unit: str, period: Period, *, last: bool, drafted: bool) -> Says:
    final = "Nhắc lần cuối. " if last else ""
    state, next_step = (
        ("đang nhập dở", "làm tiếp")
        if drafted
        else ("chưa gửi", "báo cáo; không có hồ sơ thì gõ: không phát sinh")
    )
    return Says(
        f"{final}{unit} {state} báo cáo {day_of(period)}, hạn {text.clock(period.cut_off)}. "
        f"Gõ /baocao để {next_step}.",
        (GO_ON,) if drafted else (BEGIN, NOTHING),
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
