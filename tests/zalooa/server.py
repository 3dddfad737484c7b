"""The server: tokens, uploads, messages, and the events that it posts."""

import asyncio
import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

import aiohttp
from aiohttp import web

from .faults import Fault

Json = dict[str, Any]
REFRESH = "/v4/oa/access_token"
GROUP, PERSON = "/v3.0/oa/group/message", "/v3.0/oa/message/cs"
UPLOADS = {"/v2.0/oa/upload/file": "token", "/v2.0/oa/upload/image": "attachment_id"}
ACCOUNT = "/v2.0/oa/getoa"
RETRIES = 5


@dataclass(frozen=True)
class Sent:
    """A message that arrived.

    Attributes:
        to: id of the person or group.
        file: name and bytes of what it carries; None without.
    """

    to: str
    in_group: bool
    text: str
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Call:
    """A call as it came."""

    path: str
    headers: Mapping[str, str]
    given: Json


class ZaloOa:
    """One Official Account and one application.

    Args:
        expires_in: what it tells of an access token's life, in seconds as text.
        between: seconds between two tries to post an event.
        file_id: under which name an uploaded document's id is told.
    """

    def __init__(
        self, *, expires_in: str = "90000", between: float = 0.02, file_id: str = "token"
    ) -> None:
        self.app_id, self.app_secret, self.oa_secret = "4711", "khoa-ung-dung", "khoa-oa"
        self.hook = ""
        self.sent: list[Sent] = []
        self.calls: list[Call] = []
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.account: Json = {"name": "UBND tỉnh Vĩnh Phúc", "oa_type": 2, "is_verified": True}
        self.slow = 0.0  # seconds that each call takes
        self._names = UPLOADS | {"/v2.0/oa/upload/file": file_id}
        self._expires_in = expires_in
        self._between = between
        self._numbers = count(1)
        self._access: set[str] = set()
        self._refresh: set[str] = set()
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=16 * 1024 * 1024)
        for path in (REFRESH, GROUP, PERSON, *UPLOADS):
            application.router.add_post(path, self._answer)
        application.router.add_get(ACCOUNT, self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._runner.cleanup()

    # What a test does

    def consent(self) -> str:
        """An admin authorises the application; return the first refresh token."""
        self._refresh = {f"refresh-{next(self._numbers)}"}
        [token] = self._refresh
        return token

    def expire_access(self) -> None:
        self._access.clear()

    def kill_refresh(self) -> None:
        self._refresh.clear()

    def expire_uploads(self) -> None:
        self.uploads.clear()

    def fails(self, path: str, *faults: Fault) -> None:
        self._faults[path].extend(faults)

    def counts(self, path: str) -> int:
        return sum(call.path == path for call in self.calls)

    def event(self, name: str, *, sender: str, recipient: str = "oa", **message: Any) -> Json:
        """An event as Zalo posts it, ids and timestamp as text."""
        about = {"msg_id": f"m{next(self._numbers)}", **message}
        return {
            "event_name": name,
            "app_id": self.app_id,
            "sender": {"id": sender},
            "recipient": {"id": recipient},
            "message": about,
            "timestamp": "1586937600123",
        }

    async def posts(self, event: Json, *, prefix: str = "", secret: str = "") -> list[int]:
        """Post an event until it is answered with 200; return the answers' statuses, 0 for none."""
        statuses: list[int] = []
        for retry in range(RETRIES * 20):
            numbered = event | ({"num_retry": str(retry)} if retry else {})
            statuses.append(await self.posts_once(numbered, prefix=prefix, secret=secret))
            if statuses[-1] == 200:
                break
            await asyncio.sleep(self._between)
        return statuses

    async def posts_once(self, event: Json, *, prefix: str = "", secret: str = "") -> int:
        body = json.dumps(event, ensure_ascii=False, indent=1).encode()
        signed = f"{self.app_id}".encode() + body + str(event.get("timestamp", "")).encode()
        sign = hashlib.sha256(signed + (secret or self.oa_secret).encode()).hexdigest()
        return await self.posts_raw(body, {"X-ZEvent-Signature": prefix + sign})

    async def posts_raw(self, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            async with self._session.post(self.hook, data=body, headers=headers) as response:
                return response.status
        except aiohttp.ClientError:
            return 0

    # How it answers

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        given = await self._given(request)
        self.calls.append(Call(request.path, dict(request.headers), given))
        await asyncio.sleep(self.slow)
        waiting = self._faults[request.path]
        fault = waiting.popleft() if waiting else None
        if fault is None:
            return web.json_response(self._done(request, given))
        if fault.done:
            self._done(request, given)
        if fault.silent:
            await asyncio.sleep(60)
        if fault.lost:
            assert request.transport
            request.transport.abort()
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)

    async def _given(self, request: web.Request) -> Json:
        if request.method == "GET":
            return {}
        if request.content_type == "application/json":
            return dict(await request.json())
        return dict(await request.post())

    def _done(self, request: web.Request, given: Json) -> Json:
        if request.path == REFRESH:
            return self._refreshed(request, given)
        if request.headers.get("access_token") not in self._access:
            return {"error": -216, "message": "Access token is invalid"}
        if request.path == ACCOUNT:
            return {"error": 0, "message": "Success", "data": self.account}
        if request.path in UPLOADS:
            return self._uploaded(request.path, given["file"])
        return self._sent(request.path == GROUP, given)

    def _refreshed(self, request: web.Request, given: Json) -> Json:
        known = (request.headers.get("secret_key"), given.get("app_id"))
        if known != (self.app_secret, self.app_id) or given["grant_type"] != "refresh_token":
            return {"error": -14004, "error_name": "Invalid secret key"}
        if given["refresh_token"] not in self._refresh:
            return {"error": -14014, "error_name": "Invalid refresh token"}
        number = next(self._numbers)
        self._refresh = {f"refresh-{number}"}
        self._access.add(f"access-{number}")
        return {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "expires_in": self._expires_in,
        }

    def _uploaded(self, path: str, file: web.FileField) -> Json:
        token = f"upload-{next(self._numbers)}"
        self.uploads[token] = (file.filename, file.file.read())
        return {"error": 0, "message": "Success", "data": {self._names[path]: token}}

    def _sent(self, in_group: bool, given: Json) -> Json:
        message, file = given["message"], None
        if "attachment" in message:
            token = self._token(message["attachment"])
            if token not in self.uploads:
                return {"error": -100, "message": "attachment expired"}
            file = self.uploads[token]
        to = given["recipient"]["group_id" if in_group else "user_id"]
        self.sent.append(Sent(to, in_group, message.get("text", ""), file))
        data = {"message_id": f"m{next(self._numbers)}"}
        return {"error": 0, "data": data | ({"group_id": to} if in_group else {"user_id": to})}

    def _token(self, attachment: Json) -> str:
        payload = attachment["payload"]
        if attachment["type"] == "file":
            return str(payload[self._names["/v2.0/oa/upload/file"]])
        assert attachment["type"] == "template"
        [picture] = payload["elements"]
        assert (payload["template_type"], picture["media_type"]) == ("media", "image")
        return str(picture["attachment_id"])
