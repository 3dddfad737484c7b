"""What a batch of updates needs to be decided: who speaks, where they stand, what was reported.

All of a batch is loaded in a fixed number of statements, whatever its size.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    and_,
    bindparam,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core import approval
from bot.core.approval import Approvals, approvals_from
from bot.core.choices import number_in
from bot.core.desk import Cursor, Step
from bot.core.form import Answers
from bot.core.messaging import Button, Fate, Inbound, Kind, Tap
from bot.core.snapshot import answers_from
from storage.papers import Papers, papers_of
from storage.tables import (
    Address,
    CursorRow,
    Duty,
    GroupChat,
    InboxUpdate,
    OutboxMessage,
    Setting,
    SnapshotRow,
    Unit,
    UnitVersion,
    columns,
    literally,
    valid_on,
)

_inbox = columns(InboxUpdate)
_earlier = inspect(InboxUpdate).local_table.alias().c
_address = columns(Address)
_duty = columns(Duty)
_unit = columns(Unit)
_version = columns(UnitVersion)
_cursor = columns(CursorRow)
_group = columns(GroupChat)
_out = columns(OutboxMessage)
_later = inspect(OutboxMessage).local_table.alias().c
_snapshot = columns(SnapshotRow)
_setting = columns(Setting)

_WAITING = literally("waiting")

REPORTERS = ("focal_point", "deputy")
STAND_IN = "stand_in"
"""What somebody is, for as long as they enter a report for another unit."""

_WAITS_FOR_A_REASON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Held:
    """A duty that somebody holds, with the unit as it is today."""

    role: str
    unit_id: int
    code: str
    name: str
    level: str
    reports: bool
    since: date


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours that somebody tapped or replied to.

    Attributes:
        id: of its row in the outbox.
        screen: as in `Outbound.screen`.
        posted: key of the message in the chat, by which it can be edited.
        says: what the tapped button says; "" for a reply.
        asks: as in `Outbound.asks`.
        unsure: it was not known whether it had arrived.
    """

    id: int
    screen: str
    posted: str
    says: str
    asks: str | None
    unsure: bool


@dataclass(frozen=True, slots=True)
class Entering:
    """A unit's report of a day that somebody enters for it, and why."""

    unit: Held
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One update with all that is needed to decide it.

    Attributes:
        person_id: None when nobody is known at this address.
        group_unit: id of the unit whose group it was said in; None in private or an unbound group.
        cursor: where the person stands; for an edited message, where they stood when they said it.
        screens: as in `Shown`, of the messages whose buttons still ask what the cursor asks.
        posted: as in `Shown`, of the last of them; "" when there is none.
        gave: of an edited message, the values that were read from it before.
        posted_last: nothing else was said to the person since.
        frozen_week: id of the newest week whose figures are frozen; "" before the first.
        shown: the message that was tapped or replied to; None when it is not known.
        offered: the choices of which a bare number means one, if the last message of ours was a
            numbered list; none otherwise.
        ordered: a command of theirs that waits for its reason, as typed so far; "" for none.
        entering: what they enter for a unit that is not theirs; None when nothing.
        approvals: whether districts approve reports.
    """

    inbox_id: int
    inbound: Inbound
    received_at: datetime
    person_id: int | None = None
    duties: tuple[Held, ...] = ()
    group_unit: int | None = None
    cursor: Cursor = field(default_factory=Cursor)
    cursor_unit: int | None = None
    screens: tuple[str, ...] = ()
    posted: str = ""
    posted_last: bool = False
    frozen_week: str = ""
    gave: Answers = field(default_factory=dict)
    shown: Shown | None = None
    offered: tuple[Button, ...] = ()
    ordered: str = ""
    entering: Entering | None = None
    approvals: Approvals = field(default_factory=Approvals)
    papers: Mapping[int, Papers] = field(default_factory=dict)

    @property
    def reporting(self) -> list[Held]:
        """The units that the person reports for and that owe reports, each once."""
        held = {d.unit_id: d for d in self.duties if d.role in REPORTERS and d.reports}
        if self.entering:
            held.setdefault(self.entering.unit.unit_id, self.entering.unit)
        return list(held.values())

    def enters_for(self, unit_id: int) -> Entering | None:
        """Return what the person enters for a unit; None when they report for it themselves."""
        own = any(d.unit_id == unit_id and d.role in REPORTERS for d in self.duties)
        if own or self.entering is None or self.entering.unit.unit_id != unit_id:
            return None
        return self.entering


async def waiting(connection: AsyncConnection, *, limit: int) -> list[Case]:
    """Return the oldest waiting updates, one for each conversation, as bare cases.

    However much one conversation has said, the others are not kept waiting by it.
    """
    rows = await connection.execute(_OLDEST, {"most": limit})
    return [_bare_case(row) for row in rows.all()]


def _oldest() -> Any:
    """Return the query for the oldest waiting updates, the first of each conversation."""
    earlier_waits = (
        select(1)
        .where(
            _earlier.state == _WAITING,
            _earlier.channel == _inbox.channel,
            _earlier.chat == _inbox.chat,
            _earlier.id < _inbox.id,
        )
        .exists()
    )
    return (
        select(
            _inbox.id,
            _inbox.channel,
            _inbox.update_id,
            _inbox.chat,
            _inbox.message_id,
            _inbox.payload,
            _inbox.received_at,
        )
        .where(_inbox.state == _WAITING, ~earlier_waits)
        .order_by(_inbox.id)
        .limit(bindparam("most", type_=Integer))
    )


# This and what every batch asks is built once: building takes longer than asking.
_OLDEST = _oldest()


def _bare_case(row: Any) -> Case:
    said = dict(row.payload)
    if said.get("sent_at"):
        said["sent_at"] = datetime.fromisoformat(said["sent_at"])
    if "tap" in said:
        said["tap"] = Tap(*said["tap"])
    inbound = Inbound(
        channel=row.channel,
        update_id=row.update_id,
        chat=row.chat,
        message_id=row.message_id,
        **{**said, "kind": Kind(said.get("kind", Kind.SAID))},
    )
    return Case(inbox_id=row.id, inbound=inbound, received_at=row.received_at)


async def load(
    connection: AsyncConnection, cases: Sequence[Case], *, form_id: str, today: date
) -> list[Case]:
    """Return the cases with all that is known about them.

    Of cases that concern the same unit only the first is returned: the others must see what it
    leaves behind, and stay waiting.
    """
    people = await _people(connection, [c.inbound for c in cases])
    duties = await _duties(connection, set(people.values()), today)
    cursors = await _cursors(connection, set(people.values()))
    groups = await _groups(connection, [c.inbound for c in cases if c.inbound.in_group])
    first_said = await _first_said(connection, cases)
    shown = await _shown(connection, cases)
    offered = await _offered(connection, cases)
    frozen_week = await _frozen_week(connection)
    approvals = await _approvals(connection)
    last = await _last_posts(connection, [c.inbound for c in cases if c.inbound.message_id])
    entering = await _entering(connection, cursors, today)
    units = {d.unit_id for held in duties.values() for d in held if d.role in REPORTERS}
    units |= {e.unit.unit_id for e in entering.values()}
    papers = await papers_of(connection, units, form_id=form_id, today=today)
    taken: set[int] = set()
    loaded = []
    for case in cases:
        person = people.get((case.inbound.channel, case.inbound.sender))
        held = tuple(duties.get(person, ())) if person else ()
        place = (case.inbound.channel, case.inbound.chat)
        stands = cursors.get((person or 0, *place), _Stands())
        enters = _still(entering.get((person or 0, *place)), stands.enters, case.received_at)
        concerned = {d.unit_id for d in held if d.role in REPORTERS}
        concerned |= {enters.unit.unit_id} if enters else set()
        if concerned & taken:
            continue
        taken |= concerned
        cursor, cursor_unit, gave = first_said.get(case.inbox_id, (stands.cursor, stands.unit, {}))
        loaded.append(
            replace(
                case,
                person_id=person,
                duties=held,
                group_unit=groups.get(place),
                cursor=cursor,
                cursor_unit=cursor_unit,
                gave=gave,
                screens=stands.screens,
                posted=stands.posted,
                frozen_week=frozen_week,
                posted_last=bool(stands.posted) and stands.posted == last.get(place),
                shown=shown.get(case.inbox_id),
                offered=offered.get(case.inbox_id, ()),
                ordered=_still_ordered(stands.ordered, case.received_at),
                entering=enters,
                approvals=approvals,
                papers={u: papers.get(u, Papers()) for u in concerned},
            )
        )
    return loaded


async def _first_said(
    connection: AsyncConnection, cases: Sequence[Case]
) -> dict[int, tuple[Cursor, int | None, Answers]]:
    """Return for each edited message where its sender stood when it was first heard, and what it
    gave when it was last heard.
    """
    edited = {c.inbox_id: c.inbound for c in cases if c.inbound.kind is Kind.EDITED}
    if not edited:
        return {}
    rows = await connection.execute(
        select(_inbox.channel, _inbox.chat, _inbox.message_id, _inbox.stood)
        .where(
            _inbox.message_id.in_({i.message_id for i in edited.values()}),
            _inbox.chat.in_({i.chat for i in edited.values()}),
            _inbox.stood.is_not(None),
        )
        .order_by(_inbox.id)
    )
    stood = {(r.channel, r.chat, r.message_id): _stood_from(r.stood) for r in rows.all()}
    places = {k: (i.channel, i.chat, i.message_id) for k, i in edited.items()}
    return {k: stood[place] for k, place in places.items() if place in stood}


def _stood_from(stood: Mapping[str, Any]) -> tuple[Cursor, int | None, Answers]:
    day = date.fromisoformat(stood["day"]) if stood["day"] else None
    cursor = Cursor(Step(stood["step"]), day, tuple(stood["asked"]), stood["seen"])
    return cursor, stood["unit"], answers_from(stood["gave"])


def stood_row(cursor: Cursor, unit: int | None, gave: Answers) -> dict[str, Any]:
    """Return what is kept of where somebody stood when a message was heard, and what it gave."""
    return {
        "unit": unit,
        "step": cursor.step,
        "day": cursor.day.isoformat() if cursor.day else None,
        "asked": list(cursor.asked),
        "seen": cursor.seen,
        "gave": dict(gave),
    }


async def _shown(connection: AsyncConnection, cases: Sequence[Case]) -> dict[int, Shown]:
    """Return for each tap and each reply the message of ours that it was about.

    The chat must be the same: nobody taps a button that was shown to another.
    """
    screens = {c.inbound.tap.screen for c in cases if c.inbound.tap and c.inbound.tap.screen}
    replied = {c.inbound.replies_to for c in cases if c.inbound.replies_to}
    if not screens and not replied:
        return {}
    rows = await connection.execute(
        select(*_out).where(
            or_(
                and_(_out.screen.is_not(None), _out.screen.in_(screens)),
                and_(_out.asks.is_not(None), _out.external_id.in_(replied)),
            )
        )
    )
    found: dict[tuple[str, str, str], Any] = {}
    for row in rows.all():
        for name in (row.screen, row.external_id):
            if name:
                found[row.channel, row.chat, name] = row
    shown = {c.inbox_id: _shown_to(c.inbound, found) for c in cases}
    return {inbox_id: s for inbox_id, s in shown.items() if s is not None}


def _shown_to(inbound: Inbound, found: Mapping[tuple[str, str, str], Any]) -> Shown | None:
    name = inbound.tap.screen if inbound.tap else inbound.replies_to
    row = found.get((inbound.channel, inbound.chat, name)) if name else None
    number = inbound.tap.number if inbound.tap else 0
    if row is None or (inbound.tap and number >= len(row.buttons)):
        return None
    says = row.buttons[number][1] if inbound.tap else ""
    unsure = row.fate in (Fate.UNKNOWN, Fate.PENDING)
    return Shown(row.id, row.screen or "", row.edits or row.key, says, row.asks, unsure)


async def _offered(
    connection: AsyncConnection, cases: Sequence[Case]
) -> dict[int, tuple[Button, ...]]:
    """Return for each bare number the choices of which it means one.

    Only what was last said or changed in the chat can be meant.
    """
    numbers = [c.inbox_id for c in cases if number_in(c.inbound.text) is not None]
    if not numbers:
        return {}
    newest = (
        select(_later.id)
        .where(
            _later.chat == _inbox.chat,
            _later.channel == _inbox.channel,
            _later.passing.is_(False),
        )
        .order_by(_later.id.desc())
        .limit(1)
        .correlate(InboxUpdate)
        .scalar_subquery()
    )
    rows = await connection.execute(
        select(_inbox.id, _out.buttons)
        .join_from(InboxUpdate, OutboxMessage, _out.id == newest)
        .where(_inbox.id.in_(numbers), _out.numbered)
    )
    return {row.id: tuple(Button(*button) for button in row.buttons) for row in rows.all()}


async def _people(
    connection: AsyncConnection, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], int]:
    channels, senders = {i.channel for i in inbounds}, {i.sender for i in inbounds}
    asked = {"channels": list(channels), "senders": list(senders)}
    rows = await connection.execute(_WHO, asked)
    return {(r.channel, r.external_id): r.person_id for r in rows.all()}


_WHO = select(_address.channel, _address.external_id, _address.person_id).where(
    # Two conditions, since an index serves them, and not one on the pair.
    _address.channel.in_(bindparam("channels", expanding=True)),
    _address.external_id.in_(bindparam("senders", expanding=True)),
    _address.valid_until.is_(None),
)


async def _duties(
    connection: AsyncConnection, people: Collection[int], today: date
) -> dict[int, list[Held]]:
    rows = await connection.execute(_HELD, {"people": list(people), "today": today})
    held: dict[int, list[Held]] = defaultdict(list)
    for r in rows.all():
        held[r.person_id].append(
            Held(r.role, r.unit_id, r.code, r.name, r.level, r.reports, r.valid_from)
        )
    return held


_TODAY = bindparam("today", type_=Date)
_HELD = (
    select(
        _duty.person_id,
        _duty.role,
        _duty.unit_id,
        _duty.valid_from,
        _unit.code,
        _version.name,
        _version.level,
        _version.reports,
    )
    .join(Unit, _unit.id == _duty.unit_id)
    .join(UnitVersion, _version.unit_id == _duty.unit_id)
    .where(
        _duty.person_id.in_(bindparam("people", expanding=True)),
        *valid_on(Duty, _TODAY),
        *valid_on(UnitVersion, _TODAY),
    )
    .order_by(_duty.id)
)


async def _frozen_week(connection: AsyncConnection) -> str:
    """Return the newest frozen week; ids of weeks sort by their time."""
    return (await connection.execute(_NEWEST_WEEK)).scalar_one() or ""


_NEWEST_WEEK = select(func.max(_snapshot.period)).where(_snapshot.kind == "week")


async def _approvals(connection: AsyncConnection) -> Approvals:
    """Return whether districts approve reports: the one office setting that a report needs."""
    rows = await connection.execute(_ABOUT_APPROVAL)
    return approvals_from({r.key: r.value for r in rows.all()})


_ABOUT_APPROVAL = select(_setting.key, _setting.value).where(
    _setting.key.in_((approval.REQUIRED, approval.SINCE))
)


async def _last_posts(
    connection: AsyncConnection, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], str]:
    """Return for each chat the key of the last message of ours in it, for chats that can edit."""
    if not inbounds:
        return {}
    newest = (
        select(_out.key)
        .where(
            _out.chat == _cursor.chat,
            _out.channel == _cursor.channel,
            _out.edits.is_(None),
            _out.passing.is_(False),
        )
        .order_by(_out.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await connection.execute(
        select(_cursor.channel, _cursor.chat, newest.label("key")).where(
            _cursor.channel.in_({i.channel for i in inbounds}),
            _cursor.chat.in_({i.chat for i in inbounds}),
            _cursor.posted != "",
        )
    )
    return {(r.channel, r.chat): r.key for r in rows.all()}


@dataclass(frozen=True, slots=True)
class _Stands:
    """Where a person stands in a chat, and what they were last shown there."""

    cursor: Cursor = field(default_factory=Cursor)
    unit: int | None = None
    screens: tuple[str, ...] = ()
    posted: str = ""
    ordered: Mapping[str, Any] | None = None
    enters: Mapping[str, Any] | None = None


async def _cursors(
    connection: AsyncConnection, people: Collection[int]
) -> dict[tuple[int, str, str], _Stands]:
    rows = await connection.execute(_WHERE, {"people": list(people)})
    return {
        (r.person_id, r.channel, r.chat): _Stands(
            Cursor(Step(r.step), r.day, tuple(r.asked), r.seen),
            r.unit_id,
            tuple(r.screens),
            r.posted,
            r.ordered,
            r.enters,
        )
        for r in rows.all()
    }


_WHERE = select(
    _cursor.person_id,
    _cursor.channel,
    _cursor.chat,
    _cursor.unit_id,
    _cursor.step,
    _cursor.day,
    _cursor.asked,
    _cursor.seen,
    _cursor.screens,
    _cursor.posted,
    _cursor.ordered,
    _cursor.enters,
).where(_cursor.person_id.in_(bindparam("people", expanding=True)))


def _still_ordered(ordered: Mapping[str, Any] | None, now: datetime) -> str:
    """Return the command that waits for its reason, unless that was asked too long ago."""
    asked_at = datetime.fromisoformat(ordered["at"]) if ordered else now
    return ordered["command"] if ordered and now <= asked_at + _WAITS_FOR_A_REASON else ""


def _still(
    entering: Entering | None, enters: Mapping[str, Any] | None, now: datetime
) -> Entering | None:
    """Return what is entered for a unit, unless its day is locked by now."""
    return entering if enters and now < datetime.fromisoformat(enters["until"]) else None


async def _entering(
    connection: AsyncConnection, cursors: Mapping[tuple[int, str, str], _Stands], today: date
) -> dict[tuple[int, str, str], Entering]:
    """Return what is entered for units by those who do not report for them, by where they do so."""
    enters = {place: s.enters for place, s in cursors.items() if s.enters}
    if not enters:
        return {}
    rows = await connection.execute(
        select(_unit.id, _unit.code, _version.name, _version.level, _version.reports)
        .join(UnitVersion, _version.unit_id == _unit.id)
        .where(_unit.id.in_({e["unit"] for e in enters.values()}), *valid_on(UnitVersion, today))
    )
    units = {r.id: r for r in rows.all()}
    found = {}
    for place, e in enters.items():
        if e["unit"] in units:
            u, day = units[e["unit"]], date.fromisoformat(e["day"])
            held = Held(STAND_IN, u.id, u.code, u.name, u.level, u.reports, since=day)
            found[place] = Entering(held, day, e["reason"])
    return found


async def _groups(
    connection: AsyncConnection, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], int]:
    if not inbounds:
        return {}
    rows = await connection.execute(
        select(_group.channel, _group.chat, _group.unit_id).where(
            _group.channel.in_({i.channel for i in inbounds}),
            _group.chat.in_({i.chat for i in inbounds}),
            _group.valid_until.is_(None),
        )
    )
    return {(r.channel, r.chat): r.unit_id for r in rows.all()}
