"""What comes with the program: profiles of offices, forms, and the public holidays of Vietnam."""

import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

from bot.core.calendar import Calendar
from bot.core.form import Form, form_from
from bot.core.office import Settings, flatten, with_own_days


class UnknownName(Exception):
    """No profile or form has this name; the message lists those that exist, in Vietnamese."""


def profile_settings(name: str) -> dict[str, Any]:
    """Return the settings with which an office starts, as dotted keys with JSON values.

    Raises:
        UnknownName: there is no such profile.
    """
    return flatten(_tables("profiles", name, "hồ sơ cơ quan"))


def read_form(form_id: str) -> Form:
    """Return a form that comes with the program.

    Raises:
        UnknownName: there is no such form.
        FormError: its file cannot be used.
    """
    return form_from(_tables("forms", form_id, "biểu mẫu"))


def calendar_from(settings: Settings, years: Iterable[int]) -> Calendar:
    """Return an office's calendar: public holidays, exchanged days, and its own days on top.

    Args:
        years: the years whose public holidays are known; in others only weekends are off.

    Raises:
        OfficeError: the office's own days are written wrongly.
    """
    return with_own_days(_public_calendar(frozenset(years)), settings)


def _public_calendar(years: frozenset[int]) -> Calendar:
    from holidays import country_holidays  # takes a while to load, and few commands need it

    known = country_holidays("VN", years=years, language="vi")
    # The package also lists exchanged days of years that were not asked for.
    exchanged = frozenset(day for day in known.weekend_workdays if day.year in years)
    return Calendar(days_off=dict(known.items()), working_days=exchanged)


def _tables(folder: str, name: str, kind: str) -> dict[str, Any]:
    files = {
        file.name.removesuffix(".toml"): file
        for file in resources.files("bot").joinpath(folder).iterdir()
        if file.name.endswith(".toml")
    }
    if name not in files:
        raise UnknownName(f'Không có {kind} "{name}". Hiện có: {", ".join(sorted(files))}.')
    return tomllib.loads(files[name].read_text(encoding="utf-8"))
