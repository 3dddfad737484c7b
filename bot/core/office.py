"""An office: its settings, as kept in the database, turned into values that the rest works with.

Settings are a flat mapping of dotted keys to JSON values: {"times.cut_off": "16:30", ...}. They are
seeded from a profile (bot/profiles/) and changed by command.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import text
from bot.core.calendar import Calendar
from bot.core.form import Form
from bot.core.periods import (
    Down,
    MovedFriday,
    Period,
    Times,
    Week,
    moved,
    period_of,
    week_named,
    week_of,
)
from bot.core.schedule import Occurrence, due_occurrences
from bot.core.weekly import Letterhead

Settings = Mapping[str, Any]


class OfficeError(Exception):
    """Office settings that cannot be used; the message names the key, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Office:
    """One office that runs the bot.

    Attributes:
        name: as it stands in a sentence: "tỉnh Vĩnh Phúc".
        root: code of the unit at the top of its directory.
        contact: whom a stranger or a locked-out person is told to ask.
    """

    id: str
    name: str
    zone: ZoneInfo
    root: str
    form: Form
    times: Times
    calendar: Calendar
    contact: str
    letterhead: Letterhead
    outages: tuple[Down, ...] = ()
    _periods: dict[date, Period] = field(default_factory=dict, init=False, compare=False)

    def period(self, day: date) -> Period:
        """Return the period of a reporting day; the same few are asked for with every message."""
        if day not in self._periods:
            period = period_of(day, calendar=self.calendar, times=self.times, zone=self.zone)
            self._periods[day] = moved(period, self.outages)
        return self._periods[day]

    def week_of(self, day: date) -> Week:
        """Return the week that covers a reporting day."""
        return week_of(day, calendar=self.calendar, times=self.times, zone=self.zone)

    def week_named(self, week_id: str) -> Week:
        """Return the week of an id such as "2020-W16".

        Raises:
            ValueError: there is no such week.
        """
        return week_named(week_id, calendar=self.calendar, times=self.times, zone=self.zone)

    def due(self, *, since: datetime, until: datetime) -> list[Occurrence]:
        """Return what is due after `since` and not after `until`, oldest first."""
        return due_occurrences(
            since=since, until=until, calendar=self.calendar, times=self.times, zone=self.zone
        )

    def open_periods(self, now: datetime) -> list[Period]:
        """Return the days that a unit may report about at a moment, oldest first.

        That is today, before or after it is asked, and the reporting days before it until they
        are locked.
        """
        today = now.astimezone(self.zone).date()
        day = today
        if not self.calendar.is_reporting_day(today):
            day = self.calendar.previous_reporting_day(today)
        periods: list[Period] = []
        while not (period := self.period(day)).locked(now):
            periods.insert(0, period)
            day = self.calendar.previous_reporting_day(day)
        return periods


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a tree of tables as one flat mapping with dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def office_from(settings: Settings, *, form: Form, calendar: Calendar) -> Office:
    """Return the office that the settings describe.

    Times that are not given keep their defaults.

    Raises:
        OfficeError: a key is missing, unknown or has a wrong value.
    """
    values = _parsed(settings)
    return Office(
        id=values["id"],
        name=values["name"],
        zone=values["zone"],
        root=values["root"],
        form=form,
        times=_times(values),
        calendar=calendar,
        contact=values["contact"],
        letterhead=Letterhead(**_group(values, "letterhead.")),
    )


def with_own_days(public: Calendar, settings: Settings) -> Calendar:
    """Return the public calendar with the office's own days off and worked days on top.

    Raises:
        OfficeError: as `office_from`.
    """
    own = _group(_parsed(settings), "calendar.")
    days_off: dict[date, str] = own.get("days_off", {})
    return Calendar(
        days_off={**public.days_off, **days_off},
        working_days=public.working_days - days_off.keys() | own.get("working_days", frozenset()),
        every_day=own.get("every_day", False),
    )


def _parsed(settings: Settings) -> dict[str, Any]:
    if unknown := sorted(settings.keys() - _PARSERS.keys()):
        raise OfficeError(f"Cấu hình cơ quan: không có khóa {', '.join(unknown)}.")
    if missing := sorted(_REQUIRED - settings.keys()):
        raise OfficeError(f"Cấu hình cơ quan: thiếu khóa {', '.join(missing)}.")
    return {key: _value(key, raw) for key, raw in settings.items()}


def _value(key: str, raw: object) -> Any:
    try:
        return _PARSERS[key](raw)
    except ValueError as error:
        raise OfficeError(f"Cấu hình cơ quan: {key}: {error}.") from error


def _group(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}


def _times(values: Mapping[str, Any]) -> Times:
    try:
        return Times(**_group(values, "times."))
    except ValueError as error:
        raise OfficeError(
            "Cấu hình cơ quan: times: giờ sau phải muộn hơn giờ trước, theo thứ tự "
            "closes_at, cut_off, digest_at, update_at; prompt_at, reminders, cut_off; "
            "morning_at trước digest_at, issue_by và slip_at."
        ) from error


def _words(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("phải là chữ, không để trống")
    return text.one_line(raw)


def _words_or_none(raw: object) -> str:
    return "" if raw == "" else _words(raw)


def _list(raw: object) -> list[Any]:
    if not isinstance(raw, list):
        raise ValueError("phải là danh sách")
    return raw


def _lines(raw: object) -> tuple[str, ...]:
    return tuple(map(_words, _list(raw)))


def _zone(raw: object) -> ZoneInfo:
    try:
        return ZoneInfo(_words(raw))
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of zones, ill-formed
        raise ValueError("không có múi giờ này, ví dụ đúng: Asia/Ho_Chi_Minh") from error


def _time(raw: object) -> time:
    if not isinstance(raw, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", raw, re.ASCII):
        raise ValueError("phải là giờ, ví dụ 16:30")
    return time.fromisoformat(raw)


def _time_or_never(raw: object) -> time | None:
    return None if raw == "" else _time(raw)


def _two_times(raw: object) -> tuple[time, time]:
    match _list(raw):
        case [first, last]:
            return _time(first), _time(last)
    raise ValueError("phải gồm đúng hai giờ")


def _moved_friday(raw: object) -> MovedFriday:
    try:
        return MovedFriday(_words(raw))
    except ValueError as error:
        raise ValueError(f"phải là một trong: {', '.join(MovedFriday)}") from error


def _day(raw: object) -> date:
    try:
        return date.fromisoformat(_words(raw))
    except ValueError as error:
        raise ValueError("phải là ngày, ví dụ 2020-04-30") from error


def _day_or_none(raw: object) -> date | None:
    return None if raw == "" else _day(raw)


def _days(raw: object) -> frozenset[date]:
    return frozenset(map(_day, _list(raw)))


def _named_days(raw: object) -> dict[date, str]:
    days: dict[date, str] = {}
    for item in _list(raw):
        match item:
            case {"day": day, "name": name, **other} if not other:
                days[_day(day)] = _words(name)
            case _:
                raise ValueError("mỗi ngày nghỉ gồm day và name")
    return days


def _yes_no(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("phải là true hoặc false")
    return raw


_PARSERS: Mapping[str, Callable[[object], object]] = {
    "id": _words,
    "name": _words,
    "zone": _zone,
    "root": _words,
    "form": _words,
    "contact": _words,
    "times.closes_at": _time,
    "times.prompt_at": _time,
    "times.reminders": _two_times,
    "times.cut_off": _time,
    "times.digest_at": _time,
    "times.update_at": _time,
    "times.morning_at": _time,
    "times.issue_by": _time,
    "times.moved_friday": _moved_friday,
    "times.slip_at": _time_or_never,
    "calendar.days_off": _named_days,
    "calendar.working_days": _days,
    "calendar.every_day": _yes_no,
    "approval.required": _yes_no,
    "approval.since": _day_or_none,
    "letterhead.parent": _words_or_none,
    "letterhead.body": _lines,
    "letterhead.body_in_text": _words,
    "letterhead.suffix": _words,
    "letterhead.place": _words,
    "letterhead.addressees": _lines,
    "letterhead.authority": _lines,
    "letterhead.signer": _words_or_none,
    "letterhead.recipients": _lines,
    "letterhead.bases": _lines,
}
_OPTIONAL = ("times.", "calendar.", "approval.")
_REQUIRED = {key for key in _PARSERS if not key.startswith(_OPTIONAL)}
