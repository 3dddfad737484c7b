"""HTTP: a call in, one answer out, unless a fault befalls it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from .bots import Bot
from .calls import Call
from .errors import NOT_FOUND, UNAUTHORIZED, BadGateway, ZaloError
from .faults import Fault, Faults
from .methods import Method
from .parameters import of_request, seconds
from .world import Json, World

LONG_POLL = 30.0  # seconds, if a call does not say
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
GATEWAY = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}


class Server:
    """Listens on loopback at a port that is free.

    Args:
        matching_status: whether a refusal has its code as HTTP status; else that is 200.
    """

    def __init__(
        self, world: World, methods: Mapping[str, Method], *, matching_status: bool
    ) -> None:
        self.more: list[web.RouteDef] = []
        self.bots: list[Bot] = []
        self.calls: list[Call] = []
        self.faults = Faults()
        self.down = False
        self.on_call: Callable[[Call], None] = lambda _: None
        self.released = asyncio.Event()
        self._world = world
        self._methods = methods
        self._matching_status = matching_status
        self._runner: web.AppRunner | None = None
        self._serving: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                *self.more,
                web.route("*", "/bot{token:[^/]+}/{method:[^/]*}", self._serve),
                web.get("/photos/{name}", self._picture),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._world.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """No call is finished, no event arrives any more."""
        for bot in self.bots:
            bot.polls.close()
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None, "handlers run in tasks"
        self._serving.add(task)
        token, method = request.match_info["token"], request.match_info["method"]
        at = asyncio.get_running_loop().time()
        call = Call(token.partition(":")[0], method, {}, self._world.now(), at)
        try:
            return await self._written(call, request, await self._reply(call, request))
        finally:
            self._serving.discard(task)
            if call.event:
                call.event.settle(heard=False)
            self.on_call(call)

    async def _written(
        self, call: Call, request: web.Request, response: web.Response | None
    ) -> web.Response:
        """Write the answer out, or close the connection; only what is written was heard."""
        if response is None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            return response
        call.status = response.status
        if call.event and call.fault in ("", "held"):
            call.event.settle(heard=True)
        return response

    async def _reply(self, call: Call, request: web.Request) -> web.Response | None:
        """The answer to a call; None if there will be none."""
        try:
            call.fields = await of_request(request)
        except ZaloError as error:
            self.calls.append(call)
            return self._refusal(call, error)
        self.calls.append(call)
        if self.down:
            return _gateway(502)
        fault = self.faults.strike(call.method, call.fields)
        if fault is None:
            return await self._carried_out(call, request)
        call.fault = fault.kind
        return await self._befallen(fault, call, request)

    async def _befallen(
        self, fault: Fault, call: Call, request: web.Request
    ) -> web.Response | None:
        """What comes of a call that goes wrong."""
        response = await self._carried_out(call, request) if fault.works_first else None
        if fault.wait:
            await self._keeps_back(fault.wait)
        if fault.resets:
            return None
        match fault.kind:
            case "error":
                refusal = ZaloError(fault.error_code, fault.description)
                return self._refusal(call, refusal, status=fault.status)
            case "502" | "504":
                return _gateway(int(fault.kind))
            case "garbage":
                return web.Response(text='{"ok": tru', content_type="application/json")
        return response or await self._carried_out(call, request)

    async def _keeps_back(self, wait: float) -> None:
        try:
            async with asyncio.timeout(wait):
                await self.released.wait()
        except TimeoutError:
            return

    async def _carried_out(self, call: Call, request: web.Request) -> web.Response:
        try:
            result = await self._execute(call, request)
        except ZaloError as error:
            return self._refusal(call, error)
        except BadGateway:
            return _gateway(502)
        call.done = True
        return _json({"ok": True} if result is None else {"ok": True, "result": result})

    async def _execute(self, call: Call, request: web.Request) -> Json | None:
        bot = next((b for b in self.bots if b.token == request.match_info["token"]), None)
        if bot is None:
            raise ZaloError(*UNAUTHORIZED)
        if call.method == "getUpdates":
            wait = seconds(call.fields, "timeout", LONG_POLL) / self._world.hurry
            call.event = await bot.polls.next(wait, alive=lambda: request.transport is not None)
            return call.event.json
        if call.method not in self._methods:
            raise ZaloError(*NOT_FOUND)
        return await self._methods[call.method](self._world, bot, call.fields)

    def _refusal(self, call: Call, error: ZaloError, *, status: int | None = None) -> web.Response:
        # Zalo reports errors with HTTP 200: the body decides, not the status.
        call.error_code = error.code
        body = {"ok": False, "error_code": error.code, "description": error.description}
        return _json(body, status or (error.code if self._matching_status else 200))

    async def _picture(self, request: web.Request) -> web.Response:
        picture = self._world.pictures.get(request.path)
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(body=picture, content_type="image/jpeg")


def _gateway(status: int) -> web.Response:
    return web.Response(text=HTML.format(GATEWAY[status]), status=status, content_type="text/html")


def _json(body: Json, status: int = 200) -> web.Response:
    text = json.dumps(body)  # in ASCII: half an emoji can be told no other way
    return web.Response(text=text, status=status, content_type="application/json")
