"""An Official Account's channel at the stand-in of Zalo, for the tests of its parts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from contract import until
from zalooa import ZaloOa

from bot.channels.zalo_oa import Addresses, ZaloOaChannel
from bot.channels.zalo_oa_tokens import App, Grants
from bot.channels.zalo_oa_webhook import Handler, Hook
from bot.core.messaging import File, Outbound
from storage.database import Database
from storage.grants import KeptGrants

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
PATH = "/zalo-oa"
PDF = File("a" * 64, "Báo cáo tuần 16.pdf")
PICTURE = File("b" * 64, "bieu-do.png", picture=True)


class Watch:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)


class OneSite:
    """A web server for one path, on a port that stays the same."""

    def __init__(self) -> None:
        self.port = 0

    @asynccontextmanager
    async def serving(self, path: str, handler: Handler) -> AsyncIterator[None]:
        application = web.Application()
        application.router.add_route("*", path, handler)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()


@dataclass(frozen=True)
class Account:
    """The stand-in, a channel that is authorised but does not listen, and its kept tokens."""

    zalo: ZaloOa
    channel: ZaloOaChannel
    grants: KeptGrants
    watch: Watch
    site: OneSite
    database: Database
    consented: str

    @asynccontextmanager
    async def another(self, **more) -> AsyncIterator[ZaloOaChannel]:
        """One more process of the bot, or the same one after a restart."""
        channel = channel_at(self.zalo, self.site, self.watch, **{"grants": self.grants, **more})
        try:
            yield channel
        finally:
            await channel.close()


def channel_at(
    zalo: ZaloOa, site: OneSite, watch: Watch, *, grants: Grants, **more
) -> ZaloOaChannel:
    return ZaloOaChannel(
        App(zalo.app_id, zalo.app_secret),
        grants,
        site=site,
        hook=Hook(PATH, zalo.app_id, zalo.oa_secret),
        addresses=Addresses(zalo.base, zalo.base),
        now=watch,
        **{"patience": 5.0, "grace": 0.05, **more},
    )


@asynccontextmanager
async def account(database: Database, **server) -> AsyncIterator[Account]:
    """Everything is there; the bot was given the first refresh token and has not used it yet."""
    async with ZaloOa(**server) as zalo:
        site, watch, grants = OneSite(), Watch(), KeptGrants(database, "zalo-oa")
        async with site.serving(PATH, _nothing):
            zalo.hook = f"http://127.0.0.1:{site.port}{PATH}"
        first = zalo.consent()
        channel = channel_at(zalo, site, watch, grants=grants, first_token=first)
        try:
            yield Account(zalo, channel, grants, watch, site, database, first)
        finally:
            await channel.close()


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=404)


def post(text: str = "Tổng hợp ngày 5/10", **more) -> Outbound:
    """A message to the committee's group."""
    return Outbound("digest/1", "zalo-oa", "g1", text, in_group=True, **more)


def receipt(text: str = "Đã nhận báo cáo.", **more) -> Outbound:
    """A message to Lan."""
    return Outbound("reply/1", "zalo-oa", "lan", text, **more)


class Somebody:
    """Lan, for the contract."""

    chat = "lan"

    def __init__(self, here: Account) -> None:
        self._zalo = here.zalo

    async def say(self, text: str) -> None:
        await self._zalo.posts(self._zalo.event("user_send_text", sender=self.chat, text=text))

    async def sees(self, count: int) -> Sequence[tuple[str, Sequence[str]]]:
        await until(lambda: len(self._zalo.sent) >= count)
        return [(sent.text, []) for sent in self._zalo.sent if sent.to == self.chat]
