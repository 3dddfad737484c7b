"""The check-up of groups that no question to a messenger tells of, and of posts made by hand."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.text import number, one_line, shortened
from bot.finding import Finding, local_moment
from handlers.by_hand import duty_officer
from storage.hand_posts import name_of, waiting
from storage.office import groups
from storage.tables import GroupChat, HandPost

_LATE = timedelta(minutes=30)  # after which a post should stand in its group
_LONGEST_TITLE = 60
_ZALO = "zalo"  # what the names of its channels begin with
_NOBODY = (
    "người trực đăng, nhưng chưa có ai để giao. Đề nghị mời cán bộ tổng hợp hoặc quản trị tham gia"
)


async def posts_by_hand(session: AsyncSession, now: datetime) -> Finding:
    """Return which posts wait for somebody to put them into their group."""
    found = await waiting(session)
    late = any(now - post.given_at > _LATE for post, _, _ in found)
    says = f"{number(len(found))} bản"
    if late:
        says += ". Đề nghị nhắc người được giao đăng vào nhóm rồi gõ cho bot: đã đăng và số"
    details = [_waits(post, group, officer, now) for post, group, officer in found]
    return Finding("Chờ đăng tay", says, ok=not late, details=tuple(details))


def _waits(post: HandPost, group: GroupChat, officer: str, now: datetime) -> str:
    since = local_moment(post.given_at, now.tzinfo)
    who = one_line(officer) or "người chưa rõ tên"
    return f"số {post.id}: nhóm «{_title(group)}», giao {who} từ {since}"


async def groups_not_asked_about(
    session: AsyncSession, running: Collection[str], units: Mapping[str, str], now: datetime
) -> list[Finding]:
    """Return how posts come into the groups on Zalo, and into those where somebody posts.

    Args:
        running: names of the channels that are set up.
        units: names by code.
    """
    return [
        await _group(session, group, units.get(unit, unit), running, now)
        for group, unit in await groups(session)
        if group.by_hand or group.channel.startswith(_ZALO)
    ]


async def _group(
    session: AsyncSession, group: GroupChat, unit: str, running: Collection[str], now: datetime
) -> Finding:
    about = f"Nhóm {_title(group)} ({unit})"
    if not group.by_hand and group.channel not in running:
        return Finding(about, _not_running(group), ok=False)
    if not group.by_hand and group.gone_since is None:
        # Zalo tells nobody which groups a bot is in.
        return Finding(about, "bot đăng; Zalo không cho hỏi bot còn trong nhóm hay không")
    officer = await duty_officer(session, group, now)
    if officer is None:
        return Finding(about, _NOBODY, ok=False)
    posts = f"{one_line(await name_of(session, officer.person_id)) or 'người trực'} đăng"
    if group.by_hand:
        return Finding(about, posts)
    since = local_moment(group.gone_since, now.tzinfo) if group.gone_since else ""
    says = (
        f"bot không còn trong nhóm từ {since}, {posts}. "
        f"Đề nghị thêm lại bot, hoặc gõ cho bot: /nhom {group.id} tay"
    )
    return Finding(about, says, ok=False)


def _not_running(group: GroupChat) -> str:
    return (
        f"kênh {group.channel} không có trong cấu hình nên không đăng được. "
        f"Đề nghị bật lại kênh, hoặc gõ cho bot: /nhom {group.id} tay"
    )


def _title(group: GroupChat) -> str:
    return shortened(one_line(group.title or group.chat), _LONGEST_TITLE)
