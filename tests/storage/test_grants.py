"""The kept tokens of an Official Account, on a real database."""

from datetime import UTC, datetime, timedelta

from bot.core.grant import TokenPair
from storage.grants import KeptGrants

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def pair(number: int, **more) -> TokenPair:
    later = AT + timedelta(hours=25)
    return TokenPair(f"a{number}", f"r{number}", expires_at=later, refreshed_at=AT, **more)


async def test_only_who_read_the_newest_pair_may_replace_it(database):
    grants = KeptGrants(database, "zalo-oa")

    done = [
        await grants.keep(pair(1), instead_of=None),
        await grants.keep(pair(9), instead_of=None),
        await grants.keep(pair(2), instead_of="r1"),
        await grants.keep(pair(9), instead_of="r1"),
    ]

    assert done == [True, False, True, False]
    assert await grants.load() == pair(2)


async def test_only_the_newest_pair_dies_and_a_new_one_lives_again(database):
    grants = KeptGrants(database, "zalo-oa")
    await grants.keep(pair(1), instead_of=None)

    await grants.mark_dead("r0", at=AT)
    spared = await grants.load()
    await grants.mark_dead("r1", at=AT)
    await grants.mark_dead("r1", at=AT + timedelta(days=1))
    dead = await grants.load()
    await grants.keep(pair(2), instead_of="r1")

    assert spared.dead_since is None
    assert dead.dead_since == AT
    assert await grants.load() == pair(2)


async def test_another_channel_has_a_grant_of_its_own(database):
    await KeptGrants(database, "zalo-oa").keep(pair(1), instead_of=None)

    assert await KeptGrants(database, "other").load() is None
