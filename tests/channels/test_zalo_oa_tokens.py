"""The pair of tokens: kept before it is used, renewed once for all, never lost without a word."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from accounts import AT, Watch, account, post, receipt
from contract import Desk, listening, until
from zalooa import Fault, ZaloOa
from zalooa.server import GROUP, PERSON, REFRESH

from bot.core.grant import TokenPair
from bot.core.messaging import ChannelBusy, NotSetUp
from storage.grants import KeptGrants


class Faulty:
    """Kept tokens on a disk that is full for a while, or at which the bot dies."""

    def __init__(self, grants: KeptGrants, *, failures: int = 0) -> None:
        self._grants = grants
        self.failures = failures
        self.kept: list[TokenPair] = []
        self.open = asyncio.Event()
        self.open.set()

    async def load(self) -> TokenPair | None:
        return await self._grants.load()

    async def keep(self, pair: TokenPair, *, instead_of: str | None) -> bool:
        if pair.access_token:
            await self.open.wait()
            if self.failures:
                self.failures -= 1
                raise OSError("the disk is full")
        self.kept.append(pair)
        return await self._grants.keep(pair, instead_of=instead_of)

    async def mark_dead(self, refresh_token, *, at) -> None:
        await self._grants.mark_dead(refresh_token, at=at)


def used(zalo: ZaloOa) -> list[str]:
    """The access tokens of all posts, in their order."""
    return [call.headers["access_token"] for call in zalo.calls if call.path in (GROUP, PERSON)]


async def test_the_configured_token_begins_and_its_successor_is_kept(database):
    async with account(database) as here:
        await here.channel.send(post())

        kept = await here.grants.load()

    assert kept is not None
    assert [kept.access_token] == used(here.zalo)
    assert kept.refresh_token not in ("", here.consented)
    assert kept.expires_at == AT + timedelta(seconds=90_000)


async def test_the_new_pair_is_committed_before_it_is_used(database):
    async with account(database) as here:
        grants = Faulty(here.grants)
        grants.open.clear()
        async with here.another(grants=grants, first_token=here.consented) as channel:
            sending = asyncio.create_task(channel.send(post()))
            await until(lambda: here.zalo.counts(REFRESH))
            await asyncio.sleep(0.1)
            before = here.zalo.counts(GROUP)
            grants.open.set()
            await sending

    assert before == 0
    assert here.zalo.counts(GROUP) == 1


async def test_twenty_sends_at_once_renew_once(database):
    async with account(database) as here:
        here.zalo.slow = 0.05
        await asyncio.gather(*(here.channel.send(post()) for _ in range(20)))
        here.zalo.expire_access()
        await asyncio.gather(*(here.channel.send(receipt()) for _ in range(20)))

    assert here.zalo.counts(REFRESH) == 2
    assert len(here.zalo.sent) == 40


@pytest.mark.parametrize("code", [-216, -220, 216, 401, -401])
async def test_a_refused_token_is_renewed_and_the_send_repeated_once(database, code):
    async with account(database) as here:
        await here.channel.send(post())
        here.zalo.fails(GROUP, Fault.error(code))
        await here.channel.send(post("lần hai"))

    assert [sent.text for sent in here.zalo.sent] == ["Tổng hợp ngày 5/10", "lần hai"]
    assert here.zalo.counts(REFRESH) == 2


async def test_http_401_without_a_body_of_zalo_s_is_a_refused_token_too(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault(status=401, body="Unauthorized"))
        await here.channel.send(post())

    assert here.zalo.counts(REFRESH) == 2


async def test_a_new_token_that_is_refused_as_well_needs_a_person(database):
    async with account(database) as here:
        here.zalo.fails(GROUP, Fault.error(-216), Fault.error(-216))

        with pytest.raises(NotSetUp, match="cấp quyền lại"):
            await here.channel.send(post())

    assert here.zalo.counts(GROUP) == 2


@pytest.mark.parametrize(
    ("expires_in", "hours", "refreshes"),
    [
        ("90000", 18.7, 1),  # of 25
        ("90000", 18.8, 2),
        ("3600", 0.74, 1),
        ("3600", 0.76, 2),
        ("unreadable", 0.74, 1),
        ("unreadable", 0.76, 2),
        ("-5", 0.74, 1),
    ],
)
async def test_it_is_renewed_when_three_quarters_of_its_life_are_over(
    database, expires_in, hours, refreshes
):
    async with account(database, expires_in=expires_in) as here:
        await here.channel.send(post())
        here.watch.passes(hours=hours)
        await here.channel.send(post())

    assert here.zalo.counts(REFRESH) == refreshes


@pytest.mark.parametrize("fault", [Fault.bad_gateway(), Fault.error(-32), Fault.error(-14004)])
async def test_a_renewal_that_fails_early_leaves_the_old_token_in_use(database, fault):
    async with account(database) as here:
        await here.channel.send(post())
        here.watch.passes(hours=20)
        here.zalo.fails(REFRESH, fault)
        for _ in range(3):
            await here.channel.send(post())

    assert len(here.zalo.sent) == 4
    assert here.zalo.counts(REFRESH) == 2


async def test_a_grant_that_died_is_told_while_the_old_token_is_still_good(database):
    async with account(database) as here:
        await here.channel.send(post())
        here.watch.passes(hours=20)
        here.zalo.kill_refresh()
        for _ in range(2):
            with pytest.raises(NotSetUp, match="cấp quyền lại"):
                await here.channel.send(post())

    assert here.zalo.counts(REFRESH) == 2


async def test_a_renewal_that_fails_at_the_end_makes_the_send_wait(database):
    async with account(database) as here:
        await here.channel.send(post())
        here.watch.passes(hours=26)
        here.zalo.fails(REFRESH, Fault.bad_gateway())
        with pytest.raises(ChannelBusy) as busy:
            await here.channel.send(post())
        await here.channel.send(post())

    assert type(busy.value) is ChannelBusy
    assert len(here.zalo.sent) == 2


@pytest.mark.parametrize("code", [-118, -14014, -14020])
async def test_a_dead_refresh_token_tells_who_must_authorise_again_and_where(database, code):
    async with account(database) as here:
        here.zalo.fails(REFRESH, Fault.error(code))
        for _ in range(2):
            with pytest.raises(NotSetUp) as dead:
                await here.channel.send(post())

        kept = await here.grants.load()

    assert "Quản trị viên OA cần cấp quyền lại" in str(dead.value)
    assert "developers.zalo.me" in str(dead.value)
    assert "[zalo_oa] refresh_token" in str(dead.value)
    assert kept.dead_since == AT
    assert here.zalo.counts(REFRESH) == 1


async def test_trouble_with_the_tokens_is_logged_before_anything_is_sent(database, caplog):
    async with account(database) as here:
        here.zalo.kill_refresh()
        async with listening(here.channel, Desk().receive):
            await until(lambda: "Quản trị viên OA cần cấp quyền lại" in caplog.text)

    assert here.zalo.counts(GROUP) == 0


async def test_consent_given_again_heals_it_at_the_next_start(database):
    async with account(database) as here:
        await here.channel.send(post())
        here.zalo.kill_refresh()
        here.zalo.expire_access()
        with pytest.raises(NotSetUp):
            await here.channel.send(post())
        async with here.another(first_token=here.zalo.consent()) as channel:
            await channel.send(post())

        kept = await here.grants.load()

    assert kept.dead_since is None
    assert len(here.zalo.sent) == 2


async def test_a_configured_token_that_was_used_is_not_used_again_after_a_restart(database):
    async with account(database) as here:
        await here.channel.send(post())
        async with here.another(first_token=here.consented) as channel:
            await channel.send(post())

    assert here.zalo.counts(REFRESH) == 1
    assert len(here.zalo.sent) == 2


async def test_a_configured_token_that_is_new_replaces_a_grant_that_still_lives(database):
    async with account(database) as here:
        await here.channel.send(post())
        consented = here.zalo.consent()
        async with here.another(first_token=consented) as channel:
            await channel.send(post())

    refreshed_with = [c.given["refresh_token"] for c in here.zalo.calls if c.path == REFRESH]
    assert refreshed_with == [here.consented, consented]


async def test_without_a_configured_token_the_kept_one_goes_on(database):
    async with account(database) as here:
        await here.channel.send(post())
        async with here.another(first_token="") as channel:
            await channel.send(post())

    assert len(here.zalo.sent) == 2


async def test_without_any_token_it_says_how_to_get_one(database):
    async with account(database) as here, here.another(first_token="") as channel:
        with pytest.raises(NotSetUp, match=r"chưa được cấp quyền.*developers\.zalo\.me"):
            await channel.send(post())

    assert here.zalo.calls == []


async def test_a_crash_between_zalo_s_answer_and_the_commit_is_told_after_the_restart(database):
    async with account(database) as here:
        grants = Faulty(here.grants, failures=1)
        async with here.another(grants=grants, first_token=here.consented) as dying:
            with pytest.raises(ChannelBusy):
                await dying.send(post())
        async with here.another(first_token=here.consented) as restarted:
            with pytest.raises(NotSetUp, match="cấp quyền lại"):
                await restarted.send(post())

    assert here.zalo.sent == []


async def test_an_answer_lost_on_the_way_is_told_at_the_next_try(database):
    async with account(database) as here:
        here.zalo.fails(REFRESH, Fault.lost_answer())
        with pytest.raises(ChannelBusy) as busy:
            await here.channel.send(post())
        with pytest.raises(NotSetUp, match="cấp quyền lại"):
            await here.channel.send(post())

    assert type(busy.value) is ChannelBusy


async def test_a_pair_that_could_not_be_kept_is_held_until_the_disk_has_room(database):
    async with account(database) as here:
        grants = Faulty(here.grants, failures=2)
        async with here.another(grants=grants, first_token=here.consented) as channel:
            for _ in range(2):
                with pytest.raises(ChannelBusy, match="chưa ghi được"):
                    await channel.send(post())
            await channel.send(post())

    assert here.zalo.counts(REFRESH) == 1
    assert len(here.zalo.sent) == 1


async def test_a_send_whose_time_is_up_does_not_lose_the_pair(database):
    async with account(database) as here:
        here.zalo.slow = 0.2
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(here.channel.send(post()), 0.1)
        here.zalo.slow = 0.0
        await here.channel.close()

        kept = await here.grants.load()

    assert kept.access_token
    assert here.zalo.counts(REFRESH) == 1


async def test_a_pair_that_another_process_fetched_is_taken_from_the_database(database):
    async with account(database) as here, here.another(first_token=here.consented) as other:
        await here.channel.send(post())
        await other.send(post())
        here.zalo.expire_access()
        await here.channel.send(post())
        await other.send(post())

    assert here.zalo.counts(REFRESH) == 2
    assert len(here.zalo.sent) == 4


async def test_two_processes_that_renew_at_once_both_go_on(database):
    async with account(database) as here, here.another(first_token=here.consented) as other:
        await here.channel.send(post())
        await other.send(post())
        here.zalo.expire_access()
        here.zalo.slow = 0.05
        await asyncio.gather(here.channel.send(post()), other.send(post()))

        kept = await here.grants.load()

    assert kept.dead_since is None
    assert len(here.zalo.sent) == 4


async def test_a_wrong_app_secret_names_the_keys_to_look_at(database):
    async with account(database) as here:
        here.zalo.app_secret = "another"  # noqa: S105
        with pytest.raises(NotSetUp, match="app_secret"):
            await here.channel.send(post())

        kept = await here.grants.load()

    assert kept.dead_since is None


async def test_the_oauth_server_s_pace_is_kept(database):
    async with account(database) as here:
        here.zalo.fails(REFRESH, Fault.error(-32))
        with pytest.raises(ChannelBusy, match="chậm lại") as busy:
            await here.channel.send(post())

    assert type(busy.value) is ChannelBusy


async def test_a_database_that_cannot_be_read_makes_the_send_wait(database, database_path):
    async with account(database) as here:
        with sqlite3.connect(database_path) as broken:
            broken.execute("ALTER TABLE oa_grant RENAME TO oa_grant_gone")
        broken.close()
        with pytest.raises(ChannelBusy):
            await here.channel.send(post())

    assert here.zalo.calls == []


# The pair itself


def pair(number: int, **more) -> TokenPair:
    later = AT + timedelta(hours=25)
    return TokenPair(f"a{number}", f"r{number}", expires_at=later, refreshed_at=AT, **more)


def test_tokens_are_not_shown():
    assert "a1" not in repr(pair(1))
    assert "r1" not in repr(pair(1))


def test_a_clock_that_stands_still_needs_no_new_pair():
    assert not pair(1).due(Watch()())
