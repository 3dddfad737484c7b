"""The digest of a day: what the steering committee reads on the phone, exceptions first."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from bot.core import doubt_messages, text
from bot.core.aggregates import gaps
from bot.core.form import Answers, Form
from bot.core.life import Status
from bot.core.messaging import Button
from bot.core.rollup import (
    RECEIVED,
    RESOLVED,
    DaySnapshot,
    Entry,
    Totals,
    change,
    count,
    day_totals,
    group_of,
)
from bot.core.shown_as import noted

LONGEST = 1800
_LONGEST_NEWS = 700
_LONGEST_LIST = 1400
_LIST_WIDTH = 80
_REMARK_WIDTH = 90
_REMARKS_SHOWN = 4
_SHORT = (("Thành phố ", "TP "), ("Huyện ", "H. "), ("Thị trấn ", "TT "), ("Phường ", "P. "))


class Section(StrEnum):
    """A part of the digest that can be asked for in full: "/tonghop quahan"."""

    COUNTERS = "quay"
    URGENT = "capthiet"
    OVERDUE = "quahan"
    MISSING = "chuabaocao"
    REMARKS = "khokhan"
    NOTES = "ghichu"
    EXPLAINED = "giaitrinh"
    SUMS = "doichieu"


@dataclass(frozen=True, slots=True)
class Digest:
    """One edition of a day's digest.

    Attributes:
        before: the reporting day before; None when there is none to compare with.
        moved_to: the deadline, where it was moved because the bot was down before it.
    """

    form: Form
    title: str
    snapshot: DaySnapshot
    before: DaySnapshot | None = None
    moved_to: datetime | None = None


def digest_text(digest: Digest) -> str:
    """Return the digest: at most 1,800 UTF-16 units and about 25 lines for any number of units."""
    blocks = [
        f"{_heading(digest)}, lúc {_taken(digest.snapshot)}",
        "\n".join(["CẦN LƯU Ý", *(_attention(digest) or ["Không có việc cần lưu ý."])]),
        "\n".join(["SỐ LIỆU", *_figures(digest)]),
    ]
    remarks = _remarks(digest.snapshot)
    if remarks:
        shown = [f"- {text.shortened(r, _REMARK_WIDTH)}" for r in remarks[:_REMARKS_SHOWN]]
        more = _more(len(remarks) - len(shown), f"/tonghop {Section.REMARKS}")
        blocks.append("\n".join([f"KHÓ KHĂN ({len(remarks)} đơn vị)", *shown, *more]))
    return text.shortened("\n\n".join(blocks), LONGEST)


def update_text(digest: Digest, first: DaySnapshot, last: DaySnapshot, *, edition: int) -> str:
    """Return an update as a message of its own: what changed since the edition before, figures now.

    Args:
        first: the 17:00 edition, whose figures are kept beside the new ones.
        last: the edition before this one.
    """
    lines = [
        f"BỔ SUNG TỔNG HỢP NGÀY {text.day_full(digest.snapshot.day)} (bản {edition})",
        f"{digest.title}, lúc {_taken(digest.snapshot)}",
        "",
        *(
            _line(f"{_IN_FULL.get(label, label)} ({len(names)})", names, "/tonghop")
            for label, names in _changed(last, digest.snapshot)
        ),
        "",
        *_compared(digest.form, first, digest.snapshot),
        f"Số trong ngoặc là số lúc {_taken(first)}.",
    ]
    return text.shortened("\n".join(lines), LONGEST)


def updated_text(digest: Digest, later: Sequence[DaySnapshot]) -> str:
    """Return the digest as its updates change it in place: the news on top, itself unchanged below.

    At most about 2,500 UTF-16 units, so only for a channel that edits long messages.

    Args:
        digest: the first edition.
        later: all editions after it, the oldest first; at least one.
    """
    # Newest first: should the news be too long, the oldest of it is cut.
    editions = (digest.snapshot, *later)
    changes = reversed([_edition_line(last, now) for last, now in pairwise(editions)])
    news = [
        f"CẬP NHẬT LÚC {_taken(later[-1])}",
        *_compared(digest.form, digest.snapshot, later[-1]),
        *(line for line in changes if line),
    ]
    # Taken from what was posted, so that not a letter of it changes.
    body = digest_text(digest).partition("\n\n")[2]
    blocks = (
        _heading(digest),
        text.shortened("\n".join(news), _LONGEST_NEWS),
        f"TỔNG HỢP LÚC {_taken(digest.snapshot)}",
        body,
    )
    return "\n\n".join(blocks)


def missing_by_place(entries: Sequence[Entry], day: date, now: datetime) -> str:
    """Return in one message where reports are missing, as the digest has it: districts, numbers."""
    missing = _missing(entries)
    places = [f"- {p}" for p in _missing_by_group(missing, _names(entries), entries)]
    shown = _fitting(places, "\n", _LONGEST_LIST)
    left = len(places) - len(shown)
    expected = sum(e.expected for e in entries)
    at = f"ngày {text.day_short(day)}, lúc {text.clock(now)}"
    return "\n".join(
        [
            f"Chưa báo cáo {at}: {len(missing)}/{expected} đơn vị.",
            *shown,
            *([f"và {left} nơi khác"] if left else []),
            "Xem tên tại một nơi, ví dụ: /chuabaocao Vĩnh Yên",
            "Xem đủ tên: nhắn riêng /chuabaocao",
        ]
    )


def section_text(digest: Digest, section: Section) -> str:
    """Return one section with all its units, for whoever asks for more."""
    names = _names(digest.snapshot.entries)
    heading, items = _SECTIONS[section](digest, names)
    title = f"{heading} ngày {text.day_short(digest.snapshot.day)}"
    return "\n".join([f"{title}: {len(items)} đơn vị", *(f"- {i}" for i in items)])


def section_buttons(digest: Digest) -> tuple[Button, ...]:
    """Return a button for each section that has something to tell: "Quá hạn (5 đơn vị)"."""
    names = _names(digest.snapshot.entries)
    day = text.day_full(digest.snapshot.day)
    sizes = {s: len(_SECTIONS[s](digest, names)[1]) for s in Section}
    return tuple(
        Button(f"{_LABELS[section]} ({size} đơn vị)", f"/tonghop {section} {day}")
        for section, size in sizes.items()
        if size
    )


def unit_names(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the short name of each unit, with its district where two share one."""
    return _names(tuple(entries))


def within_one_district(entries: Sequence[Entry]) -> bool:
    """Whether all units belong to a single district, so that each of them can be named."""
    districts = _districts(entries)
    return len(districts) == 1 and all(group_of(e) in districts for e in entries)


def _districts(entries: Iterable[Entry]) -> set[str]:
    return {e.unit for e in entries if e.level == "district"}


def _heading(digest: Digest) -> str:
    return f"TỔNG HỢP BÁO CÁO NGÀY {text.day_full(digest.snapshot.day)}\n{digest.title}"


def _taken(snapshot: DaySnapshot) -> str:
    """Return when a snapshot was taken: "17h00", and "9h00 16/4" when it is not on its own day."""
    taken = snapshot.taken_at
    at = text.clock(taken)
    return at if taken.date() == snapshot.day else f"{at} {text.day_short(taken)}"


def _attention(digest: Digest) -> list[str]:
    entries = digest.snapshot.entries
    names = _names(entries)
    totals = day_totals(digest.form, entries)
    lines = []
    for status, label in _COUNTERS.items():
        items = _counters(entries, names, status)
        if items:
            head = f"{label} ({len(items)})"
            lines.append(_line(head, items, f"/tonghop {Section.COUNTERS}"))
    received, resolved = (totals.figures[f] for f in ("urgent_received", "urgent_resolved"))
    if urgent := _urgent_below(digest.snapshot, names):
        done = f"{text.number(resolved)}/{text.number(received)}"
        head = f"Cấp thiết: đã giải quyết {done}; chưa đủ"
        lines.append(_line(head, urgent, f"/tonghop {Section.URGENT}"))
    if overdue := _overdue(digest.snapshot, names):
        head = f"Quá hạn chưa trả, {text.number(totals.figures['overdue'])} hồ sơ"
        lines.append(_line(head, overdue, f"/tonghop {Section.OVERDUE}"))
    if missing := _missing(entries):
        head = f"Chưa báo cáo, {len(missing)} đơn vị"
        groups = _missing_by_group(missing, names, entries)
        # Left out are districts, of which each may miss several units.
        lines.append(_line(head, groups, "/chuabaocao", of="nơi"))
    return [*lines, *_said_of_figures(digest, names)]


def _said_of_figures(digest: Digest, names: Mapping[str, str]) -> list[str]:
    """Return what is to be known of reports beside their figures: marks, reasons, odd sums."""
    lines = [
        _line(f"{label} ({len(units)})", units, f"/tonghop {Section.NOTES}")
        for label, units in noted(digest.snapshot.entries, names)
    ]
    if explained := _explained(digest, names):
        head = f"Số liệu có giải trình, {len(explained)} đơn vị"
        lines.append(_line(head, explained, f"/tonghop {Section.EXPLAINED}"))
    if differing := _sums(digest, names)[1]:
        head = f"Số tổng hợp lệch, {len(differing)} đơn vị"
        shown = [text.shortened(item, _REMARK_WIDTH) for item in differing]
        lines.append(_line(head, shown, f"/tonghop {Section.SUMS}"))
    return lines


def _moved_deadline(digest: Digest) -> list[str]:
    at = digest.moved_to
    if at is None:
        return []
    day = "" if at.date() == digest.snapshot.day else f" {text.day_short(at.date())}"
    return [f"Hạn gửi dời đến {text.clock(at)}{day} vì hệ thống gián đoạn"]


def _figures(digest: Digest) -> list[str]:
    totals = day_totals(digest.form, digest.snapshot.entries)
    before = digest.before.entries if digest.before else ()
    changes, both = change(digest.form, digest.snapshot.entries, before)

    def line(label: str, *fields: str, rest: str = "") -> str:
        delta = f" ({text.signed(sum(changes[f] for f in fields))})" if both else ""
        return f"{label}: {_sum(totals, fields)}{delta}{rest}"

    figures = totals.figures
    lines = [
        _completeness(totals),
        *_moved_deadline(digest),
        line("Nhận", *RECEIVED),
        (
            f"  trực tiếp {text.number(figures['received_direct'])}, "
            f"trực tuyến {text.number(figures['received_online'])}"
            f"{_share(figures['received_online'], sum(figures[f] for f in RECEIVED))}, "
            f"bưu chính {text.number(figures['received_postal'])}"
        ),
        line("Trả", *RESOLVED, rest=f", trong đó quá hạn {text.number(figures['resolved_late'])}"),
        line("Đang giải quyết", "pending"),
    ]
    if any("online_payments" in (e.answers or {}) for e in digest.snapshot.entries if e.in_totals):
        lines.append(line("Thanh toán trực tuyến", "online_payments"))
    if staff := figures["staff_total"]:
        on_duty = text.number(figures["staff_on_duty"])
        lines.append(f"Cán bộ trực: {on_duty}/{text.number(staff)}")
    if both and digest.before:
        day = text.day_short(digest.before.day)
        lines.append(f"Trong ngoặc: so với {day}, tính trên {both} đơn vị có cả hai ngày.")
    return lines


def _completeness(totals: Totals) -> str:
    share = _share(totals.received, totals.expected)
    return f"Báo cáo: {totals.received}/{totals.expected} đơn vị{share}, đúng hạn {totals.on_time}"


def _share(part: int, whole: int) -> str:
    return f" ({text.percent(part, whole)})" if whole else ""


def _sum(totals: Totals, fields: Iterable[str]) -> str:
    return text.number(sum(totals.figures[f] for f in fields))


def _compared(form: Form, first: DaySnapshot, now: DaySnapshot) -> list[str]:
    """Return the newest figures, each with that of the first edition in brackets."""
    then, totals = (day_totals(form, s.entries) for s in (first, now))
    received = f"(lúc {_taken(first)}: {then.received})"
    return [
        f"Báo cáo: {totals.received}/{totals.expected} {received}",
        _then_and_now("Nhận", totals, then, RECEIVED),
        _then_and_now("Trả", totals, then, RESOLVED),
        _then_and_now("Đang giải quyết", totals, then, ("pending",)),
        _then_and_now("Quá hạn chưa trả", totals, then, ("overdue",)),
    ]


def _then_and_now(label: str, now: Totals, then: Totals, fields: Sequence[str]) -> str:
    return f"{label}: {_sum(now, fields)} ({_sum(then, fields)})"


# Lists of units

_COUNTERS = {
    "closed": "Quầy đóng",
    "online_only": "Quầy chỉ nhận trực tuyến",
    "reduced": "Quầy giảm hoạt động",
}


def _counters(entries: Iterable[Entry], names: Mapping[str, str], status: str) -> list[str]:
    """Return the units whose counter is in that state, with the day until which it lasts."""
    return [
        f"{names[e.unit]}{_until(e.answers)}"
        for e in entries
        if e.received and e.answers and e.answers.get("counter_status") == status
    ]


def _until(answers: Answers) -> str:
    until = answers.get("counter_until")
    return (
        f" đến {text.day_short(date.fromisoformat(until))}"
        if isinstance(until, str) and until
        else ""
    )


def _counter_details(digest: Digest, names: Mapping[str, str]) -> tuple[str, list[str]]:
    items = []
    for entry in digest.snapshot.entries:
        answers = entry.answers or {}
        label = _COUNTERS.get(str(answers.get("counter_status")))
        if label and entry.received:
            cause, instead = answers.get("counter_cause"), answers.get("counter_substitute")
            parts = (
                label.lower() + _until(answers),
                cause,
                f"nhận thay: {instead}" if instead else "",
            )
            items.append(f"{names[entry.unit]}: {_remark('; '.join(str(p) for p in parts if p))}")
    return "Quầy không mở bình thường", items


def _urgent_below(snapshot: DaySnapshot, names: Mapping[str, str]) -> list[str]:
    """Return the units that resolved fewer urgent dossiers than they received, worst first."""
    short = []
    for entry in snapshot.entries:
        answers = entry.answers or {}
        received, resolved = (count(answers, f) for f in ("urgent_received", "urgent_resolved"))
        if entry.in_totals and resolved < received:
            short.append((resolved - received, f"{names[entry.unit]} {resolved}/{received}"))
    return [item for _, item in sorted(short, key=lambda s: s[0])]


def _overdue(snapshot: DaySnapshot, names: Mapping[str, str]) -> list[str]:
    """Return the units with overdue dossiers, most first."""
    late = [(e, count(e.answers or {}, "overdue")) for e in snapshot.entries if e.in_totals]
    most_first = sorted(((n, e) for e, n in late if n), key=lambda item: -item[0])
    return [f"{names[e.unit]} {text.number(n)}" for n, e in most_first]


def _missing(entries: Iterable[Entry]) -> list[Entry]:
    return [e for e in entries if e.expected and not e.received]


def _missing_by_group(
    missing: Sequence[Entry], names: Mapping[str, str], entries: Sequence[Entry]
) -> list[str]:
    """Return districts with the number of units missing in each, most first; others by name.

    Within a single district all units are named.
    """
    if within_one_district(entries):
        return [names[e.unit] for e in missing]
    districts = _districts(entries)
    groups = Counter(group_of(e) for e in missing)
    items = []
    for group, units in sorted(groups.items(), key=lambda item: -item[1]):
        name = names.get(group, group)
        items.append(f"{name} ({units} đơn vị)" if group in districts else name)
    return items


def _remarks(snapshot: DaySnapshot) -> list[str]:
    names = _names(snapshot.entries)
    return [
        f"{names[e.unit]}: {_remark(str(e.answers['issues']))}"
        for e in snapshot.entries
        if e.received and e.answers and e.answers.get("issues")
    ]


def _explained(digest: Digest, names: Mapping[str, str]) -> list[str]:
    """Return the units that said why their figures are odd, in few words each."""
    items = []
    for entry in digest.snapshot.entries:
        said = [
            f"{e.short(digest.form, entry.answers or {})} – {e.reason}"
            for e in entry.explained
            if entry.received
        ]
        if said:
            items.append(text.shortened(f"{names[entry.unit]}: {'; '.join(said)}", _REMARK_WIDTH))
    return items


def _doubted(digest: Digest, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the units whose figures were doubted, each with what was asked and answered."""
    return "Giải trình số liệu", [
        f"{names[e.unit]}: {' '.join(map(doubt_messages.answered, e.explanations))}"
        for e in digest.snapshot.entries
        if e.received and e.explanations
    ]


def _sums(digest: Digest, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the units that sum others and whose figures are not that sum, each with the figures.

    Which of their units have not reported is told, since it may be all that differs.
    """
    items: dict[str, str] = {}
    for gap in gaps(digest.form, digest.snapshot.entries):
        figures = f"{gap.field.label} {text.number(gap.figure)}, cộng lại {text.number(gap.summed)}"
        before = items.get(gap.entry.unit)
        missing = f" ({len(gap.missing)} đơn vị chưa báo cáo)" if gap.missing else ""
        first = f"{names[gap.entry.unit]}{missing}: {figures}"
        items[gap.entry.unit] = f"{before}; {figures}" if before else first
    return "Số tổng hợp lệch", list(items.values())


def _remark(said: str) -> str:
    """Return what a person typed as it may be posted: one line, phone numbers masked."""
    return text.mask_phones(text.one_line(said))


def _notes(entries: Sequence[Entry], names: Mapping[str, str]) -> list[str]:
    return [f"{label}: {unit}" for label, units in noted(entries, names) for unit in units]


_SECTIONS: Mapping[Section, Callable[[Digest, Mapping[str, str]], tuple[str, list[str]]]] = {
    Section.COUNTERS: _counter_details,
    Section.URGENT: lambda d, n: ("Cấp thiết chưa giải quyết đủ", _urgent_below(d.snapshot, n)),
    Section.OVERDUE: lambda d, n: ("Hồ sơ quá hạn chưa trả", _overdue(d.snapshot, n)),
    Section.MISSING: lambda d, n: (
        "Chưa báo cáo",
        [n[e.unit] for e in _missing(d.snapshot.entries)],
    ),
    Section.REMARKS: lambda d, _: ("Khó khăn", _remarks(d.snapshot)),
    Section.NOTES: lambda d, n: ("Báo cáo có ghi chú", _notes(d.snapshot.entries, n)),
    Section.EXPLAINED: _doubted,
    Section.SUMS: _sums,
}
_LABELS = {
    Section.COUNTERS: "Quầy",
    Section.URGENT: "Cấp thiết",
    Section.OVERDUE: "Quá hạn",
    Section.MISSING: "Chưa báo cáo",
    Section.REMARKS: "Khó khăn",
    Section.NOTES: "Ghi chú",
    Section.EXPLAINED: "Giải trình",
    Section.SUMS: "Đối chiếu",
}


def _line(head: str, items: Sequence[str], command: str, of: str = "đơn vị") -> str:
    """Return "- head: a; b và 12 đơn vị khác (/lệnh)"."""
    return f"- {head}: {_listed(items, command, of)}"


def _listed(items: Sequence[str], command: str, of: str = "đơn vị") -> str:
    """Return "a; b và 12 đơn vị khác (/lệnh)", short enough for about three phone lines.

    Semicolons part the units, because a unit's name may hold a comma.
    """
    shown = _fitting(items, "; ", _LIST_WIDTH)
    return " ".join(["; ".join(shown), *_more(len(items) - len(shown), command, of)])


def _fitting(items: Iterable[str], parted_by: str, width: int) -> list[str]:
    """Return the first items that fit in a width, in UTF-16 units; always at least one."""
    shown: list[str] = []
    for item in items:
        if shown and text.utf16_length(parted_by.join([*shown, item])) > width:
            break
        shown.append(item)
    return shown


def _more(left: int, command: str, of: str = "đơn vị") -> list[str]:
    return [f"và {left} {of} khác ({command})"] if left > 0 else []


def _edition_line(last: DaySnapshot, now: DaySnapshot) -> str:
    """Return "- 18h30. Mới báo cáo: a; b. Có sửa: c"; "" when no unit has news."""
    said = [f". {label}: {_listed(names, '/tonghop')}" for label, names in _changed(last, now)]
    return f"- {_taken(now)}{''.join(said)}" if said else ""


def _changed(last: DaySnapshot, now: DaySnapshot) -> list[tuple[str, list[str]]]:
    """Return what became of units since the last edition, and the names of those units."""
    old = {e.unit: e for e in last.entries}
    names = _names(now.entries)
    found: dict[str, list[str]] = {}
    for entry in now.entries:
        if label := _news_of(old.get(entry.unit), entry):
            found.setdefault(label, []).append(names[entry.unit])
    return [(label, found[label]) for label in _NEWS if label in found]


_CAME, _CORRECTED, _AMENDED = "Mới báo cáo", "Có sửa", "Bổ sung sau khóa"
_EXEMPTED, _LIFTED = "Tạm miễn báo cáo", "Bỏ tạm miễn"
_EXPLAINED = "Có giải trình"
_IN_FULL = {_CORRECTED: "Có sửa số liệu", _EXPLAINED: "Có giải trình số liệu"}
_NEWS = (_CAME, _CORRECTED, _EXPLAINED, _AMENDED, _EXEMPTED, _LIFTED)


def _news_of(before: Entry | None, now: Entry) -> str:
    """Return what became of a unit; "" when nothing did."""
    if before is not None and before.expected is not now.expected:
        news = _CAME if now.received else _LIFTED
        return news if now.expected else _EXEMPTED
    if not now.received:
        return ""
    if before is not None and before.answers == now.answers:
        return _EXPLAINED if before.explained != now.explained else ""
    if now.status is Status.AMENDED:
        return _AMENDED
    return _CORRECTED if before is not None and before.received else _CAME


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    full = {e.unit: _short(e.name) for e in entries}
    shared = {name for name, units in Counter(full.values()).items() if units > 1}
    by_unit = {e.unit: e for e in entries}

    def named(entry: Entry) -> str:
        name = full[entry.unit]
        parent = by_unit.get(entry.parent or "")
        return f"{name} ({_short(parent.name)})" if name in shared and parent else name

    return {e.unit: named(e) for e in entries}


def _short(name: str) -> str:
    for long, short in _SHORT:
        if name.startswith(long):
            return short + name.removeprefix(long)
    return name
