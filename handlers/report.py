"""A focal point reports: the whole form, question by question, nothing arose, correct, show.

The hot path: everything is loaded, the core decides, nothing is queried here.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from bot.core import dialogue, messages
from bot.core.desk import Desk, Step, Turn
from bot.core.life import Life
from bot.core.office import Office
from bot.core.periods import Period
from bot.core.text import fold
from handlers.scene import Scene, reply
from storage.conversations import Held, Papers
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
    """/baocao: the form of the day that is owed; "/baocao 2" chooses among several units."""
    held = scene.case.reporting
    chosen = _chosen(held, scene.argument)
    if chosen is None:
        return Decision(reply(scene, messages.choose_unit([h.name for h in held])))
    return _talk(scene, chosen, dialogue.open_form)


def nothing_arose(scene: Scene) -> Decision:
    """/khongphatsinh: no dossier today."""
    return _at_hand(scene, dialogue.nothing_arose)


def show(scene: Scene) -> Decision:
    """/xem: what was sent."""
    return _at_hand(scene, dialogue.show_sent, sent=True)


def correct(scene: Scene) -> Decision:
    """/sua: change what was sent."""
    cursor = scene.case.cursor
    return _at_hand(scene, lambda desk: dialogue.correct(desk, cursor, scene.argument), sent=True)


def hear(scene: Scene) -> Decision:
    """Anything that is not a command."""
    case = scene.case
    sent = fold(case.inbound.text).lstrip().startswith("sua")
    return _at_hand(
        scene, lambda desk: dialogue.hear(desk, case.cursor, case.inbound.text), sent=sent
    )


def _chosen(held: list[Held], argument: str) -> Held | None:
    """Return the unit meant by "2" or by a part of its name; the only one needs no choice."""
    if len(held) == 1:
        return held[0]
    wanted = fold(argument.strip())
    if wanted.isdecimal() and 1 <= int(wanted) <= len(held):
        return held[int(wanted) - 1]
    named = [h for h in held if wanted and wanted in fold(h.name)]
    return named[0] if len(named) == 1 else None


def _at_hand(scene: Scene, talk: Callable[[Desk], Turn], *, sent: bool = False) -> Decision:
    """Go on with the unit that the person was last talking about, or ask which one."""
    held = scene.case.reporting
    unit = next((h for h in held if h.unit_id == scene.case.cursor_unit), None)
    # Nothing was asked lately: figures may be meant for any of the units.
    if len(held) > 1 and (unit is None or scene.case.cursor.step is Step.IDLE):
        return Decision(reply(scene, messages.choose_unit([h.name for h in held])))
    return _talk(scene, unit or held[0], talk, sent=sent)


def _talk(
    scene: Scene, unit: Held, talk: Callable[[Desk], Turn], *, sent: bool = False
) -> Decision:
    """Let the core decide on the unit's desk, and turn what it says into what is kept."""
    papers = scene.case.papers.get(unit.unit_id, Papers())
    period = _period(scene, unit, papers, sent=sent)
    desk = desk_of(scene, unit, papers, period)
    turn = talk(desk)
    changed = turn.draft != desk.draft or turn.submission is not None
    return Decision(
        messages=reply(scene, turn.says),
        cursor=turn.cursor,
        cursor_unit=unit.unit_id,
        work=Work(unit.unit_id, period.day, turn.draft, turn.submission) if changed else None,
        audit=_audit(desk, turn),
    )


def _period(scene: Scene, unit: Held, papers: Papers, *, sent: bool) -> Period:
    """Return the day that is meant: the one at hand, else the oldest open one still owed.

    Args:
        sent: the person speaks of a report that was sent or begun: the newest such day is meant,
            even when it is locked.
    """
    office = scene.office
    periods = office.open_periods(scene.now)
    done = {day for day, kept in papers.reports.items() if kept.newest or kept.life.exempt_reason}
    begun = {p.day for p in periods if p.day in papers.drafts}
    at_hand = scene.case.cursor.day if scene.case.cursor_unit == unit.unit_id else None
    spoken_of = at_hand in done | begun if sent else True
    if at_hand is not None and spoken_of and _goes_on(scene, at_hand, papers, periods):
        return office.period(at_hand)
    if sent and (done or begun):
        return office.period(max(done | begun))
    owed = [p for p in periods if p.day not in done and _held_then(unit, p.day)]
    return owed[0] if owed else _newest(scene, periods)


def _goes_on(scene: Scene, day: date, papers: Papers, periods: list[Period]) -> bool:
    """Whether the day at hand is still meant.

    It is while it is open. When it was locked half entered the person must learn of it, but not
    any more once the next day is asked.
    """
    if any(p.day == day for p in periods):
        return True
    return day in papers.drafts and bool(periods) and scene.now < periods[-1].closes_at


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
    inbound, received_at = scene.case.inbound, scene.case.received_at
    # A messenger's clock may run ahead of ours, but nothing was sent after it arrived.
    sent_at = min(inbound.sent_at or received_at, received_at)
    return desk_at(scene.office, unit, papers, period, now=scene.now, sent_at=sent_at)


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
        life=kept.life if kept else Life(),
        draft=papers.drafts.get(period.day),
    )


def _audit(desk: Desk, turn: Turn) -> Audit | None:
    """Return the line of the record: a report sent, or what a correction changed."""
    if turn.submission is None:
        return None
    subject = f"{desk.unit}/{desk.period.day.isoformat()}"
    if desk.sent is None:
        return Audit("report sent", subject, {"revision": 1})
    old, new = desk.sent.answers, turn.submission.answers
    changed = {k: [old.get(k), new.get(k)] for k in {**old, **new} if old.get(k) != new.get(k)}
    revision = turn.submission.life.revisions
    return Audit("report corrected", subject, {"revision": revision, "changed": changed})
