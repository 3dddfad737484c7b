"""The clock posts: the digest of a day to the groups, later what changed in it."""

from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.messages import Says
from bot.core.messaging import Outbound, Priority, Repeat
from bot.core.office import Office
from bot.core.rollup import DaySnapshot
from handlers.by_hand import give
from handlers.check_sums import ask_about_sums
from handlers.editions import (
    digest_was_due,
    editions_of,
    freeze_day,
    names_on,
    newest_day,
    posted_buttons,
    posted_text,
    take_snapshot,
    updated_post,
    within,
)
from handlers.scene import notice
from handlers.scope import scope_over
from storage.office import groups
from storage.outbox import enqueue
from storage.tables import OccurrenceRow


async def post_digest(
    session: AsyncSession, office: Office, occurrence: OccurrenceRow, now: datetime
) -> str:
    """Freeze the next edition and post it: the whole to the committee, to each district its own.

    The first is the digest, however late; a later one tells what changed, if anything did.
    """
    day = occurrence.day
    editions = await editions_of(session, day)
    stands = await take_snapshot(session, office, day, now)
    if editions and not _news(editions[-1], stands):
        return "nothing changed"
    if not editions and not await digest_was_due(session, day):
        return "skipped: the day began before the bot did"
    number = await freeze_day(session, stands)
    await ask_about_sums(session, office, stands, editions[-1] if editions else None, now)
    all_editions = [*editions, stands]
    before = await newest_day(session, office.calendar.previous_reporting_day(day))
    names = await names_on(session, day)
    for group, unit in await groups(session):
        scope = scope_over(office.root, unit)
        unchanged = editions and not _news(within(editions[-1], scope), within(stands, scope))
        if unit not in names or unchanged:
            continue
        said = posted_text(office, names, scope, all_editions, before)
        post = notice(
            f"digest@{day.isoformat()}/{number}",
            group.channel,
            group.chat,
            Says(said, posted_buttons(office, names, scope, stands)),
            in_group=True,
            thread=group.thread,
            priority=Priority.DIGEST,
            repeat=Repeat.ASK,
            useful_until=occurrence.useful_until,
        )
        if editions:
            first = f"digest@{day.isoformat()}/1/{group.channel}/{group.chat}"
            whole = updated_post(office, names, scope, all_editions, before)
            post = _in_place(post, first, whole)
        if group.by_hand or group.gone_since is not None:
            await give(session, group, post, now=now)
        else:
            await enqueue(await session.connection(), post, now=now)
    return f"edition {number}"


def _in_place(post: tuple[Outbound, ...], first: str, whole: str) -> tuple[Outbound, ...]:
    """Return an update as an edit of the first post, where its channel can edit.

    Args:
        whole: the first post with all updates so far, for who reads it late.
    """
    update, *rest = post
    # An edit replaces one message: an update in several parts is posted as such.
    return post if rest else (replace(update, edits=first, text=whole, instead=update.text),)


def _news(last: DaySnapshot, now: DaySnapshot) -> bool:
    """Whether an update has something to tell: a draft begun since is nobody's news."""
    then, today = (
        [(e.unit, e.expected, e.answers, e.explained) for e in s.entries] for s in (last, now)
    )
    return then != today
