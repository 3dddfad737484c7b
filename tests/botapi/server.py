"""HTTP: a call in, one answer out, unless a fault befalls it."""

import asyncio
import json
from typing import Any

from aiohttp import web

from .errors import PREFIXES, ApiError
from .execution import Call, Execution, Line
from .faults import Ending, Fault, Faults
from .files import Files
from .parameters import Parameters, of_request

GONE = 0.05  # seconds in which an aborted connection is gone for the server as well


class Server:
    """Listens on loopback; `port` 0 is any that is free, and stays the same after a restart.

    Args:
        latency: seconds that a call takes, half on the way in, half on the way out.
    """

    def __init__(
        self, execution: Execution, files: Files, faults: Faults, *, latency: float, port: int
    ) -> None:
        self.port = port
        self.more: list[web.RouteDef] = []
        self._execution = execution
        self._files = files
        self._faults = faults
        self._latency = latency
        self._runner: web.AppRunner | None = None
        self._serving: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.add_routes(
            [
                *self.more,
                web.route("*", "/bot{token:[^/]+}/{method:[^/]*}", self._serve),
                web.get("/file/bot{token:[^/]+}/{path:.+}", self._download),
                web.route("*", "/{rest:.*}", _nothing_here),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """End as a killed process does: no call is finished, no connection closed properly."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        if self._runner and self._runner.server:
            for connection in self._runner.server.connections:
                if connection.transport:
                    connection.transport.abort()
            await asyncio.gather(*serving, return_exceptions=True)
            await self._runner.cleanup()
        self._runner = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None, "handlers run in tasks"
        self._serving.add(task)
        try:
            return await self._answer(request)
        except ApiError as error:
            return _refusal(error)
        finally:
            self._serving.discard(task)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to a call.

        Raises:
            ApiError: its token or its body is wrong, so that it is nobody's call.
        """
        line = self._execution.line(request.match_info["token"])
        given = await of_request(request)
        method = request.match_info["method"] or given.text("method")
        with self._execution.recorded(line, method, given) as call:
            await asyncio.sleep(self._latency / 2)
            fault = self._faults.strike(method.lower(), given.fields)
            if fault is None:
                response = await self._carried_out(line, call, given)
            else:
                response = await self._befallen(fault, request, line, call, given)
            await asyncio.sleep(self._latency / 2)
            call.status = response.status
            return response

    async def _carried_out(self, line: Line, call: Call, given: Parameters) -> web.Response:
        try:
            return _response(200, await self._execution.carry_out(line, call, given))
        except ApiError as error:
            call.error = error.description
            return _refusal(error)

    async def _befallen(
        self, fault: Fault, request: web.Request, line: Line, call: Call, given: Parameters
    ) -> web.Response:
        """What comes of a call that goes wrong."""
        call.fault = fault.name
        response = web.Response()
        if fault.carried_out:
            response = await self._carried_out(line, call, given)
        if fault.error:
            call.error = fault.error.description
            response = _refusal(fault.error)
        await asyncio.sleep(fault.wait)
        match fault.ending:
            case Ending.SILENCE:
                await asyncio.Event().wait()
            case Ending.RESET if request.transport:
                request.transport.abort()
                await asyncio.sleep(GONE)
            case Ending.HALF:
                half = (response.text or "")[:-9]
                return web.Response(text=half, content_type="application/json")
        return response

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._execution.line(request.match_info["token"])
        except ApiError as error:
            return _refusal(error)
        file = self._files.by_path.get(request.match_info["path"])
        if file is None:
            return await _nothing_here(request)
        return web.Response(body=file.content, content_type="application/octet-stream")


async def _nothing_here(_: web.Request) -> web.Response:
    return _refusal(ApiError(404, PREFIXES[404]))


def _refusal(error: ApiError) -> web.Response:
    response = _response(error.code, error.json())
    if "retry_after" in error.parameters:
        response.headers["Retry-After"] = str(error.parameters["retry_after"])
    return response


def _response(status: int, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json")
