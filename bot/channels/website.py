"""The one address of this machine that others post to or fetch from.

The office's reverse proxy passes its public address on to it: messengers post updates there, and
files are fetched from there. Whoever needs a path registers it while it needs it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

_LARGEST_POST = 1024 * 1024  # bytes: many times the longest message with all it replies to
_TIME_TO_CLOSE = 1.0  # seconds for what is being answered when its user leaves

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(eq=False, slots=True)
class _User:
    """Who answers at a path, and the answers under way."""

    handler: Handler
    under_way: set["asyncio.Task[web.StreamResponse]"] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.create_task(_awaited(self.handler(request)))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        await asyncio.wait({task})
        if task.cancelled():  # its user has left; whoever asks may ask again
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await task

    async def leave(self) -> None:
        """Let what is under way come to an end, and end it by force if it takes too long."""
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=_TIME_TO_CLOSE)
        for task in self.under_way:
            task.cancel()
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=_TIME_TO_CLOSE)


class WebSite:
    """Serves paths to several users at one host and port.

    The server starts with its first user and stops with its last.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._users: dict[str, _User] = {}
        self._runner: web.AppRunner | None = None
        self._turning = asyncio.Lock()  # a start waits for the stop before it, which frees the port

    @asynccontextmanager
    async def serving(self, path_prefix: str, handler: Handler) -> AsyncIterator[None]:
        """Answer requests of any method inside; after it the handler is called no more.

        Args:
            path_prefix: as it stands in an address, percent-encoded; one path, or if it ends with
                "/" all paths that begin so. The longest that fits is taken.

        Raises:
            OSError: the port is taken.
            ValueError: the path is in use already, or does not begin with "/".
        """
        if path_prefix in self._users or not path_prefix.startswith("/"):
            raise ValueError(f"the path {path_prefix!r} cannot be served")
        user = self._users[path_prefix] = _User(handler)
        try:
            await self._start_or_stop()
            yield
        finally:
            del self._users[path_prefix]
            try:
                await user.leave()
            finally:
                await self._start_or_stop()

    async def _start_or_stop(self) -> None:
        """Run while there is a user."""
        async with self._turning:
            if self._users and self._runner is None:
                self._runner = await self._started()
            elif not self._users and self._runner is not None:
                runner, self._runner = self._runner, None
                await runner.cleanup()

    async def _started(self) -> web.AppRunner:
        application = web.Application(client_max_size=_LARGEST_POST)
        application.router.add_route("*", r"/{any:[\s\S]*}", self._answer)  # even a line break
        # The log would keep who fetched what, and addresses that open files.
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_TIME_TO_CLOSE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except BaseException:
            await runner.cleanup()
            raise
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        user = self._user_of(request.rel_url.raw_path)
        if user is None:
            raise web.HTTPNotFound
        return await user.answer(request)

    def _user_of(self, path: str) -> _User | None:
        if path in self._users:
            return self._users[path]
        fitting = [p for p in self._users if p.endswith("/") and path.startswith(p)]
        return self._users[max(fitting, key=len)] if fitting else None


async def _awaited(answer: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    return await answer
