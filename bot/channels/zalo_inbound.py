"""How updates of a Zalo bot come in: asked for one by one, or posted to an address (webhook).

Either way Zalo gives an update once: what was given is in nobody else's hands, so it is tried
until it is kept. The receipt is the acknowledgement that people go by.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.outage import Outage
from bot.channels.together import Together
from bot.channels.zalo_client import FAULTS, Account, ZaloClient
from bot.channels.zalo_updates import heard
from bot.core.messaging import Inbound, Receive

_SECRET = "X-Bot-Api-Secret-Token"  # noqa: S105  # the header's name

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


class Site(Protocol):
    """The bot's address in the net, to which others post."""

    def serving(self, path: str, handler: Handler) -> AbstractAsyncContextManager[None]:
        """Take what is posted to a path, inside."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a bot's updates are posted.

    Attributes:
        url: as Zalo calls it; what is behind it passes the posts on to the site.
        secret: Zalo sends it along, nobody else knows it.
    """

    url: str
    secret: str = field(repr=False)
    site: Site = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for Zalo, in seconds.

    Attributes:
        first_poll, poll: for the next update, before asking anew.
        late: how much later than that an answer may come.
        rest, longest_rest: after a fault, and at most after many.
    """

    first_poll: int = 1
    poll: int = 30
    late: float = 7.0
    rest: float = 2.0
    longest_rest: float = 60.0


class Keeper:
    """Makes updates durable, however long it takes.

    Args:
        name: of the channel, as the log tells it.
    """

    def __init__(self, name: str, receive: Receive, patience: Patience) -> None:
        self._receive = receive
        self._full = Outage(
            f"updates of {name} could not be kept",
            first=patience.rest,
            longest=patience.longest_rest,
        )

    async def keep(self, batch: Sequence[Inbound]) -> None:
        """Return when the batch is durable."""
        while True:
            try:
                await self._receive(batch)
            except Exception as error:  # noqa: BLE001  # whatever it is, they must not be lost
                await asyncio.sleep(self._full.fault(repr(error)))
            else:
                self._full.over()
                return


async def poll(
    client: ZaloClient,
    me: Account,
    name: str,
    keeper: Keeper,
    patience: Patience,
    caught_up: asyncio.Event,
) -> NoReturn:
    """Ask for updates until cancelled; the next is asked for as soon as one is kept.

    Args:
        name: of the channel.
        caught_up: set once Zalo has answered: what waited then, if anything, is kept.
    """
    silence = Outage(f"{name} gives no updates", first=patience.rest, longest=patience.longest_rest)
    while True:
        try:
            wait = patience.poll if caught_up.is_set() else patience.first_poll
            update = await client.next_update(wait, late=patience.late)
        except FAULTS as error:
            await asyncio.sleep(silence.fault(str(error)))
            continue
        silence.over()
        inbound = heard(name, update, me) if update is not None else None
        if inbound is not None:
            await keeper.keep([inbound])
        if update is None:
            caught_up.set()


class Posts:
    """Answers Zalo's posts: each with 200 once it is durable.

    Posts that arrive while a batch is being made durable are the next batch.

    Args:
        name: of the channel.
    """

    def __init__(self, webhook: Webhook, me: Account, name: str, keeper: Keeper) -> None:
        self._secret = webhook.secret.encode()
        self._translate = partial(heard, name, me=me)
        self._keeping = Together(keeper.keep)

    async def taken(self, request: web.Request) -> web.Response:
        """Take one post. The secret decides before anything of it is read."""
        given = request.headers.get(_SECRET, "").encode("utf-8", "surrogateescape")
        if not secrets.compare_digest(given, self._secret):
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        try:
            update = json.loads(await request.read())
        except (ValueError, RecursionError):
            log.error("a post to the webhook is no update")
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        inbound = self._translate(update)
        if inbound is not None:
            await self._keeping.add(inbound)
        # Also to what says nothing: Zalo tries the address when it is set.
        return web.Response()

    async def stop(self) -> None:
        """Give up what is not durable yet."""
        await self._keeping.stop()


def path_of(webhook: Webhook) -> str:
    """Return the path of an address."""
    return urlsplit(webhook.url).path or "/"
