"""Posts that somebody puts into a group by hand: given to whom, and whether it was done."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import GroupChat, HandPost, Person


async def keep(session: AsyncSession, post: HandPost) -> int | None:
    """Keep a post and return its number; None when the same post was given before."""
    same = select(HandPost).where(HandPost.key == post.key)
    if (await session.exec(same)).first() is not None:
        return None
    session.add(post)
    await session.flush()
    return post.id


async def name_of(session: AsyncSession, person_id: int) -> str:
    """Return a person's name."""
    return (await session.get_one(Person, person_id)).name


async def waiting_for(session: AsyncSession, person_id: int) -> list[tuple[HandPost, str]]:
    """Return the posts that a person was given and has not confirmed, with the group's title."""
    return [
        (post, group.title or group.chat)
        for post, group, _ in await waiting(session)
        if post.person_id == person_id
    ]


async def waiting(session: AsyncSession) -> list[tuple[HandPost, GroupChat, str]]:
    """Return the posts that nobody has confirmed, with the group and the officer's name."""
    found = await session.exec(
        select(HandPost, GroupChat, Person.name)
        .join(GroupChat, col(GroupChat.id) == HandPost.group_id)
        .join(Person, col(Person.id) == HandPost.person_id)
        .where(col(HandPost.posted_at).is_(None))
        .order_by(col(HandPost.id))
    )
    return list(found)
