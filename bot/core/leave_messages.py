"""What the bot says of leaves: to who is away, who stands in, and who must find somebody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from bot.core import text
from bot.core.calendar import Calendar
from bot.core.leave import StandIn, Wish
from bot.core.leave_days import Span, Why
from bot.core.messages import Says
from bot.core.messaging import Button
from bot.core.parsing import NOTE
from bot.core.stand_in import Arranged, Snag

AGREE = "Đồng ý"
_DROP = Button("Không ghi", "/nghi thôi")
_DAYS_NAMED = 7
_CHOICES_AT_MOST = 6
_EXAMPLE = "/nghi từ 20/4 đến 22/4, chị Hoa thay"


def day(of: date) -> str:
    """A day as it is agreed on: "thứ Năm 16/4"."""
    return f"{text.weekday(of)} {text.day_short(of)}"


def span(of: Span) -> str:
    """Some days as they are agreed on: "từ thứ Năm 16/4 đến thứ Sáu 17/4"."""
    if of.first == of.last:
        return day(of.first)
    return f"từ {day(of.first)} đến hết {day(of.last)}"


def typed(days: Span, stand_in: StandIn, reason: str, *, agreed: bool = False) -> str:
    """The command that says this, as a button of ours types it."""
    when = f"từ {text.day_full(days.first)} đến {text.day_full(days.last)}"
    kind = f"nghỉ {reason} " if reason else ""
    parts = (f"/nghi {kind}{when}", _who(stand_in), "đồng ý" if agreed else "")
    return ", ".join(part for part in parts if part)


def _who(stand_in: StandIn) -> str:
    if stand_in.number:
        return f"người thay số {stand_in.number}"
    if stand_in.name:
        return f"người thay: {stand_in.name}"
    if stand_in.deputy:
        return "đồng chí phó thay"
    return "không có người thay" if stand_in.nobody else ""


# What must be asked


def how_to_say(current: Sequence[Span]) -> Says:
    """/nghi and nothing else: what is kept, and how a leave is said."""
    kept = f"Anh/chị đang ghi nghỉ {'; '.join(map(span, current))}.\n" if current else ""
    back = " Đi làm sớm hơn: gõ /nghi đi làm lại." if current else ""
    return Says(f"{kept}Báo nghỉ: ghi ngày nghỉ và người báo cáo thay, ví dụ: {_EXAMPLE}.{back}")


def which_days(wish: Wish, today: date) -> Says:
    """The days are not certain: what is asked depends on what is not."""
    days = wish.days
    ways = tuple(_way(way, wish) for way in days.ways[:_CHOICES_AT_MOST])
    match days.why:
        case Why.NO_START:
            return _from_when(wish, today)
        case Why.NO_END:
            first = days.ways[0].first
            said = f"Nghỉ từ {day(first)}, đến hết ngày nào?"
            only = Button(f"Chỉ {day(first)}", ways[0].says)
            return _asks(f"{said} Đề nghị gõ lại, ví dụ: {_EXAMPLE}.", (only,))
        case Why.TWO_WAYS:
            return _asks("Chưa rõ anh/chị nghỉ những ngày nào. Đề nghị chọn, hoặc gõ lại.", ways)
        case Why.PAST:
            later = " Nghỉ từ hôm nay thì chọn dưới đây." if ways else ""
            return _asks(f"Ngày nghỉ đã qua, không ghi được.{later}", ways)
    said = text.shortened(days.said, 30)
    wrong = {
        Why.NOT_A_DAY: f'Chưa rõ ngày "{said}".',
        Why.BACKWARDS: "Ngày cuối trước ngày đầu.",
        Why.SEVERAL: "Những ngày này không liền nhau, đề nghị báo từng đợt.",
        Why.TOO_LONG: "Đợt nghỉ dài hơn một năm.",
    }
    problem = wrong.get(days.why or Why.NO_DAY, "Anh/chị nghỉ những ngày nào?")
    return Says(f"{problem} Đề nghị gõ lại, ví dụ: {_EXAMPLE}.")


def _from_when(wish: Wish, today: date) -> Says:
    count = wish.days.count
    tomorrow = date.fromordinal(today.toordinal() + 1)
    who = f", {said}" if (said := _who(wish.stand_in)) else ""
    kind = f"nghỉ {wish.reason} " if wish.reason else ""
    buttons = tuple(
        Button(f"Từ {day(d)}", f"/nghi {kind}{count} ngày từ {text.day_full(d)}{who}")
        for d in (today, tomorrow)
    )
    return _asks(f"Nghỉ {count} ngày, tính từ ngày nào? Đề nghị chọn, hoặc gõ lại.", buttons)


def _way(way: Span, wish: Wish) -> Button:
    label = span(way)
    return Button(label[0].upper() + label[1:], typed(way, wish.stand_in, wish.reason))


def _asks(said: str, buttons: tuple[Button, ...]) -> Says:
    return Says(said, buttons, numbered=bool(buttons))


def half_is_no_leave(days: Span, half: str, *, asked_at: time, cut_off: time, whole: str) -> Says:
    """Half a day away does not touch the hour in which reports are made.

    Args:
        whole: the command that says a whole day.
    """
    return _asks(
        f"Nghỉ {half} {day(days.first)}: mẫu báo cáo vẫn gửi cho anh/chị lúc "
        f"{text.clock(asked_at)}, hạn {text.clock(cut_off)}, nên không ghi nghỉ. Nghỉ cả ngày, "
        "hoặc đến giờ đó chưa có mặt, thì chọn dưới đây.",
        (Button(f"Nghỉ cả {day(days.first)}", whole),),
    )


def no_reporting_day(days: Span) -> Says:
    one = days.first == days.last
    are = "không phải ngày báo cáo" if one else "không có ngày báo cáo nào"
    said = span(days)
    return Says(f"{said[0].upper()}{said[1:]} {are}, không cần ghi nghỉ.")


def which_stand_in(unit: str, arranged: Arranged, days: Span, reason: str, contact: str) -> Says:
    """Who stands in is not certain, or cannot."""
    buttons = tuple(
        Button(f"{c.name} thay", typed(days, StandIn(number=c.person_id), reason))
        for c in arranged.choices[:_CHOICES_AT_MOST]
    )
    if not arranged.choices:
        nobody = typed(days, StandIn(nobody=True), reason)
        buttons = (Button("Chưa có người thay", nobody),)
    return _asks(f"{_snag(unit, arranged)} {_instead(unit, arranged, contact)}", buttons)


def _snag(unit: str, arranged: Arranged) -> str:
    name = text.shortened(arranged.named, 60)
    match arranged.snag:
        case Snag.AWAY:
            return f"{name} cũng nghỉ trong những ngày này."
        case Snag.NOT_REACHED:
            return f"Hiện không nhắn được cho {name}."
        case Snag.SEVERAL:
            called = f" tên {name}" if name else ""
            return f"{unit} có {len(arranged.choices)} người{called} báo cáo thay được."
    if not name:
        return f"{unit} chưa có đầu mối dự phòng."
    return f"{name} chưa đăng ký báo cáo cho {unit}."


def _instead(unit: str, arranged: Arranged, contact: str) -> str:
    if arranged.snag is Snag.SEVERAL:
        return "Đề nghị chọn người thay."
    if arranged.choices:
        return (
            f"Đề nghị chọn người thay. Người khác thì cần đăng ký trước: {_invited(unit, contact)}"
        )
    return f"Người thay cần đăng ký trước: {_invited(unit, contact)}"


def _invited(unit: str, contact: str) -> str:
    return f"nhắn cho bot /thamgia {unit}, hoặc nhận mã mời tại {contact}."


def propose(
    days: Span,
    units: Sequence[tuple[str, Arranged]],
    *,
    reporting: Sequence[date],
    calendar: Calendar,
    replaced: Sequence[Span],
    cut_off: time,
    agreed: str,
    contact: str,
) -> Says:
    """The exact days and who will be asked, to be agreed.

    Args:
        reporting: the reporting days among them.
        replaced: the leaves that this one takes the place of.
        agreed: the command that says yes.
    """
    off = [d for d in days.days if not calendar.is_reporting_day(d)]
    lines = (
        f"Anh/chị nghỉ {span(days)}, đúng không?",
        _counted(reporting, off) if days.first != days.last else "",
        f"Thay cho đợt đã ghi: {'; '.join(map(span, replaced))}." if replaced else "",
        *(_asked(unit, arranged, contact) for unit, arranged in units),
        f"Đơn vị vẫn phải báo cáo, hạn {text.clock(cut_off)}.",
        f"Đúng thì gõ: đồng ý. Chưa đúng thì gõ lại, ví dụ: {_EXAMPLE}.",
    )
    return _asks("\n".join(filter(None, lines)), (Button(AGREE, agreed), _DROP))


def _counted(reporting: Sequence[date], off: Sequence[date]) -> str:
    if len(reporting) > _DAYS_NAMED:
        return f"Gồm {len(reporting)} ngày báo cáo."
    named = ", ".join(map(day, reporting))
    without = f" ({', '.join(map(day, off))} không báo cáo)" if off else ""
    return f"Ngày báo cáo trong đợt nghỉ: {named}{without}."


def _asked(unit: str, arranged: Arranged, contact: str) -> str:
    if arranged.stand_in is not None:
        return f"{unit}: bot hỏi và nhắc đồng chí {arranged.stand_in.name} báo cáo thay."
    if arranged.stays:
        return f"{unit}: bot vẫn hỏi đồng chí {arranged.stays} như thường ngày."
    return (
        f"{unit}: chưa có người thay, cấp trên sẽ được báo ngay. "
        f"Người thay đăng ký bằng cách {_invited(unit, contact)}"
    )


# What was agreed


def kept(days: Span, units: Sequence[tuple[str, Arranged]], *, back: date, contact: str) -> Says:
    """The leave is kept.

    Args:
        back: the first reporting day after it.
    """
    asked = [
        _asked(unit, a, contact).replace("sẽ được báo ngay", "đã được báo") for unit, a in units
    ]
    return Says(
        "\n".join(
            (
                f"Đã ghi: anh/chị nghỉ {span(days)}.",
                *asked,
                f"Từ {day(back)} bot lại hỏi anh/chị. Đi làm sớm hơn: gõ /nghi đi làm lại.",
            )
        )
    )


def dropped() -> Says:
    return Says(f"Không ghi nghỉ. Cần báo nghỉ thì gõ, ví dụ: {_EXAMPLE}.")


def nothing_to_agree() -> Says:
    return Says(
        "Không có việc gì đang chờ anh/chị đồng ý. Gửi báo cáo đang nhập thì gõ GỬI. "
        f"Báo nghỉ thì gõ, ví dụ: {_EXAMPLE}."
    )


def back_at_work(first: date, units: Sequence[str], taken_back: Sequence[Span]) -> Says:
    """The leave ended before its time, or was taken back before it began."""
    gone = f"Đã bỏ đợt nghỉ {'; '.join(map(span, taken_back))}." if taken_back else ""
    since = f"Đã ghi: anh/chị đi làm lại từ {day(first)}." if not taken_back else ""
    asked = f"Bot lại hỏi anh/chị báo cáo của {', '.join(units)}."
    return Says(" ".join(filter(None, (gone, since, asked))))


def which_back(said: str) -> Says:
    """From when somebody is at work again is not certain."""
    about = f' "{text.shortened(said, 30)}"' if said else ""
    return Says(f"Chưa rõ{about}: anh/chị đi làm lại từ ngày nào? Gõ, ví dụ: /nghi mai đi làm lại.")


def not_on_leave() -> Says:
    return Says(f"Anh/chị không có đợt nghỉ nào đang ghi. Báo nghỉ: gõ, ví dụ: {_EXAMPLE}.")


# To the others


def stand_in_told(
    person: str, unit: str, days: Span, *, asked_at: time, cut_off: time, owed: bool, contact: str
) -> Says:
    """To who stands in, when it is agreed and again when it begins.

    Args:
        owed: the report of today is still owed and the form has already been sent.
    """
    today = "Hôm nay đơn vị chưa báo cáo: gõ /baocao. " if owed else ""
    return Says(
        f"Đồng chí {person} nghỉ {span(days)}. Đề nghị anh/chị báo cáo thay cho {unit}: "
        "mẫu báo cáo gửi "
        f"cho anh/chị lúc {text.clock(asked_at)}, hạn {text.clock(cut_off)}. {today}"
        f"Không nhận được việc này, đề nghị báo đồng chí {person} hoặc {contact}."
    )


def relieved(person: str, unit: str) -> Says:
    """To who need not stand in any more."""
    return Says(
        f"Anh/chị không phải báo cáo thay đồng chí {person} cho {unit} nữa. "
        "Cảm ơn anh/chị đã giúp đỡ."
    )


def nobody_stands_in(person: str, unit: str, days: Span) -> Says:
    """To the superior, at once."""
    return Says(
        f"{unit}: đồng chí {person} nghỉ {span(days)}, chưa có người báo cáo thay. "
        f"Đề nghị chỉ định một người; người đó nhắn cho bot /thamgia {unit}."
    )


def with_reason(says: Says, person: str, until: date) -> Says:
    """Add to a prompt or a reminder why it comes to who stands in."""
    title, _, rest = says.text.partition("\n")
    last = text.day_short(until)
    why = f"{NOTE} Gửi anh/chị báo cáo thay, vì đồng chí {person} nghỉ đến hết {last}."
    return replace(says, text="\n".join(filter(None, (title, why, rest))))


def away_line(person: str, until: date, stand_in: str) -> str:
    """In what superiors see of a unit: "Đầu mối Bình nghỉ đến 22/4, Lan thay."."""
    who = f"{stand_in} thay" if stand_in else "chưa có người thay"
    return f"Đầu mối {person} nghỉ đến {text.day_short(until)}, {who}."
