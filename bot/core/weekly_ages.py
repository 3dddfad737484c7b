"""What the weekly report says about standing facts that nobody has stated for long."""

from datetime import timedelta

from bot.core import text
from bot.core.paper import Block, Para
from bot.core.weekly_record import WeekRecord


def old_facts(record: WeekRecord) -> list[Block]:
    """Return one line that names the old facts, with how many units each is of; nothing for none.

    Age is counted to the last day of the week, over the units whose figures are added.
    """
    if record.form.ages is None:
        return []
    last = record.days[-1]
    stated = [record.stated_on.get(w.last.unit, {}) for w in record.counted]
    old = [f for s in stated for f in record.form.old(s, last)]
    if not old:
        return []
    counted = [
        f"{f.label} ({text.number(old.count(f))} đơn vị)" for f in record.form.fields if f in old
    ]
    before = last - timedelta(days=record.form.ages.shown_after)
    said = f"Giữ nguyên theo báo cáo trước ngày {text.day_short(before)}"
    return [Para(f"{said}: {'; '.join(counted)}.")]
