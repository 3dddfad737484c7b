"""/nhom: the groups that get a digest, and how it comes there: by the bot or by hand."""

import re

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import group_messages
from bot.core.directory import find_units
from bot.core.group_messages import GroupLine
from bot.core.messages import Says
from bot.core.text import fold, one_line, shortened
from handlers.by_hand import CHANNEL
from handlers.join import record
from handlers.scene import Scene, answer
from storage import office as directory
from storage.tables import GroupChat

_ADD = re.compile(r"them\s+(.+)")
_CHANGE = re.compile(r"(\d{1,6})\s+(tay|bot|bo)")


async def list_groups(session: AsyncSession, scene: Scene) -> None:
    """/nhom, "/nhom 2 tay", "/nhom 2 bot", "/nhom 2 bỏ", "/nhom thêm TÊN NHÓM; ĐƠN VỊ"."""
    said = one_line(scene.argument)
    if added := _ADD.fullmatch(fold(said)):
        says = await _add(session, scene, said[added.start(1) :])
    elif change := _CHANGE.fullmatch(fold(said)):
        says = await _change(session, scene, int(change[1]), change[2])
    else:
        says = await _listed(session, scene)
    await answer(session, scene, says)


async def _listed(session: AsyncSession, scene: Scene) -> Says:
    names = {u.code: u.name for u in await directory.units_on(session, scene.now.date())}
    lines = [
        GroupLine(
            number=group.id or 0,
            title=_title(group),
            unit=names.get(unit, unit),
            by_hand=group.by_hand,
            gone=group.gone_since is not None,
        )
        for group, unit in await directory.groups(session)
    ]
    return group_messages.groups_listed(lines)


async def _add(session: AsyncSession, scene: Scene, said: str) -> Says:
    """Add a group that no bot can enter; without a unit it gets the office's own digest."""
    title, _, words = (part.strip() for part in said.partition(";"))
    units = await directory.units_on(session, scene.now.date())
    root = [u for u in units if u.code == scene.office.root]
    found = find_units(units, words) if words else root
    if len(found) != 1 or not title:
        return group_messages.group_unit_unclear(words or said)
    title = shortened(title, 100)
    group = GroupChat(
        channel=CHANNEL,
        chat=title,
        title=title,
        unit_id=found[0].id,
        by_hand=True,
        valid_from=scene.now.date(),
    )
    if await directory.group_of(session, CHANNEL, title) is not None:
        return group_messages.group_added_before(title)
    session.add(group)
    await session.flush()
    record(session, scene, "group added", f"{title} for {found[0].name}", scene.case.person_id)
    return group_messages.group_way(group.id or 0, title, by_hand=True)


async def _change(session: AsyncSession, scene: Scene, number: int, way: str) -> Says:
    group = await session.get(GroupChat, number)
    if group is None or group.valid_until is not None:
        return group_messages.no_such_group(number)
    if way == "bo":
        group.valid_until = scene.now.date()
        says = group_messages.group_dropped(number, _title(group))
    elif way == "bot" and group.channel == CHANNEL:
        return group_messages.no_bot_in_group(_title(group))
    else:
        group.by_hand = way == "tay"
        says = group_messages.group_way(number, _title(group), by_hand=group.by_hand)
    session.add(group)
    record(session, scene, f"group: {way}", f"group {number}", scene.case.person_id)
    return says


def _title(group: GroupChat) -> str:
    return group.title or group.chat
