"""A focal point reports: the whole form, question by question, nothing arose, correct, show.

The hot path: everything is loaded, the core decides, nothing is queried here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import Enum, auto
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.core import dialogue, messages
from bot.core.desk import Cursor, Desk, Step, Turn
from bot.core.life import Life
from bot.core.messages import Says
from bot.core.messaging import Kind
from bot.core.office import Office
from bot.core.orders import leading_day
from bot.core.periods import Period
from bot.core.several import parted
from bot.core.text import clean, fold
from handlers.scene import Scene, asked_of, reply
from storage.conversations import Case, Held
from storage.papers import Papers
from storage.writer import Audit, Decision, Work


class Named(Protocol):
    """A unit as the conversation names it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...


def begin(scene: Scene) -> Decision:
    """/baocao: the form of the day that is owed; "/baocao 2" chooses among several units.

    "/baocao 14/4" is about that day, which may have been reopened.
    """
    day, argument = _day_named(scene)
    chosen = _chosen(scene.case.reporting, argument)
    return _talk(scene, chosen, dialogue.open_form, meant=Meant.OPEN, day=day)


def nothing_arose(scene: Scene) -> Decision:
    """/khongphatsinh: no dossier today."""
    return _talk(scene, _at_hand(scene), dialogue.nothing_arose, meant=Meant.AT_HAND)


def desk_meant(scene: Scene, *, meant: "Meant") -> tuple[Held, Desk] | Says:
    """Return the unit and day that are named after a command, or why it is not clear which."""
    day, argument = _day_named(scene)
    unit = _chosen(scene.case.reporting, argument) or _last_named(scene)
    return _desk_of_unit(scene, unit, meant, day)


def decide(scene: Scene, meant: tuple[Held, Desk] | Says, talk: Callable[[Desk], Turn]) -> Decision:
    """Let the core decide on what is meant, or say why it is not clear."""
    if isinstance(meant, Says):
        return Decision(reply(scene, meant))
    return _heard(scene, *meant, talk)


def correct(scene: Scene) -> Decision:
    """/sua: change what was sent, on the newest day or on that of "/sua 14/4"."""
    cursor = scene.case.cursor
    day, argument = _day_named(scene)
    return _talk(
        scene,
        _last_named(scene),
        lambda desk: dialogue.correct(desk, cursor, argument),
        meant=Meant.SENT,
        day=day,
    )


def hear(scene: Scene) -> Decision:
    """Anything that is not a command."""
    case = scene.case
    if case.inbound.kind is Kind.EDITED:
        return _hear_anew(scene)
    if named := _named(scene):
        return _hear_about(scene, *named)
    several = [held.name for held in case.reporting] if len(case.reporting) > 1 else []
    parts = parted(clean(case.inbound.text), several)
    if len(parts) > 1:
        return _hear_of_several(scene, parts)
    if parts:
        return _hear_of_named(scene, *parts[0])
    sent = fold(case.inbound.text).lstrip().startswith("sua")
    return _talk(
        scene,
        _last_named(scene) if sent else _at_hand(scene),
        lambda desk: dialogue.hear(desk, case.cursor, case.inbound.text),
        meant=Meant.SENT if sent else Meant.AT_HAND,
    )


def _hear_of_named(scene: Scene, number: int, said: str) -> Decision:
    """ "Tích Sơn: trực tiếp 5" is about that unit, whichever was spoken of before."""
    unit = scene.case.reporting[number]
    goes_on = scene.case.cursor_unit == unit.unit_id
    cursor = scene.case.cursor if goes_on else Cursor()
    return _talk(scene, unit, lambda desk: dialogue.hear(desk, cursor, said), meant=Meant.AT_HAND)


def _hear_of_several(scene: Scene, parts: Sequence[tuple[int, str]]) -> Decision:
    """One message reports several units: what is whole and certain is sent, the rest is asked.

    The receipts repeat what was understood; of units that are not done, the first is gone on with.
    """
    told = [_heard_of_one(scene, scene.case.reporting[number], said) for number, said in parts]
    open_ones = [decision for decision, turn in told if turn.submission is None]
    first = open_ones[0] if open_ones else told[-1][0]
    buttons = next((turn.says.buttons for d, turn in told if d is first and open_ones), ())
    says = messages.of_several([turn.says.text for _, turn in told], buttons, len(open_ones))
    others = tuple(decision for decision, _ in told if decision is not first)
    return replace(first, messages=reply(scene, says), further=others)


def _heard_of_one(scene: Scene, unit: Held, said: str) -> tuple[Decision, Turn]:
    papers = scene.case.papers.get(unit.unit_id, Papers())
    desk = desk_of(scene, unit, papers, _period(scene, unit, papers, Meant.OPEN))
    desk = replace(desk, brief=True)
    turn = dialogue.hear(desk, Cursor(), said)
    return replace(_kept(scene, unit, desk, turn), stood=None, gave={}), turn


def tapped(scene: Scene) -> Decision:
    """A button other than a command: it must be one that still stands."""
    case, shown = scene.case, scene.case.shown
    named = _named(scene)
    if named is None:
        stands = shown is not None and not shown.asks and shown.screen in case.screens
        return hear(scene) if stands else Decision(reply(scene, messages.old_button()))
    unit, period = named
    sent = _desk_named(scene, unit, period).sent
    if sent is not None:
        return Decision(reply(scene, messages.was_sent(period, sent.sent_at)))
    if period not in scene.office.open_periods(_sent_at(scene)):
        return Decision(reply(scene, messages.day_is_over(period)))
    return _hear_about(scene, unit, period)


def _hear_about(scene: Scene, unit: Held, period: Period) -> Decision:
    """An answer to a form: it is about that unit and day, whatever the person was at."""
    case = scene.case
    at_it = (case.cursor_unit, case.cursor.day) == (unit.unit_id, period.day)
    cursor = case.cursor if at_it and case.inbound.tap is None else Cursor()
    desk = _desk_named(scene, unit, period)
    return _heard(scene, unit, desk, lambda d: dialogue.hear(d, cursor, case.inbound.text))


def _named(scene: Scene) -> tuple[Held, Period] | None:
    """Return the unit and day of the form that was tapped or replied to, if it is the person's."""
    asks = scene.case.shown.asks if scene.case.shown else None
    held = {asked_of(h.code, day): (h, day) for h in scene.case.reporting for day in _days(asks)}
    if asks not in held:
        return None
    unit, day = held[asks]
    return unit, scene.office.period(day)


def _days(asks: str | None) -> list[date]:
    return [date.fromisoformat(asks.rpartition("/")[2])] if asks else []


def _desk_named(scene: Scene, unit: Held, period: Period) -> Desk:
    return desk_of(scene, unit, scene.case.papers.get(unit.unit_id, Papers()), period)


def _hear_anew(scene: Scene) -> Decision:
    """An edited message: it is about the day that it was about when it was first heard."""
    case = scene.case
    heard = [h for h in case.reporting if h.unit_id == case.cursor_unit]
    if case.cursor.day is not None and case.cursor_unit is not None and not heard and case.gave:
        return Decision(reply(scene, messages.edit_of_another_unit()))
    if case.cursor.day is None or not heard:
        return hear(
            replace(scene, case=replace(case, inbound=replace(case.inbound, kind=Kind.SAID)))
        )
    desk = _desk_named(scene, heard[0], scene.office.period(case.cursor.day))
    said = case.inbound.text
    return _heard(
        scene, heard[0], desk, lambda d: dialogue.hear_anew(d, case.cursor, said, case.gave)
    )


def _day_named(scene: Scene) -> tuple[date | None, str]:
    """Return the reporting day with which the argument begins, and the rest of it.

    "6/12" may as well be the staff on duty: it is no day unless it can be reported or was.
    """
    day, rest = leading_day(scene.argument, scene.now.date())
    open_days = {p.day for p in scene.office.open_periods(_sent_at(scene))}
    kept = (papers.drafts.keys() | papers.reports.keys() for papers in scene.case.papers.values())
    known = open_days.union(*kept)
    return (day, rest) if day in known else (None, scene.argument)


def _chosen(held: list[Held], argument: str) -> Held | None:
    """Return the unit meant by "2" or by a part of its name; the only one needs no choice."""
    if len(held) == 1:
        return held[0]
    wanted = fold(argument.strip())
    if wanted.isdecimal() and 1 <= int(wanted) <= len(held):
        return held[int(wanted) - 1]
    named = [h for h in held if wanted and wanted in fold(h.name)]
    return named[0] if len(named) == 1 else None


def _last_named(scene: Scene) -> Held | None:
    """Return the unit that the person was last talking about; the only one needs no talk."""
    held = scene.case.reporting
    named = [h for h in held if len(held) == 1 or h.unit_id == scene.case.cursor_unit]
    return named[0] if named else None


def _at_hand(scene: Scene) -> Held | None:
    """Return the unit that figures are meant for; None when it may be any of several."""
    several = len(scene.case.reporting) > 1
    return None if several and scene.case.cursor.step is Step.IDLE else _last_named(scene)


class Meant(Enum):
    """Which day a message speaks of."""

    OPEN = auto()  # one that can still be reported
    AT_HAND = auto()  # the one that the person was asked about, even when it is locked by now
    SENT = auto()  # the newest that was sent or begun, even when it is locked


def _talk(
    scene: Scene,
    unit: Held | None,
    talk: Callable[[Desk], Turn],
    *,
    meant: Meant,
    day: date | None = None,
) -> Decision:
    """Let the core decide on the unit's desk, and turn what it says into what is kept."""
    return decide(scene, _desk_of_unit(scene, unit, meant, day), talk)


def _desk_of_unit(
    scene: Scene, unit: Held | None, meant: Meant, day: date | None
) -> tuple[Held, Desk] | Says:
    if unit is None:
        names = [h.name for h in scene.case.reporting]
        return messages.choose_unit(names) if names else messages.owes_nothing(scene.office.contact)
    papers = scene.case.papers.get(unit.unit_id, Papers())
    period = scene.office.period(day) if day else _period(scene, unit, papers, meant)
    return unit, desk_of(scene, unit, papers, period)


def _heard(scene: Scene, unit: Held, desk: Desk, talk: Callable[[Desk], Turn]) -> Decision:
    return _kept(scene, unit, desk, talk(desk))


def _kept(scene: Scene, unit: Held, desk: Desk, turn: Turn) -> Decision:
    """Return what is kept of a turn, and said."""
    day = desk.period.day
    changed = turn.draft != desk.draft or turn.submission is not None
    return Decision(
        messages=reply(scene, turn.says),
        cursor=turn.cursor,
        cursor_unit=unit.unit_id,
        work=Work(unit.unit_id, day, turn.draft, turn.submission) if changed else None,
        audit=_audit(desk, turn),
        answered=asked_of(unit.code, day) if turn.submission else None,
        stood=_stood(scene.case, unit, desk),
        gave=turn.gave,
    )


def _stood(case: Case, unit: Held, desk: Desk) -> Cursor | None:
    """Return where the person stood when this was heard; of interest only where it can be edited.

    Values without names that somebody wrote unasked belong to what was missing then.
    """
    if not case.inbound.message_id or case.inbound.kind is Kind.TAPPED:
        return None
    at_it = (case.cursor_unit, case.cursor.day) == (unit.unit_id, desk.period.day)
    if at_it and case.cursor.step is not Step.IDLE:
        return case.cursor
    missing = tuple(f.id for f in desk.missing(desk.draft))
    return Cursor(Step.FORM, desk.period.day, missing, desk.mark(desk.draft))


def _period(scene: Scene, unit: Held, papers: Papers, meant: Meant) -> Period:
    """Return the day that is meant: the one at hand, else the oldest open one still owed.

    What was open is judged by when the message was sent: arriving or handled after an outage, it
    is still about the day of its sending.
    """
    office = scene.office
    if entering := scene.case.enters_for(unit.unit_id):
        return office.period(entering.day)
    sent = meant is Meant.SENT
    periods = _open_periods(scene, papers)
    done = {day for day, kept in papers.reports.items() if kept.newest or kept.life.exempt_reason}
    begun = {p.day for p in periods if p.day in papers.drafts}
    at_hand = scene.case.cursor.day if scene.case.cursor_unit == unit.unit_id else None
    spoken_of = at_hand in done | begun if sent else True
    open_days = {p.day for p in periods}
    goes_on = at_hand in open_days or (meant is Meant.AT_HAND and _lapsed(scene, papers, periods))
    if at_hand is not None and spoken_of and goes_on:
        return office.period(at_hand)
    wanted = _wanted_back(papers, periods) if sent else []
    if wanted:
        return office.period(wanted[0])
    if sent and (done or begun):
        return office.period(max(done | begun))
    owed = [p for p in periods if p.day not in done and _held_then(unit, p.day)]
    return owed[0] if owed else _newest(scene, periods)


def _open_periods(scene: Scene, papers: Papers) -> list[Period]:
    """Return the days that the unit may report about, oldest first: those reopened as well."""
    periods = scene.office.open_periods(_sent_at(scene))
    known = {p.day for p in periods}
    reopened = [
        scene.office.period(day)
        for day, kept in sorted(papers.reports.items())
        if day not in known and kept.life.open_after_lock(scene.now)
    ]
    return [*reopened, *periods]


def _wanted_back(papers: Papers, periods: list[Period]) -> list[date]:
    """Return the open days whose report the unit was asked to correct, oldest first."""
    reports = papers.reports
    asked = (p.day for p in periods if p.day in reports)
    return [d for d in asked if reports[d].newest and reports[d].life.reason]


def _lapsed(scene: Scene, papers: Papers, periods: list[Period]) -> bool:
    """Whether the day at hand was locked while it was being entered.

    The person must learn of it, but not any more once the next day is asked.
    """
    cursor = scene.case.cursor
    entering = cursor.day in papers.drafts or cursor.step is not Step.IDLE
    return entering and bool(periods) and scene.now < periods[-1].closes_at


def _newest(scene: Scene, periods: list[Period]) -> Period:
    """Return the newest open day; when none is open, the one that was locked last."""
    if periods:
        return periods[-1]
    return scene.office.period(scene.office.calendar.previous_reporting_day(scene.now.date()))


def _held_then(unit: Held, day: date) -> bool:
    """Whether the duty was held on the day: who joins today does not owe yesterday."""
    return unit.since <= day


def desk_of(scene: Scene, unit: Held, papers: Papers, period: Period) -> Desk:
    """Return what the conversation needs to know about a unit's day, for the message at hand."""
    frozen = scene.office.week_of(period.day).id <= scene.case.frozen_week
    desk = desk_at(scene.office, unit, papers, period, now=scene.now, sent_at=_sent_at(scene))
    entering = scene.case.enters_for(unit.unit_id)
    return replace(
        desk,
        frozen=frozen,
        brief=scene.counted,
        on_behalf=entering.reason if entering else None,
        to_approve=scene.case.approvals.needed(unit.level, period.day),
    )


def _sent_at(scene: Scene) -> datetime:
    """Return when the update was sent, by the messenger's clock where it gives one.

    That clock may run ahead of ours, but nothing was sent after it arrived.
    """
    received_at = scene.case.received_at
    sent_at = min(scene.case.inbound.sent_at or received_at, received_at)
    return sent_at.astimezone(scene.office.zone)


def desk_at(
    office: Office,
    unit: Named,
    papers: Papers,
    period: Period,
    *,
    now: datetime,
    sent_at: datetime,
) -> Desk:
    """Return the desk of a unit's day from what it has entered and sent lately."""
    earlier = [
        kept.newest
        for day, kept in sorted(papers.reports.items(), reverse=True)
        if day < period.day and kept.newest
    ]
    kept = papers.reports.get(period.day)
    before = office.calendar.previous_reporting_day(period.day)
    newest = kept.newest if kept else None
    return Desk(
        unit=unit.code,
        unit_name=unit.name,
        level=unit.level,
        form=office.form,
        period=period,
        now=now,
        sent_at=sent_at,
        contact=office.contact,
        earlier=earlier[0] if earlier else None,
        follows_on=bool(earlier) and earlier[0].day == before,
        sent=replace(newest, sent_at=newest.sent_at.astimezone(office.zone)) if newest else None,
        life=_local(kept.life, office.zone) if kept else Life(),
        draft=papers.drafts.get(period.day),
        usual=papers.usual,
    )


def _local(life: Life, zone: ZoneInfo) -> Life:
    """Return a life whose deadline can be told to people."""
    return replace(life, open_until=life.open_until and life.open_until.astimezone(zone))


def _audit(desk: Desk, turn: Turn) -> Audit | None:
    """Return the line of the record: a report sent, or what a correction changed, and why."""
    sent = turn.submission
    if sent is None:
        return None
    subject = f"{desk.unit}/{desk.period.day.isoformat()}"
    old = desk.sent.answers if desk.sent else {}
    changed = {
        k: [old.get(k), sent.answers.get(k)]
        for k in {**old, **sent.answers}
        if desk.sent and old.get(k) != sent.answers.get(k)
    }
    detail = {
        "revision": sent.life.revisions,
        **({"changed": changed} if desk.sent else {}),
        **({"reason": sent.reason} if sent.reason else {}),
        **({"for_another": True} if sent.life.entered_for else {}),
        **({"after_lock": True} if sent.after_lock else {}),
    }
    return Audit("report corrected" if desk.sent else "report sent", subject, detail)
