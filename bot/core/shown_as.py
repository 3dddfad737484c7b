"""How a report is shown to those who read it: the last column of the table of DESIGN §5."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.core.life import Status
from bot.core.rollup import Entry
from bot.core.text import mask_phones, one_line, shortened

_LONGEST_NOTE = 60

_SHOWN = {
    Status.MISSING: "chưa báo cáo",
    Status.DRAFT: "đang nhập, chưa gửi",
    Status.ON_TIME: "đã báo cáo đúng hạn",
    Status.LATE: "đã báo cáo, chậm",
    Status.CORRECTED: "đã báo cáo, có sửa",
    Status.RETURNED: "đang sửa theo yêu cầu",
    Status.ENTERED_FOR: "nhập thay",
    Status.AMENDED: "bổ sung sau khóa",
    Status.EXEMPT: "được tạm miễn báo cáo",
}


def shown_as(entry: Entry) -> str:
    """Return how a report stands, in words: "nhập thay (Trần Văn Bình), chậm, chờ duyệt"."""
    said = _SHOWN[entry.status]
    if entry.reason:
        return f"{said} ({_note(entry.reason)}){_awaits(entry)}"
    by = f" ({_note(entry.entered_by)})" if entry.entered_by else ""
    told_already = entry.status is Status.LATE
    late = ", chậm" if entry.received and not entry.on_time and not told_already else ""
    return f"{said}{by}{late}{_awaits(entry)}"


def noted(entries: Sequence[Entry], names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return the units whose reports are not as others are, by what they are: label, units."""
    kinds: Iterable[tuple[str, Callable[[Entry], bool], Callable[[Entry], str]]] = (
        ("Tạm miễn báo cáo", lambda e: e.status is Status.EXEMPT, lambda e: e.reason),
        ("Nhập thay", lambda e: bool(e.entered_by) and e.received, lambda e: e.entered_by),
        ("Đang sửa theo yêu cầu", lambda e: e.status is Status.RETURNED, lambda _: ""),
        ("Bổ sung sau khóa", lambda e: e.status is Status.AMENDED, lambda _: ""),
        ("Chờ duyệt", lambda e: e.awaits and e.received, lambda _: ""),
    )
    found = (
        (label, [_named(names[e.unit], note(e)) for e in entries if holds(e)])
        for label, holds, note in kinds
    )
    return [(label, units) for label, units in found if units]


def _named(unit: str, note: str) -> str:
    return f"{unit} ({_note(note)})" if note else unit


def _awaits(entry: Entry) -> str:
    return ", chờ duyệt" if entry.awaits and entry.received else ""


def _note(said: str) -> str:
    """Return what a person typed as it may be posted: short, phone numbers masked."""
    return shortened(mask_phones(one_line(said)), _LONGEST_NOTE)
