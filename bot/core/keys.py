"""Keys of messages, read back: what a message was about, without looking at its words."""

from collections.abc import Mapping
from datetime import date

from bot.core.text import day_short

_ABOUT_A_UNIT = {
    "prompt": "mẫu báo cáo",
    "reminder_1": "tin nhắc báo cáo",
    "reminder_2": "tin nhắc báo cáo",
    "escalation": "danh sách đơn vị chưa báo cáo",
}


def subject(key: str, units: Mapping[str, str]) -> str:
    """Return what a message is, as it stands in a sentence: "tin trả lời".

    Args:
        key: as in `Outbound.key`, which begins with "digest@2020-04-16/1/", "reply/" and so on.
        units: names of units by code; a unit that is not among them is named by its code.

    Raises:
        ValueError: the key names a day that is none.
    """
    head, *rest = key.split("/")
    kind, _, when = head.partition("@")
    match kind, rest:
        case "digest", ["1", *_]:
            return f"Tổng hợp ngày {_day(when)}"
        case "digest", _:
            return f"bản cập nhật Tổng hợp ngày {_day(when)}"
        case _, [unit, *_] if kind in _ABOUT_A_UNIT:
            return f"{_ABOUT_A_UNIT[kind]} ngày {_day(when)} của {units.get(unit, unit)}"
        case "week", _:
            return f"tin khóa số liệu tuần {when}"
        case "request", [number, *_]:
            return f"tin về đề nghị số {number}"
        case "reply", _:
            return "tin trả lời"
        case _:
            return "thông báo"


def _day(when: str) -> str:
    return day_short(date.fromisoformat(when))
