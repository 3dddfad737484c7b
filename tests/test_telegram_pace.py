"""At the rates that are set for Telegram no burst is too fast for it, each chat gets its time."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from botapi import STRICT, Person
from live import founded
from telegram_live import Life, life, shown

REPORT = "1\n4\n5\n5\n3\n0\n6\n0\n10\n0\n0\n0\ncó\nđủ\nkhông"
REAL = ""  # the rates of the settings as they are by themselves
PEOPLE = 32
DISTRICTS = {"Nhóm Vĩnh Yên": "VP-VY", "Nhóm Phúc Yên": "VP-PY"}
COUNTED = ("sendMessage", "editMessageText", "editMessageReplyMarkup")


async def test_bursts_of_prompts_replies_and_group_posts_keep_the_distances_and_meet_no_refusal(
    tmp_path: Path,
):
    office = await asyncio.to_thread(founded, tmp_path)
    own = tmp_path / "life"
    own.mkdir()

    async with life(own, office, mode="polling", relay=REAL, limits=STRICT) as lived:
        await lived.starts()
        await _burst(lived)

        in_chats, in_groups = _moments(lived)
    assert lived.api.counts("429") == 0
    assert len(in_chats) == PEOPLE + 1
    assert all(len(times) >= 4 for times in in_chats.values())
    assert [len(times) for times in in_groups.values()] == [3, 3]
    assert _least_distance(in_chats) >= 1.0
    assert _least_distance(in_groups) >= 3.1
    # They leave at 25 a second; on the way some may come closer together.
    assert 20 < _most_in_a_second({**in_chats, **in_groups}) < 30


async def _burst(life: Life) -> None:
    """Everybody joins, reports and sends at once, while groups are bound and posted to."""
    admin = life.person("Phạm Văn Bình")
    await life.joins(admin, "VP", "admin")
    people = await _join(life)
    await life.settles()
    groups = [life.api.group(title, owner=admin) for title in DISTRICTS]
    for group in groups:
        await admin.adds(life.bot, group)
        await admin.says(group, life.invitations[DISTRICTS[group.title], "group"])
    prompting = asyncio.create_task(life.clock("15:00"))
    for person in people:
        await person.says(life.bot, REPORT)
    await prompting
    for request in shown(admin, life.bot)[-2:]:
        await admin.taps(life.bot, "Chấp nhận", on=request)
    for person in people:
        await person.taps(life.bot, "Gửi")
    await life.settles()
    await life.clock("17:00")


async def _join(life: Life) -> list[Person]:
    """Let one person join for each of some communes, at once."""
    communes = [u for u, role in life.invitations if role == "focal_point" and u.count("-") == 2]
    people = [life.person(f"Đầu mối {unit}") for unit in communes[:PEOPLE]]
    for person, unit in zip(people, communes, strict=False):
        await life.joins(person, unit, "focal_point")
    return people


Moments = Mapping[str, list[float]]
"""When messages and edits came to the server, by chat, in seconds."""


def _moments(life: Life) -> tuple[Moments, Moments]:
    """Return the moments of private chats and of groups."""
    found: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
    for call in life.api.calls:
        if call.method in COUNTED:
            chat = call.fields["chat_id"]
            found[chat.startswith("-")].setdefault(chat, []).append(call.at)
    return found


def _least_distance(moments: Moments) -> float:
    return min(later - earlier for times in moments.values() for earlier, later in pairwise(times))


def _most_in_a_second(moments: Moments) -> int:
    times = sorted(t for some in moments.values() for t in some)
    return max(bisect_right(times, t + 1.0) - n for n, t in enumerate(times))
