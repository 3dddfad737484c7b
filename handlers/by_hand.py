"""A post that the bot cannot put into its group goes to the duty officer, ready to be pasted.

That is so for a group no bot can enter, for one whose office chose it, and at once when posting
fails for good. "Đã đăng" says that it was done.
"""

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import group_messages
from bot.core.messaging import Outbound, Priority, Repeat
from handlers.join import record
from handlers.scene import Scene, answer
from storage import hand_posts
from storage.office import Reach, group_of, reachable
from storage.outbox import Queued, alone, enqueue, withdraw_rest
from storage.tables import GroupChat, HandPost

CHANNEL = "hand"
"""Of a group that no bot can enter."""

_LAST_RESORT = "admin"  # of whatever unit
_OFFICERS = ("office", "coordinator", _LAST_RESORT)

_HINT = re.compile(r" \(/\w[^()\n]*\)")  # a command, as "(/chuabaocao)"

log = logging.getLogger(__name__)


async def give(
    session: AsyncSession,
    group: GroupChat,
    post: Sequence[Outbound],
    *,
    now: datetime,
    broken: Collection[str] = (),
) -> str:
    """Give a post to the duty officer of its group; return their name, "" when there is nobody.

    Args:
        post: its parts, in order.
        broken: channels by which the officer is not written to if there is another way.
    """
    officer = await duty_officer(session, group, now, broken)
    if officer is None:
        # No admin either, so that nobody can be told; the check-up names such groups.
        log.error("post %s: there is nobody to put it into its group", post[0].key)
        return ""
    kept = HandPost(
        key=post[0].key, group_id=group.id or 0, person_id=officer.person_id, given_at=now
    )
    number = await hand_posts.keep(session, kept)
    if number is None:
        return ""
    title = group.title or group.chat
    asks = group_messages.to_be_posted(
        number, title, len(post), stands_in=officer.role == _LAST_RESORT
    )
    first = replace(
        alone(post[0]),
        key=f"hand/{post[0].key}",
        text=asks.text,
        buttons=asks.buttons,
        file=None,
    )
    handed = [_to_officer(part, officer) for part in (first, *_pasted(post))]
    chained = [replace(part, after=before.key) for before, part in pairwise(handed)]
    await enqueue(await session.connection(), [handed[0], *chained], now=now)
    return await hand_posts.name_of(session, officer.person_id)


def _pasted(post: Sequence[Outbound]) -> list[Outbound]:
    """Return the parts as they are pasted: their text and pictures, and nothing to tap or type."""
    whole = [alone(part) for part in post]
    return [
        replace(
            part,
            key=f"hand/{post[0].key}/{n}",
            # Where the bot does not post it is not there to answer either.
            text=_HINT.sub("", part.text),
            buttons=(),
            numbered=False,
        )
        for n, part in enumerate(whole, 1)
    ]


def _to_officer(part: Outbound, officer: Reach) -> Outbound:
    return replace(
        part,
        channel=officer.channel,
        chat=officer.chat,
        in_group=False,
        thread="",
        edits=None,
        priority=Priority.DIGEST,
        repeat=Repeat.ONCE,
        after=None,
        screen="",
    )


async def duty_officer(
    session: AsyncSession, group: GroupChat, now: datetime, broken: Collection[str] = ()
) -> Reach | None:
    """Return who puts posts into a group: of its own unit, or else an admin; None for nobody.

    Args:
        broken: as of `give`.
    """
    for role in _OFFICERS:
        of_unit = None if role == _LAST_RESORT else group.unit_id
        found = await reachable(session, [role], today=now.date(), unit_id=of_unit, avoiding=broken)
        if found:
            return found[0]
    return None


async def take_over(
    session: AsyncSession, queued: Queued, now: datetime, *, broken: Collection[str]
) -> str:
    """Hand over a post that failed for good, with the parts that were to follow it.

    Args:
        broken: as of `give`.

    Returns:
        The name of who posts it now; "" when nobody does.
    """
    message = queued.message
    group = await group_of(session, message.channel, message.chat)
    too_late = message.useful_until is not None and message.useful_until <= now
    if group is None or message.repeat is not Repeat.ASK or too_late:
        return ""
    rest = await withdraw_rest(await session.connection(), message.key, now=now)
    return await give(session, group, [message, *rest], now=now, broken=broken)


async def posted(session: AsyncSession, scene: Scene) -> None:
    """/dadang N, or "đã đăng": the post is in its group.

    An admin may say so, by its number, of a post that somebody else was given.
    """
    person, wanted = scene.case.person_id or 0, scene.argument.strip()
    waiting = await hand_posts.waiting_for(session, person)
    named = [p for p, _ in waiting if wanted in ("", str(p.id))]
    if wanted and any(duty.role == "admin" for duty in scene.case.duties):
        named = [p for p, _, _ in await hand_posts.waiting(session) if str(p.id) == wanted]
    if len(named) != 1:
        titles = [(p.id or 0, title) for p, title in waiting]
        await answer(session, scene, group_messages.which_was_posted(titles))
        return
    [post] = named
    post.posted_at, post.posted_by_id = scene.now, person
    session.add(post)
    record(session, scene, "posted by hand", post.key, person)
    await answer(session, scene, group_messages.noted_as_posted(post.id or 0))
