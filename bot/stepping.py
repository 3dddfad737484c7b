"""A clock moved from outside, over the built-in messenger: for the demo and for tests."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from bot.clock import Clock


def stepping_routes(
    clock: Clock,
    wake: Callable[[datetime], Awaitable[None]],
    quiet: Callable[[], Awaitable[None]],
) -> tuple[web.RouteDef, ...]:
    """Return the routes that move the clock and wait until the bot has nothing left to do.

    POST /clock {"now": ISO}: moves the clock, does what is due, answers when all is quiet.
    POST /quiet: answers when all is quiet.
    """

    async def step(request: web.Request) -> web.Response:
        body = await request.json()
        clock.set(datetime.fromisoformat(body["now"]))
        await wake(clock.now())
        return await settled(request)

    async def settled(_request: web.Request) -> web.Response:
        await quiet()
        return web.json_response({"now": clock.now().isoformat()})

    return (web.post("/clock", step), web.post("/quiet", settled))
