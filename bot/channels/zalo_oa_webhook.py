"""The address to which Zalo posts the Official Account's events."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from aiohttp import web

from bot.channels.outage import Outage
from bot.channels.together import Together
from bot.channels.zalo_oa_events import heard
from bot.core.messaging import Inbound, Receive

_SIGNATURE = "X-ZEvent-Signature"

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site(Protocol):
    """A web server that channels share."""

    def serving(self, path: str, handler: Handler, /) -> AbstractAsyncContextManager[None]:
        """Have requests to a path answered by the handler, for as long as inside."""


@dataclass(frozen=True, slots=True)
class Hook:
    """How events are known to be Zalo's.

    Attributes:
        path: of the address that is set for the application in Zalo's console.
        secret: what is hashed last. Notes disagree whether it is the "OA Secret Key" of the
            console's webhook page (most say so) or the application's secret.
    """

    path: str
    app_id: str
    secret: str = field(repr=False)


@asynccontextmanager
async def served(site: Site, hook: Hook, receive: Receive) -> AsyncIterator[None]:
    """Take events inside; each is answered with 200 once it is durable.

    An event that is not answered within two seconds comes again after 30 s, 5, 15, 30 min and 1 h.
    """
    receiving = Together(_Keeper(receive).keep)
    try:
        async with site.serving(hook.path, partial(_posted, hook, receiving)):
            yield
    finally:
        await receiving.stop()


async def _posted(hook: Hook, receiving: Together[Inbound], request: web.Request) -> web.Response:
    given = request.headers.get(_SIGNATURE, "")
    if request.method != "POST":
        return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
    if not given:
        return web.Response(status=HTTPStatus.UNAUTHORIZED)
    body = await request.read()
    event = _event(body)
    if event is None or not _signed(hook, body, event.get("timestamp"), given):
        return web.Response(status=HTTPStatus.UNAUTHORIZED)
    inbound = heard(event, body)
    if inbound is not None:
        try:
            await receiving.add(inbound)
        except _NotDurable:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    return web.Response()


def signature(hook: Hook, body: bytes, timestamp: str) -> str:
    """Return what Zalo signs a post with: SHA-256 of all that, not an HMAC."""
    signed = hook.app_id.encode() + body + timestamp.encode() + hook.secret.encode()
    return hashlib.sha256(signed).hexdigest()


def _signed(hook: Hook, body: bytes, timestamp: object, given: str) -> bool:
    if not isinstance(timestamp, str | int):
        return False
    expected = signature(hook, body, str(timestamp)).encode()
    told = given.strip().removeprefix("mac=").lower().encode("utf-8", "surrogateescape")
    return hmac.compare_digest(told, expected)


def _event(body: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


class _NotDurable(Exception):
    """The events may be lost; Zalo must post them again."""


class _Keeper:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._full = Outage("events of Zalo OA could not be kept", first=1.0, longest=60.0)

    async def keep(self, batch: Sequence[Inbound]) -> None:
        try:
            await self._receive(batch)
        except Exception as error:
            self._full.fault(repr(error))
            raise _NotDurable from error
        self._full.over()
