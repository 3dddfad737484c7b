"""Until when a reopened report may be sent, and what a person may still ask about."""

from datetime import date, datetime

from bot.core.office import Office


def open_until(office: Office, day: date, now: datetime) -> datetime:
    """Return when a report that is reopened now is locked again.

    That is the next working day's morning, as for any other correction; a report of a week whose
    paper is still to be issued is needed before that.
    """
    morning = datetime.combine(
        office.calendar.next_working_day(now.date()), office.times.morning_at, office.zone
    )
    issue_by = office.week_of(day).issue_by
    return min(morning, issue_by) if now < issue_by else morning


def newest_reporting_day(office: Office, now: datetime) -> date:
    """Return today, or on a day off the reporting day before."""
    today = now.astimezone(office.zone).date()
    calendar = office.calendar
    return today if calendar.is_reporting_day(today) else calendar.previous_reporting_day(today)


def newest_locked_day(office: Office, now: datetime) -> date:
    """Return the newest reporting day that is locked."""
    day = newest_reporting_day(office, now)
    while not office.period(day).locked(now):
        day = office.calendar.previous_reporting_day(day)
    return day
