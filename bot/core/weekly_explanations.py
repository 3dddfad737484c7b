"""What the weekly report says about figures that were odd: the part "Giải trình số liệu"."""

from collections.abc import Iterator, Sequence

from bot.core import text
from bot.core.explanations import Explanation
from bot.core.paper import Block, Heading, Item, Para
from bot.core.weekly_record import WeekRecord, full_name

_LISTED = 40
"""More than this nobody reads in a paper; the rest is counted, and shown on request."""


def explanations(record: WeekRecord) -> list[Block]:
    """Return the explanations of the week by unit; nothing when no figure was doubted."""
    if not record.explanations:
        return []
    items = list(_items(record))
    all_said = [e for said in record.explanations.values() for _, e in said]
    confirmed = sum(not e.explained for e in all_said)
    blocks: list[Block] = [Heading("7. Giải trình số liệu", 2)]
    if items:
        blocks.append(Para("Các đơn vị có số liệu khác thường đã giải trình như sau:"))
        blocks += items[:_LISTED]
    if len(items) > _LISTED:
        blocks.append(_rest(len(items) - _LISTED))
    if confirmed:
        also = "Ngoài ra, có" if items else "Trong kỳ có"
        said = f"{text.number(confirmed)} số liệu khác thường được đơn vị xác nhận là đúng"
        blocks.append(Para(f"{also} {said}."))
    return blocks


def _rest(more: int) -> Para:
    return Para(f"Còn {text.number(more)} lượt giải trình khác được lưu tại hệ thống báo cáo.")


def _items(record: WeekRecord) -> Iterator[Item]:
    """Yield an item for each unit and day: what was odd, and why."""
    for group in record.groups:
        for week in group.weeks:
            said = record.explanations.get(week.last.unit, ())
            for day in dict.fromkeys(day for day, e in said if e.explained):
                why = _on_day([e for on, e in said if on == day and e.explained])
                name = full_name(group.title, week)
                yield Item(f"- {name}, ngày {text.day_short(day)}: {why}.")


def _on_day(explained: Sequence[Explanation]) -> str:
    """Return what was explained on one day; a reason given for several doubts stands once."""
    by_reason: dict[str, list[str]] = {}
    for explanation in explained:
        by_reason.setdefault(explanation.reason, []).append(explanation.says.rstrip("."))
    return "; ".join(
        f"{'; '.join(doubts)} (giải trình: {reason})" for reason, doubts in by_reason.items()
    )
