"""The roof: how everything is built and wired, and how it runs and stops."""

import asyncio
import fcntl
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import Alarm, Clock
from bot.config import Config
from bot.core import delivery_messages
from bot.core.messaging import Channel, ChannelClosed, SendError
from bot.core.office import Office, Settings, office_from
from bot.profile import calendar_from, read_form
from bot.relay import AtOffice, Pace, Relay
from handlers import introduce
from handlers.alarm import tell_admins
from handlers.dispatch import decider, say_failed
from handlers.due import note_outage, run_due
from handlers.undelivered import undelivered
from storage import outbox
from storage.conversations import Case
from storage.database import Database
from storage.grants import KeptGrants
from storage.migrate import is_current
from storage.office import settings as read_settings
from storage.outbox import Queued
from storage.punctuality import outages
from storage.writer import Writer

if TYPE_CHECKING:
    from bot.channels.telegram_gateway import Gateway
    from bot.channels.website import WebSite
    from bot.channels.zalo_bot import ZaloBot
    from bot.web.files import Files

log = logging.getLogger(__name__)

_FIRST_YEAR = 2019
_OUTAGES_KNOWN = timedelta(days=60)  # older days are judged once and for all
_YEARS_AHEAD = 3
_CATCHING_UP = 30.0  # seconds after which what is due is done although a channel is silent
_STILL = 0.002  # seconds between two looks whether all is quiet


class CannotStart(Exception):
    """The bot cannot run as things are; the message is one line of Vietnamese."""


def office_of(settings: Settings, clock_year: int) -> Office:
    """Return the office that the settings in the database describe.

    Raises:
        CannotStart: there are none yet.
        OfficeError, UnknownName: they cannot be used.
    """
    if not settings:
        raise CannotStart("Chưa có thông tin cơ quan. Chạy: giaoban init --profile vinh-phuc")
    years = range(_FIRST_YEAR, clock_year + _YEARS_AHEAD)
    form = read_form(str(settings.get("form", "")))
    return office_from(settings, form=form, calendar=calendar_from(settings, years))


@contextmanager
def only_writer(config: Config) -> Iterator[None]:
    """Hold the database for this process alone.

    Raises:
        CannotStart: another process of the bot holds it.
    """
    # Resolved: two ways to name one file must meet in one lock.
    path = Path(make_url(config.storage.url).database or "giaoban").resolve().with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(
                "Một tiến trình giaoban khác đang dùng cơ sở dữ liệu này. Hãy dừng nó trước."
            ) from error
        yield


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts of a running bot.

    Attributes:
        site: where others post to and fetch from; None if there is no public address.
        files: opens links to files on the site; None if there is no site.
        errands: what is done once while it runs.
        resources: what is left to close once all parts have stopped.
    """

    office: Office
    clock: Clock
    database: Database
    writer: Writer
    relay: Relay
    channels: dict[str, Channel]
    site: "WebSite | None" = None
    files: "Files | None" = None
    errands: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def wake(self, now: datetime) -> None:
        """Read what has arrived, then do what is due."""
        await self.writer.drain()
        await run_due(self.database, self.office, now, self.channels)
        self.relay.wake()

    async def quiet(self) -> None:
        """Return when all that has arrived is handled and all that is due has been sent, or when
        the bot is to stop and nothing more will be.
        """
        while not self.relay.stopping:
            await self.writer.drain()
            await self.relay.settled()
            async with self.database.read() as connection:
                if await outbox.quiet(connection, now=self.clock.now()):
                    return
            await asyncio.sleep(_STILL)


@asynccontextmanager
async def opened(
    config: Config, *, starts: bool = False
) -> AsyncIterator[tuple[Database, Office, Clock]]:
    """Open the database and read the office from it.

    Args:
        starts: the bot is about to run: how long it was down is noted, which moves deadlines.

    Raises:
        CannotStart: the database is missing or old, or holds no office.
    """
    if not is_current(config.storage.url):
        raise CannotStart("Cơ sở dữ liệu chưa sẵn sàng. Chạy: giaoban migrate")
    database = Database(config.storage.url)
    try:
        async with database.read_session() as session:
            settings = await read_settings(session)
        office = office_of(settings, datetime.now().astimezone().year)
        clock = Clock(office.zone, start=config.clock.start, stepped=config.clock.stepped)
        if starts and not config.clock.stepped:
            await note_outage(database, clock.now())
        yield database, await _with_outages(office, database, clock), clock
    finally:
        await database.close()


async def _with_outages(office: Office, database: Database, clock: Clock) -> Office:
    """Return the office that knows when the bot was down: its deadlines of those days are later."""
    async with database.read_session() as session:
        since = clock.now() - _OUTAGES_KNOWN
        return replace(office, outages=tuple(await outages(session, since=since)))


def build(
    config: Config, database: Database, office: Office, clock: Clock, *, take_over: bool = False
) -> Bot:
    """Return a bot that is wired but does not run yet.

    Args:
        take_over: get Telegram's updates even if they are sent elsewhere now.

    Raises:
        CannotStart: the mailbox of the built-in messenger cannot be used.
    """
    channels: dict[str, Channel] = {}

    async def failed(session: AsyncSession, case: Case, error_id: str) -> None:
        await say_failed(session, office, case, error_id, now=clock.now())

    async def trouble(session: AsyncSession, queued: Queued, error: SendError) -> None:
        await undelivered(session, queued, error, now=clock.now())

    pace = Pace(
        per_second=config.relay.per_second,
        chat_seconds=config.relay.per_chat_seconds,
        group_seconds=config.relay.per_group_seconds,
        in_flight=config.relay.in_flight,
    )
    site, files = _site(config), _files(config, database, office, clock)
    relay = Relay(
        database,
        channels,
        pace=pace,
        now=clock.now,
        trouble=trouble,
        offers=files or AtOffice(office.contact),
    )
    writer = Writer(
        database,
        decide=decider(office, channels),
        failed=failed,
        form_id=office.form.id,
        history=office.form.history,
        now=clock.now,
        wrote=relay.wake,
    )
    bot = Bot(office, clock, database, writer, relay, channels, site, files)
    if config.local.enabled:
        channels["local"] = _local_channel(config, bot)
    if config.telegram.enabled:
        channels["telegram"] = _telegram_channel(config, bot, take_over=take_over)
    if config.zalo.enabled:
        channels |= {c.name: c for c in _zalo_bots(config, bot, take_over=take_over)}
    if config.zalo_oa.enabled:
        channels["zalo-oa"] = _zalo_account(config, bot)
    return bot


def _site(config: Config) -> "WebSite | None":
    if not config.web.public_url:
        return None
    # aiohttp is heavy, and a bot without a public address may not need it.
    from bot.channels.website import WebSite

    return WebSite(config.web.host, config.web.port)


def _files(config: Config, database: Database, office: Office, clock: Clock) -> "Files | None":
    web = config.web
    if not web.public_url:
        return None
    from bot.web.files import Files

    return Files(
        database,
        public_url=web.public_url,
        secret=web.link_secret.get_secret_value(),
        life=timedelta(days=web.link_days),
        now=clock.now,
        contact=office.contact,
    )


def _local_channel(config: Config, bot: Bot) -> Channel:
    # aiohttp is heavy, and a bot without the built-in messenger does not need it.
    from bot.channels.local import LocalChannel, MailboxFault
    from bot.stepping import stepping_routes

    local = config.local
    routes = stepping_routes(bot.clock, bot.wake, bot.quiet) if config.clock.stepped else ()
    try:
        local.mailbox.parent.mkdir(parents=True, exist_ok=True)
        return LocalChannel(local.host, local.port, local.mailbox, routes)
    except MailboxFault as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"Không mở được tệp {local.mailbox}: {error.strerror}.") from error


def _telegram_channel(config: Config, bot: Bot, *, take_over: bool) -> Channel:
    # Both libraries are heavy, and a bot without Telegram does not need them.
    from bot.channels.telegram import TelegramChannel
    from bot.channels.telegram_gateway import Gateway
    from bot.channels.telegram_webhook import Site

    telegram, relay = config.telegram, config.relay
    token, proxy = telegram.token.get_secret_value(), telegram.proxy.get_secret_value()
    gateway = Gateway(
        token,
        api_url=telegram.api_url,
        proxy=proxy,
        per_second=relay.per_second,
        group_seconds=relay.per_group_seconds,
        in_flight=relay.in_flight,
    )
    bot.resources.push_async_callback(gateway.close)
    site = Site(
        telegram.webhook_url,
        telegram.webhook_host,
        telegram.webhook_port,
        telegram.webhook_secret.get_secret_value(),
    )
    channel = TelegramChannel(
        token,
        gateway,
        api_url=telegram.api_url,
        proxy=proxy,
        site=site if telegram.mode == "webhook" else None,
        take_over=take_over,
    )
    bot.errands.append(partial(_present, channel, gateway, bot.office))
    return channel


def _zalo_bots(config: Config, bot: Bot, *, take_over: bool) -> "Iterator[ZaloBot]":
    from bot.channels.zalo_bot import ZaloBot, webhook_url
    from bot.channels.zalo_inbound import Webhook

    zalo, public_url = config.zalo, config.web.public_url
    if zalo.mode == "webhook" and not bot.site:
        raise CannotStart('Khi [zalo] mode = "webhook" phải có [web] public_url.')
    for token in (t.get_secret_value() for t in zalo.tokens):
        webhook = None
        if bot.site and zalo.mode == "webhook":
            secret = zalo.webhook_secret.get_secret_value()
            webhook = Webhook(webhook_url(public_url, token), secret, bot.site)
        channel = ZaloBot(
            token,
            api_url=zalo.api_url,
            quota=zalo.quota,
            webhook=webhook,
            take_over=take_over,
        )
        bot.resources.push_async_callback(channel.close)
        yield channel


def _zalo_account(config: Config, bot: Bot) -> Channel:
    from bot.channels.zalo_oa import Addresses, ZaloOaChannel
    from bot.channels.zalo_oa_tokens import App
    from bot.channels.zalo_oa_webhook import Hook

    account = config.zalo_oa
    if bot.site is None:
        raise CannotStart("Khi bật [zalo_oa] phải có [web] public_url, để Zalo gửi tin đến.")
    channel = ZaloOaChannel(
        App(account.app_id, account.app_secret.get_secret_value()),
        KeptGrants(bot.database, ZaloOaChannel.name),
        site=bot.site,
        hook=Hook(account.webhook_path, account.app_id, account.webhook_secret.get_secret_value()),
        # Zalo's tokens expire by the world's clock, whatever the office's clock is set to.
        now=lambda: datetime.now(UTC),
        first_token=account.refresh_token.get_secret_value(),
        addresses=Addresses(account.api_url, account.oauth_url),
    )
    bot.resources.push_async_callback(channel.close)
    return channel


async def _present(channel: Channel, gateway: "Gateway", office: Office) -> None:
    """Say what Telegram shows of the bot, once it has been reached."""
    from bot.channels.telegram_profile import Profile

    profile = Profile(
        commands=introduce.newcomer_menu(),
        private_commands=introduce.private_menu(),
        group_commands=introduce.group_menu(),
        description=introduce.description(office),
        short_description=introduce.short_description(office),
    )
    await channel.caught_up.wait()
    await gateway.present(profile)


async def run(config: Config, *, take_over: bool = False) -> None:
    """Run the bot until it is told to stop.

    Args:
        take_over: get Telegram's updates even if they are sent elsewhere now.

    Raises:
        CannotStart: as things are it cannot run.
    """
    with only_writer(config):
        async with opened(config, starts=True) as (database, office, clock):
            bot = build(config, database, office, clock, take_over=take_over)
            async with bot.resources:
                await _run_until_told(bot, config)


async def _run_until_told(bot: Bot, config: Config) -> None:
    running = asyncio.create_task(_run_all(bot, config))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await running
    except ExceptionGroup as broken:
        for error in broken.exceptions:
            if isinstance(error, CannotStart):
                raise error from broken
        raise


async def _run_all(bot: Bot, config: Config) -> None:
    """Run all parts; if one breaks, all stop, so that whoever supervises starts them again."""
    async with _files_served(bot), asyncio.TaskGroup() as parts:
        parts.create_task(bot.relay.run())
        parts.create_task(bot.writer.run())
        for channel in bot.channels.values():
            parts.create_task(_listen(channel, bot))
        for errand in bot.errands:
            parts.create_task(errand())
        if not config.clock.stepped:
            parts.create_task(_tick(bot, config.clock.tick_seconds))
        log.info("running: %s", ", ".join(bot.channels))


@asynccontextmanager
async def _files_served(bot: Bot) -> AsyncIterator[None]:
    """Open links inside, from before the first message is sent until after the last.

    Raises:
        CannotStart: the port is taken.
    """
    if bot.site is None or bot.files is None:
        yield
        return
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(bot.site.serving(bot.files.path, bot.files.serve))
        except OSError as error:
            raise CannotStart(f"Không mở được địa chỉ [web]: {error}") from error
        yield


async def _listen(channel: Channel, bot: Bot) -> None:
    try:
        await channel.listen(bot.writer.accept)
    except ChannelClosed as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"Không mở được kênh {channel.name}: {error}") from error


async def _caught_up(bot: Bot) -> None:
    """Wait for what was said while the bot was away: no digest may be posted without it."""
    try:
        async with asyncio.timeout(_CATCHING_UP):
            for channel in bot.channels.values():
                await channel.caught_up.wait()
    except TimeoutError:
        log.warning("what is due is done although a channel has not caught up")


async def _tick(bot: Bot, seconds: float) -> None:
    await _caught_up(bot)

    async def stopped(before: datetime, now: datetime) -> None:
        says = delivery_messages.clock_jumped(before, now)
        async with bot.database.session() as session:
            await tell_admins(session, f"clock/{before.isoformat()}", says, now=now)
        bot.relay.wake()

    alarm = Alarm(bot.clock, bot.wake, stopped, seconds=seconds)
    alarm.start()
    try:
        await asyncio.Event().wait()
    finally:
        await alarm.stop()
