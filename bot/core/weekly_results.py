"""Parts I and II of the weekly report: what was done, and what the units found difficult.

Figures count each dossier once. A unit is called by its name under its group, because two districts
may each have a commune of the same name.
"""

from collections.abc import Callable, Mapping
from datetime import date

from bot.core import text
from bot.core.form import Answers, Form
from bot.core.paper import Block, Heading, Item, Para
from bot.core.rollup import RECEIVED, RESOLVED, UnitWeek
from bot.core.weekly_ages import old_facts
from bot.core.weekly_explanations import explanations
from bot.core.weekly_record import WeekRecord, full_name, name_in_group

_NOT_OPEN = {
    "reduced": "hoạt động giảm quy mô",
    "online_only": "chỉ tiếp nhận trực tuyến",
    "closed": "tạm đóng cửa",
}


def results(record: WeekRecord) -> list[Block]:
    """Return part I without its heading."""
    reporting = [Heading("1. Tình hình báo cáo", 2), *_completeness(record)]
    if not record.counted:
        return [*reporting, Para("Trong kỳ chưa có số liệu để tổng hợp hoạt động và hồ sơ.")]
    return [
        *reporting,
        Heading("2. Duy trì hoạt động, bố trí nhân sự", 2),
        *_counters(record),
        *_staff(record.totals.figures),
        *_precautions(record),
        *old_facts(record),
        Heading("3. Tiếp nhận hồ sơ", 2),
        *_intake(record),
        Heading("4. Giải quyết hồ sơ", 2),
        *_settlement(record),
        Heading("5. Giải quyết TTHC cấp thiết", 2),
        *_urgent(record),
        Heading("6. Thanh toán trực tuyến", 2),
        *_payments(record),
        *explanations(record),
    ]


def difficulties(record: WeekRecord) -> list[Block]:
    """Return part II without its heading: each remark once, with all who made it."""
    said: dict[str, tuple[str, list[str]]] = {}
    for group in record.groups:
        for week in group.weeks:
            remark = record.remarks.get(week.last.unit)
            if remark:
                said.setdefault(text.fold(remark), (remark, []))[1].append(
                    full_name(group.title, week)
                )
    if not said:
        return [Para("Trong kỳ, các đơn vị không báo cáo khó khăn, vướng mắc.")]
    return [
        Item(f"- {remark[0].upper()}{remark[1:]}. Đơn vị báo cáo: {'; '.join(names)}.")
        for remark, names in said.values()
    ]


def overdue(week: UnitWeek) -> int:
    """Return the unit's overdue dossiers that are added to the totals."""
    return week.figures.get("overdue", 0) if week.counted else 0


def urgent_unresolved(week: UnitWeek) -> bool:
    """Whether a unit whose figures count resolved fewer urgent dossiers than it received."""
    received = week.figures.get("urgent_received", 0)
    resolved = week.figures.get("urgent_resolved", 0)
    return week.counted and resolved < received


def without_notice(week: UnitWeek) -> bool:
    """Whether a unit whose figures count says that it has not informed the public."""
    said = (week.answers or {}).get("notice_posted")
    return week.counted and said is False


def _named(record: WeekRecord, says: Callable[[UnitWeek], str]) -> list[Block]:
    """Return an item for each group that names its units; one of which `says` is "" is left out."""
    items: list[Block] = []
    for group in record.groups:
        named = [f"{name_in_group(w.last)} ({remark})" for w in group.weeks if (remark := says(w))]
        if named:
            items.append(Item(f"- {group.title}: {'; '.join(named)}."))
    return items


def _completeness(record: WeekRecord) -> list[Block]:
    totals = record.totals
    if not totals.expected:
        exempted = "tất cả các đơn vị được tạm miễn báo cáo"
        return [Para(f"Trong kỳ, {exempted if record.exempt else 'không có đơn vị báo cáo'}.")]
    blocks: list[Block] = [
        Para(
            f"Trong kỳ có {len(record.days)} ngày báo cáo ({_dates(record.days)}). "
            f"Có {text.number(sum(w.expected > 0 for w in record.weeks))} đơn vị phải gửi "
            f"{text.number(totals.expected)} lượt báo cáo; đã nhận {text.number(totals.received)} "
            f"lượt, đạt {text.percent(totals.received, totals.expected)}; gửi đúng thời hạn "
            f"{text.number(totals.on_time)} lượt, đạt "
            f"{text.percent(totals.on_time, totals.expected)}."
        )
    ]
    missing = _named(record, _missed)
    if missing:
        blocks += [Para("Các đơn vị không gửi đủ báo cáo (số ngày không gửi):"), *missing]
    else:
        blocks.append(Para("Không có đơn vị nào thiếu báo cáo."))
    if record.late:
        late = text.number(len(record.late))
        blocks.append(Para(f"Có {late} đơn vị gửi báo cáo chậm, chi tiết tại Phụ lục II."))
    exempt = _named(record, lambda w: _dates(record.exempt.get(w.last.unit, ())))
    return [*blocks, Para("Các đơn vị được tạm miễn báo cáo:"), *exempt] if exempt else blocks


def _missed(week: UnitWeek) -> str:
    if not week.missed:
        return ""
    return f"{len(week.missed)} ngày{'' if week.received else ', cả kỳ'}"


def _counters(record: WeekRecord) -> list[Block]:
    states = record.totals.states["counter_status"]
    kinds = [f"{text.number(states[s])} {words}" for s, words in _NOT_OPEN.items() if states[s]]
    said = "; ".join([f"{text.number(states['open'])} mở cửa bình thường", *kinds])
    blocks: list[Block] = [
        Para(
            f"Theo báo cáo gần nhất trong kỳ của {text.number(len(record.counted))} đơn vị có số "
            f"liệu: {said}."
        )
    ]
    for group in record.groups:
        for week in group.weeks:
            if week.counted and _not_open(week.answers):
                closure = _closure(record.form, week.answers or {})
                blocks.append(Item(f"- {full_name(group.title, week)}: {closure}."))
    return blocks


def _not_open(answers: Answers | None) -> bool:
    return answers is not None and answers.get("counter_status") in _NOT_OPEN


def _closure(form: Form, answers: Answers) -> str:
    """Return how a counter is not open: in what manner, why, until when, who stands in."""
    until = answers.get("counter_until")
    day = f"đến ngày {form.field('counter_until').shown(until)}" if until else "chưa rõ thời hạn"
    parts = [_NOT_OPEN[str(answers["counter_status"])], day]
    if cause := _remark(answers, "counter_cause"):
        parts.append(f"lý do: {cause}")
    if substitute := _remark(answers, "counter_substitute"):
        parts.append(f"nơi tiếp nhận thay: {substitute}")
    return "; ".join(parts)


def _remark(answers: Answers, field: str) -> str:
    return text.mask_phones(text.one_line(str(answers.get(field, "")))).rstrip(" .;,/")


def _staff(figures: Mapping[str, int]) -> list[Block]:
    on_duty, total = figures["staff_on_duty"], figures["staff_total"]
    share = f" ({text.percent(on_duty, total)})" if total else ""
    online = figures["staff_online"]
    intake = f"; {text.number(online)} người trực tiếp nhận hồ sơ trực tuyến, bưu chính"
    isolated = figures["staff_isolated"]
    return [
        Para(
            "Cán bộ, công chức, viên chức trực tại Bộ phận Một cửa: "
            f"{text.number(on_duty)}/{text.number(total)} người{share}{intake if online else ''}."
        ),
        Para(
            f"Tổng số cán bộ, công chức, viên chức đang cách ly: {text.number(isolated)} người."
            if isolated
            else "Không có đơn vị báo cáo cán bộ, công chức, viên chức đang cách ly."
        ),
    ]


def _precautions(record: WeekRecord) -> list[Block]:
    answers = [w.answers for w in record.counted if w.answers]
    asked = sum("notice_posted" in a for a in answers)
    posted = sum(a.get("notice_posted") is True for a in answers)
    applied = [m for a in answers if isinstance(m := a.get("measures"), tuple)]
    measures = [
        f"{option.label} {text.number(sum(option.id in m for m in applied))}"
        for option in record.form.field("measures").options
    ]
    blocks: list[Block] = []
    if asked:
        said = f"{text.number(posted)}/{text.number(asked)} đơn vị"
        blocks.append(Para(f"Đã niêm yết thông báo cho tổ chức, cá nhân: {said}."))
    blocks += _named(record, lambda w: "chưa niêm yết" if without_notice(w) else "")
    if applied:
        said = f"{'; '.join(measures)} (trên {text.number(len(applied))} đơn vị có báo cáo)"
        blocks.append(Para(f"Biện pháp phòng, chống dịch đang áp dụng: {said}."))
    return blocks


def _intake(record: WeekRecord) -> list[Block]:
    figures = record.totals.figures
    direct, online = figures["received_direct"], figures["received_online"]
    postal = figures["received_postal"]
    received = sum(figures[f] for f in RECEIVED)
    if received:
        new = (
            f"Tiếp nhận mới {text.number(received)} hồ sơ: trực tiếp {text.number(direct)}; trực "
            f"tuyến {text.number(online)}; qua bưu chính công ích {text.number(postal)}. Tỷ lệ hồ "
            f"sơ tiếp nhận trực tuyến: {text.percent(online, received)}."
        )
    else:
        new = "Trong kỳ không phát sinh hồ sơ tiếp nhận mới."
    blocks: list[Block] = [Para(new), Para(_carried_over(record))]
    if visitors := figures["visitors"]:
        blocks.append(Para(f"Số lượt người đến giao dịch: {text.number(visitors)} lượt."))
    return blocks


def _carried_over(record: WeekRecord) -> str:
    carried = record.carried_over(record.weeks)
    if carried is None:
        return "Chưa có số liệu hồ sơ kỳ trước chuyển qua."
    unknown = len(record.without_carried)
    apart = f" (chưa gồm {text.number(unknown)} đơn vị chưa có số liệu kỳ trước)" if unknown else ""
    return f"Số hồ sơ kỳ trước chuyển qua: {text.number(carried)} hồ sơ{apart}."


def _settlement(record: WeekRecord) -> list[Block]:
    figures = record.totals.figures
    on_time, late = figures["resolved_on_time"], figures["resolved_late"]
    pending, behind = figures["pending"], figures["overdue"]
    if resolved := sum(figures[f] for f in RESOLVED):
        done = (
            f"Đã giải quyết {text.number(resolved)} hồ sơ: trả trước và đúng thời hạn "
            f"{text.number(on_time)} ({text.percent(on_time, resolved)}); trả quá hạn "
            f"{text.number(late)}."
        )
    else:
        done = "Trong kỳ chưa có hồ sơ được giải quyết."
    blocks: list[Block] = [Para(done + _apart(figures))]
    blocks.append(
        Para(
            f"Đang giải quyết {text.number(pending)} hồ sơ: chưa đến hạn "
            f"{text.number(pending - behind)}; quá hạn {text.number(behind)}."
        )
    )
    names = _named(record, lambda w: f"{text.number(n)} hồ sơ" if (n := overdue(w)) else "")
    return [*blocks, Para("Các đơn vị còn hồ sơ quá hạn chưa trả:"), *names] if names else blocks


def _apart(figures: Mapping[str, int]) -> str:
    """Return what is neither resolved nor pending, and how results went out, where given."""
    returned, posted = figures["returned"], figures["results_by_post"]
    said = f" Trả lại hoặc công dân xin rút {text.number(returned)} hồ sơ." if returned else ""
    if posted:
        said += f" Trả kết quả qua bưu chính công ích {text.number(posted)} hồ sơ."
    return said


def _urgent(record: WeekRecord) -> list[Block]:
    figures = record.totals.figures
    received, resolved = figures["urgent_received"], figures["urgent_resolved"]
    if not received:
        done = f"; đã giải quyết {text.number(resolved)} hồ sơ" if resolved else ""
        return [Para(f"Trong kỳ không tiếp nhận hồ sơ TTHC cấp thiết{done}.")]
    first = Para(
        f"Tiếp nhận {text.number(received)} hồ sơ, đã giải quyết {text.number(resolved)} hồ sơ, "
        f"đạt {text.percent(resolved, received)} (yêu cầu 100%)."
    )
    below = _named(record, _urgent_share)
    return [first, Para("Các đơn vị chưa đạt 100%:"), *below] if below else [first]


def _urgent_share(week: UnitWeek) -> str:
    if not urgent_unresolved(week):
        return ""
    received, resolved = week.figures["urgent_received"], week.figures["urgent_resolved"]
    share = text.percent(resolved, received)
    return f"{text.number(resolved)}/{text.number(received)} hồ sơ, {share}"


def _payments(record: WeekRecord) -> list[Block]:
    made = record.totals.figures["online_payments"]
    if not made:
        return [Para("Trong kỳ không phát sinh giao dịch thanh toán trực tuyến.")]
    units = sum(w.figures["online_payments"] > 0 for w in record.counted)
    said = f"{text.number(made)} giao dịch thanh toán trực tuyến tại {text.number(units)} đơn vị"
    return [Para(f"Có {said}.")]


def _dates(days: tuple[date, ...]) -> str:
    return ", ".join(map(text.day_short, days))
