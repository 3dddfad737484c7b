"""The office in the database: its settings, its directory of units, its people and invitations."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.directory import UnitRow
from storage.tables import (
    Address,
    Duty,
    GroupChat,
    Invite,
    JoinRequest,
    Person,
    Setting,
    Unit,
    UnitVersion,
    valid_on,
)

# Letters and digits that nobody mistakes for one another, read aloud or copied by hand.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 8


async def keep_settings(session: AsyncSession, settings: Mapping[str, Any]) -> None:
    """Write office settings, replacing those that exist."""
    for key, value in settings.items():
        await session.merge(Setting(key=key, value=value))


async def settings(session: AsyncSession) -> dict[str, Any]:
    """Return all office settings by key; empty before `giaoban init`."""
    return {s.key: s.value for s in await session.exec(select(Setting))}


class PastWouldChange(Exception):
    """The directory of a day in the past, or of one that was planned, would be written anew.

    Attributes:
        earliest: the first day from which the directory may change.
    """

    def __init__(self, earliest: date) -> None:
        super().__init__(f"the directory may change from {earliest.isoformat()} on")
        self.earliest = earliest


async def keep_directory(session: AsyncSession, rows: Sequence[UnitRow], *, since: date) -> int:
    """Make the directory what the rows say from a day on; return how many units changed.

    A unit that changed gets a new version, so that a past day keeps the units it had; one that is
    no longer listed ends.

    Raises:
        PastWouldChange: something in the directory begins or ends later than `since`.
    """
    bounds = select(func.max(UnitVersion.valid_from), func.max(UnitVersion.valid_until))
    newest = max(filter(None, (await session.exec(bounds)).one()), default=since)
    if since < newest:
        raise PastWouldChange(newest)
    known = {u.code: u for u in await session.exec(select(Unit))}
    for row in rows:
        if row.code not in known:
            known[row.code] = unit = Unit(code=row.code)
            session.add(unit)
    await session.flush()
    ids = {code: unit.id or 0 for code, unit in known.items()}
    open_versions = select(UnitVersion).where(col(UnitVersion.valid_until).is_(None))
    current = {v.unit_id: v for v in await session.exec(open_versions)}
    wanted = {v.unit_id: v for v in (_version(r, n, ids, since) for n, r in enumerate(rows))}
    changed = [i for i in wanted if i not in current or _differs(current[i], wanted[i])]
    for unit_id in [*changed, *(current.keys() - wanted.keys())]:
        if unit_id in current:
            await _end(session, current[unit_id], since)
    await session.flush()
    session.add_all(wanted[i] for i in changed)
    await session.flush()
    return len(changed)


async def _end(session: AsyncSession, version: UnitVersion, day: date) -> None:
    """End a version on a day; one that only began then never was."""
    if version.valid_from == day:
        await session.delete(version)
    else:
        version.valid_until = day


def _version(row: UnitRow, place: int, ids: Mapping[str, int], since: date) -> UnitVersion:
    return UnitVersion(
        unit_id=ids[row.code],
        name=row.name,
        level=row.level,
        parent_id=ids[row.parent] if row.parent else None,
        gso_code=row.gso_code,
        aliases=list(row.aliases),
        reports=row.reports,
        counts=row.counts,
        counted_in_id=ids[row.counted_in] if row.counted_in else None,
        place=place,
        valid_from=since,
    )


def _differs(one: UnitVersion, other: UnitVersion) -> bool:
    left_out = {"id", "valid_from", "valid_until"}
    return one.model_dump(exclude=left_out) != other.model_dump(exclude=left_out)


@dataclass(frozen=True, slots=True)
class UnitNow:
    """A unit as it is on a day."""

    id: int
    code: str
    name: str
    level: str
    parent: str | None
    aliases: tuple[str, ...]
    reports: bool


async def units_on(session: AsyncSession, day: date) -> list[UnitNow]:
    """Return the units of a day, in directory order."""
    found = await session.exec(
        select(Unit, UnitVersion)
        .join(UnitVersion, col(UnitVersion.unit_id) == Unit.id)
        .where(*valid_on(UnitVersion, day))
        .order_by(col(UnitVersion.place))
    )
    rows = list(found)
    codes = {unit.id: unit.code for unit, _ in rows}
    return [
        UnitNow(
            id=unit.id or 0,
            code=unit.code,
            name=version.name,
            level=version.level,
            parent=codes.get(version.parent_id),
            aliases=tuple(version.aliases),
            reports=version.reports,
        )
        for unit, version in rows
    ]


def _hash(code: str) -> str:
    """Return what is kept of an invitation code; people type it in any case and with spaces."""
    return hashlib.sha256("".join(code.split()).upper().encode()).hexdigest()


async def invite(
    session: AsyncSession,
    *,
    unit_id: int,
    role: str,
    expires_at: datetime,
    person_id: int | None = None,
) -> str:
    """Make a one-time code by which somebody, or a group, joins; only its hash is kept.

    Args:
        person_id: whose own code it is, with the role "address".
    """
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    made = Invite(
        code_hash=_hash(code),
        unit_id=unit_id,
        role=role,
        person_id=person_id,
        expires_at=expires_at,
    )
    session.add(made)
    return code


async def withdraw_codes(session: AsyncSession, *, unit_id: int, role: str, now: datetime) -> None:
    """End the unused codes for a duty, so that only the newest list of codes is good."""
    unused = select(Invite).where(
        Invite.unit_id == unit_id, Invite.role == role, col(Invite.used_at).is_(None)
    )
    for invite in await session.exec(unused):
        invite.expires_at = min(invite.expires_at, now)
        session.add(invite)


async def invitation(session: AsyncSession, code: str) -> Invite | None:
    """Return the invitation of a code, used or not; None when there is none."""
    found = await session.exec(select(Invite).where(Invite.code_hash == _hash(code)))
    return found.first()


async def join_person(
    session: AsyncSession,
    invite: Invite,
    *,
    channel: str,
    external_id: str,
    name: str,
    now: datetime,
) -> int:
    """Use up an invitation: the person at this address has the duty from today on.

    Returns:
        The person's id.
    """
    invite.used_at = now
    session.add(invite)
    return await take_duty(
        session,
        unit_id=invite.unit_id,
        role=invite.role,
        channel=channel,
        external_id=external_id,
        name=name,
        now=now,
    )


async def take_duty(
    session: AsyncSession,
    *,
    unit_id: int,
    role: str,
    channel: str,
    external_id: str,
    name: str,
    now: datetime,
) -> int:
    """Give the person at an address a duty from today on; return the person's id."""
    address = await current_address(session, channel, external_id)
    if address is None:
        person = Person(name=name, created_at=now)
        session.add(person)
        await session.flush()
        address = Address(
            person_id=person.id or 0,
            channel=channel,
            external_id=external_id,
            last_used_at=now,
            valid_from=now.date(),
        )
        session.add(address)
    held = select(Duty).where(
        Duty.person_id == address.person_id,
        Duty.unit_id == unit_id,
        Duty.role == role,
        col(Duty.valid_until).is_(None),
    )
    if (await session.exec(held)).first() is None:
        session.add(
            Duty(person_id=address.person_id, unit_id=unit_id, role=role, valid_from=now.date())
        )
    return address.person_id


async def add_address(
    session: AsyncSession, *, person_id: int, channel: str, external_id: str, now: datetime
) -> None:
    """Let a person be reached at one more address, where nobody else is known any more."""
    before = await current_address(session, channel, external_id)
    if before is not None:
        before.valid_until = now.date()
        session.add(before)
        await session.flush()
    session.add(
        Address(
            person_id=person_id,
            channel=channel,
            external_id=external_id,
            last_used_at=now,
            valid_from=now.date(),
        )
    )


async def join_group(
    session: AsyncSession,
    invite: Invite,
    *,
    channel: str,
    chat: str,
    thread: str = "",
    title: str = "",
    now: datetime,
) -> None:
    """Use up an invitation: the group gets the digest of the unit from now on, in this topic."""
    group = await group_of(session, channel, chat)
    if group is not None and group.unit_id != invite.unit_id:
        group.valid_until = now.date()
        await session.flush()
        group = None
    if group is None:
        group = GroupChat(channel=channel, chat=chat, unit_id=invite.unit_id, valid_from=now.date())
    group.thread, group.title = thread, title
    session.add(group)
    invite.used_at = now
    session.add(invite)


async def keep_request(session: AsyncSession, request: JoinRequest) -> None:
    """Keep a request to join, in place of the open one of the same chat.

    It gets a number of its own, so that an admin accepts what they were shown and nothing else.
    """
    await close_request(session, request.channel, request.chat, joined=False, now=request.asked_at)
    session.add(request)
    await session.flush()


async def close_request(
    session: AsyncSession, channel: str, chat: str, *, joined: bool, now: datetime
) -> None:
    """Close the open request of a chat, which nobody needs to decide any more."""
    request = await open_request(session, channel, chat)
    if request is not None:
        request.decided_at, request.accepted = now, joined
        session.add(request)
        await session.flush()


async def open_request(session: AsyncSession, channel: str, chat: str) -> JoinRequest | None:
    """Return the request of a chat that is not decided yet."""
    undecided = select(JoinRequest).where(
        JoinRequest.channel == channel,
        JoinRequest.chat == chat,
        col(JoinRequest.decided_at).is_(None),
    )
    return (await session.exec(undecided)).first()


async def requests_since(session: AsyncSession, channel: str, chat: str, *, since: datetime) -> int:
    """Return how many requests a chat has made since a moment, inclusive."""
    made = select(func.count()).where(
        JoinRequest.channel == channel,
        JoinRequest.chat == chat,
        JoinRequest.asked_at >= since,
    )
    return (await session.exec(made)).one()


async def current_address(session: AsyncSession, channel: str, external_id: str) -> Address | None:
    """Return the address if somebody is known there."""
    found = await session.exec(
        select(Address).where(
            Address.channel == channel,
            Address.external_id == external_id,
            col(Address.valid_until).is_(None),
        )
    )
    return found.first()


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody with a duty can be written to."""

    person_id: int
    role: str
    unit: str
    channel: str
    chat: str


async def reachable(
    session: AsyncSession,
    roles: Sequence[str],
    *,
    today: date,
    unit_id: int | None = None,
    avoiding: Collection[str] = (),
) -> list[Reach]:
    """Return the people with one of these roles, each where they last wrote; oldest duty first.

    Args:
        unit_id: only those with the duty for this unit.
        avoiding: channels that are taken only for who has no other.
    """
    of_unit = [] if unit_id is None else [Duty.unit_id == unit_id]
    found = await session.exec(
        select(Duty, Unit.code, Address)
        .join(Unit, col(Unit.id) == Duty.unit_id)
        .join(Address, col(Address.person_id) == Duty.person_id)
        .where(
            col(Duty.role).in_(roles),
            *of_unit,
            *valid_on(Duty, today),
            col(Address.valid_until).is_(None),
            col(Address.gone_since).is_(None),
        )
        .order_by(col(Duty.id), col(Address.last_used_at).desc(), col(Address.id).desc())
    )
    first: dict[int, Reach] = {}
    for duty, unit, address in found:
        reach = Reach(duty.person_id, duty.role, unit, address.channel, address.external_id)
        before = first.setdefault(duty.id or 0, reach)
        if before.channel in avoiding and reach.channel not in avoiding:
            first[duty.id or 0] = reach
    return list(first.values())


async def focal_points(
    session: AsyncSession, units: Collection[int], *, today: date
) -> dict[int, list[str]]:
    """Return the names of the focal points by the id of their unit, oldest duty first.

    Those who cannot be reached hold the duty as well; a unit without any is left out.
    """
    found = await session.exec(
        select(Duty.unit_id, Person.name)
        .join(Person, col(Person.id) == Duty.person_id)
        .where(
            Duty.role == "focal_point",
            col(Duty.unit_id).in_(units),
            *valid_on(Duty, today),
        )
        .order_by(col(Duty.id))
    )
    names: dict[int, list[str]] = {}
    for unit_id, name in found:
        names.setdefault(unit_id, []).append(name)
    return names


async def duties_on(session: AsyncSession, day: date) -> list[tuple[int, str, str]]:
    """Return person, code of the unit and role of each duty that is held on a day, oldest first.

    Those who cannot be reached hold theirs as well.
    """
    found = await session.exec(
        select(Duty.person_id, Unit.code, Duty.role)
        .join(Unit, col(Unit.id) == Duty.unit_id)
        .where(*valid_on(Duty, day))
        .order_by(col(Duty.id))
    )
    return list(found)


async def reader_of(
    session: AsyncSession, channel: str, chat: str, *, in_group: bool, today: date
) -> tuple[str, str]:
    """Return the name of the group or person that reads a chat, and of a person's first unit.

    A group without a title is named by its id. What is not known is "".
    """
    if in_group:
        group = await group_of(session, channel, chat)
        return (group.title or chat if group else ""), ""
    duty = and_(col(Duty.person_id) == Person.id, *valid_on(Duty, today))
    unit = and_(col(UnitVersion.unit_id) == Duty.unit_id, *valid_on(UnitVersion, today))
    found = await session.exec(
        select(Person.name, UnitVersion.name)
        .join(Address, col(Address.person_id) == Person.id)
        .join(Duty, duty, isouter=True)
        .join(UnitVersion, unit, isouter=True)
        .where(
            Address.channel == channel,
            Address.external_id == chat,
            col(Address.valid_until).is_(None),
        )
        .order_by(col(Duty.id))
    )
    name, unit_name = found.first() or ("", None)
    return name, unit_name or ""


async def groups(session: AsyncSession) -> list[tuple[GroupChat, str]]:
    """Return the groups that get a digest, each with the code of the unit whose it is.

    Into some of them a person puts it: those that say so, and those that the bot is not in.
    """
    found = await session.exec(
        select(GroupChat, Unit.code)
        .join(Unit, col(Unit.id) == GroupChat.unit_id)
        .where(col(GroupChat.valid_until).is_(None))
        .order_by(col(GroupChat.id))
    )
    return list(found)


async def group_of(session: AsyncSession, channel: str, chat: str) -> GroupChat | None:
    """Return the bound group of a chat."""
    bound = select(GroupChat).where(
        GroupChat.channel == channel, GroupChat.chat == chat, col(GroupChat.valid_until).is_(None)
    )
    return (await session.exec(bound)).first()


async def address_gone(
    session: AsyncSession, *, channel: str, external_id: str, now: datetime
) -> Address | None:
    """Note that a person can no longer be reached at an address; None when that was known."""
    address = await current_address(session, channel, external_id)
    if address is None or address.gone_since is not None:
        return None
    address.gone_since = now
    session.add(address)
    return address
