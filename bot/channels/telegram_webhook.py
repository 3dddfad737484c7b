"""The address to which Telegram posts updates (webhook)."""

import json
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from aiogram.types import User
from aiohttp import web

from bot.channels.outage import Outage
from bot.channels.telegram_updates import heard
from bot.channels.together import Together
from bot.core.messaging import Inbound, Receive

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name
_LARGEST_POST = 1024 * 1024  # bytes: many times the longest message with all it replies to
_TIME_TO_CLOSE = 1.0  # seconds for what is being received when the bot stops

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """Where updates are posted to.

    Attributes:
        url: as Telegram calls it; what is behind it passes the posts on to host and port.
        secret: Telegram sends it along, nobody else knows it.
    """

    url: str
    host: str
    port: int
    secret: str = field(repr=False)


@asynccontextmanager
async def served(site: Site, me: User, receive: Receive) -> AsyncIterator[None]:
    """Take posts inside; each is answered with 200 once it is durable.

    Posts that arrive while a batch is being made durable are the next batch.

    Raises:
        OSError: the port is taken.
    """
    receiving = Together(_Keeper(receive).keep)
    application = web.Application(client_max_size=_LARGEST_POST)
    posted = partial(_posted, site.secret.encode(), me, receiving)
    application.add_routes([web.post(urlsplit(site.url).path or "/", posted)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_TIME_TO_CLOSE)
    await runner.setup()
    try:
        await web.TCPSite(runner, site.host, site.port).start()
        yield
    finally:
        await runner.cleanup()
        await receiving.stop()


async def _posted(
    secret: bytes, me: User, receiving: Together[Inbound], request: web.Request
) -> web.Response:
    given = request.headers.get(_SECRET, "").encode("utf-8", "surrogateescape")
    if not secrets.compare_digest(given, secret):
        return web.Response(status=HTTPStatus.UNAUTHORIZED)
    update = _update(await request.read())
    if update is None:
        log.error("a post to the webhook is no update")
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    inbound = heard(update["update_id"], update, me)
    if inbound is not None:
        try:
            await receiving.add(inbound)
        except _NotDurable as lost:
            again = {"Retry-After": str(ceil(lost.wait))}
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=again)
    return web.Response()


def _update(body: bytes) -> dict[str, Any] | None:
    """Return what was posted, which has a number; None when it is something else."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    numbered = isinstance(update, dict) and isinstance(update.get("update_id"), int)
    return update if numbered else None


class _NotDurable(Exception):
    """The updates may be lost; Telegram must post them again, after `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class _Keeper:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._full = Outage("updates of Telegram could not be kept", first=1.0, longest=60.0)

    async def keep(self, batch: Sequence[Inbound]) -> None:
        try:
            await self._receive(batch)
        except Exception as error:
            raise _NotDurable(self._full.fault(repr(error))) from error
        self._full.over()
