"""What the bot says about figures that are odd, and about the answers to that."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.core import text
from bot.core.aggregates import Gap
from bot.core.explanations import Explanation
from bot.core.form import Answers, Field, Form
from bot.core.history import Usual
from bot.core.messages import BACK, POSTED, SEND, Says, answer_line
from bot.core.messaging import Button
from bot.core.parsing import NOTE
from bot.core.periods import Period

_NAMED = 8  # units in a list of those that have not reported


def unusual(field: Field, figure: int, usual: Usual) -> str:
    """A figure far from the unit's own last reports."""
    least, most = text.number(usual.least), text.number(usual.most)
    mostly = f"là {least}" if least == most else f"khoảng {least} đến {most}"
    return (
        f"{field.label} {text.number(figure)}, trong khi thường ngày {mostly} "
        f"({text.number(usual.reports)} báo cáo gần đây)."
    )


def stale(facts: Sequence[str]) -> str:
    """Standing facts that nobody has stated for long.

    Args:
        facts: with their answers and days, as `carried_line` gives them.
    """
    return f"{'; '.join(facts)}: đã lâu chưa cập nhật, đề nghị xem còn đúng không."


def sum_differs(gap: Gap) -> str:
    """A figure of a unit that sums others, which is not their sum."""
    figure, summed = text.number(gap.figure), text.number(gap.summed)
    return f"{gap.field.label} {figure}, trong khi cộng các đơn vị đã báo cáo là {summed}."


def sums_differ(
    unit: str, day: date, gaps: Sequence[Gap], names: Mapping[str, str], buttons: Sequence[Button]
) -> Says:
    """To a unit that sums others, once: its figures are not the sum of theirs.

    Args:
        names: of all units by code.
        buttons: by which it confirms, explains or corrects.
    """
    missing = [names[e.unit] for e in gaps[0].missing]
    some = "; ".join(missing[:_NAMED])
    more = f" và {len(missing) - _NAMED} đơn vị khác" if len(missing) > _NAMED else ""
    lines = [
        f"{unit}: số tổng hợp ngày {text.day_short(day)} lệch với số các đơn vị",
        *(_note(sum_differs(gap)) for gap in gaps),
        *([_note(f"Chưa báo cáo: {some}{more}.")] if missing else []),
        _note('Đúng thì gõ GỬI, hoặc ghi lý do, ví dụ: "vì đã tính cả Sở Y tế".'),
        _note('Sai thì ghi lại, ví dụ: "Đang giải quyết 120".'),
    ]
    return Says("\n".join(lines), tuple(buttons))


def report_lines(
    form: Form,
    answers: Answers,
    stated_on: Mapping[str, date],
    day: date,
    explanations: Sequence[Explanation],
) -> list[str]:
    """The answers of a report, a line each; under it since when it stands, and what was explained.

    Those are marked lines, so that the report can be copied back and corrected.

    Args:
        day: the reporting day.
    """
    old = {f.id for f in form.old(stated_on, day)}
    one = [e for e in explanations if len(e.fields) == 1 and e.fields[0] in answers]
    lines = []
    for field in (f for f in form.fields if f.id in answers):
        since = [f"(từ {text.day_short(stated_on[field.id])})"] if field.id in old else []
        said = [_in_short(e) for e in one if e.fields[0] == field.id]
        lines += [answer_line(field, answers), *map(_note, (*since, *said))]
    return [*lines, *(_note(answered(e)) for e in explanations if e not in one)]


def _in_short(explanation: Explanation) -> str:
    return f"Giải trình: {explanation.reason}" if explanation.explained else "Đã xác nhận"


def _note(line: str) -> str:
    return f"{NOTE} {line}"


def answered(explanation: Explanation) -> str:
    """A doubt with its answer, as whoever reads the figures is told."""
    if not explanation.explained:
        return f"{explanation.says} Đơn vị xác nhận số liệu đúng."
    return f"{explanation.says} Giải trình: {explanation.reason}."


def answer_received(unit: str, period: Period, code: str, replaces: str, *, posted: bool) -> Says:
    """A doubt about a report that was sent has been answered, and its figures stay.

    Args:
        replaces: code of the report as it was before.
        posted: it holds words of the person's own.
    """
    noted = f"Đã ghi nhận trả lời của {unit} về báo cáo ngày {text.day_short(period.day)}."
    said = f"{noted} Số liệu giữ nguyên. Mã {code}, thay bản mã {replaces}."
    return Says("\n".join([said, POSTED] if posted else [said]))


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
