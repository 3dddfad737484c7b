"""HTTP to Zalo's servers: every call has a deadline, and the answer's body decides."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.core.messaging import ChannelBusy, FateUnknown

TOKEN_REFUSED = frozenset({-216, -220, 216, 401, -401})
"""Codes of an access token that is wrong or has expired."""
TOO_FAST = -32
"""Code of the limit per minute."""

_CONNECT = 5.0  # seconds until a connection is there, or a place among those there may be
_WAIT_UNREACHABLE = 5.0  # seconds
# What an HTTP status alone still says, when the body is not Zalo's: the call was not carried out.
_BY_STATUS: Mapping[int, int] = {
    HTTPStatus.UNAUTHORIZED: 401,
    HTTPStatus.TOO_MANY_REQUESTS: TOO_FAST,
}


class Refusal(Exception):
    """Zalo answered and did not do it.

    Attributes:
        code: Zalo's own, by which the reason is known.
        headers: of the answer; some tell when to come again.
    """

    def __init__(self, code: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"mã lỗi {code}")  # Zalo's words may quote what was sent
        self.code = code
        self.headers = headers


class Http:
    """Calls Zalo; whoever made it closes it.

    No call is repeated here: only its caller knows whether a second one does harm.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; nothing can be called after it."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], patience: float, **body: Any
    ) -> dict[str, Any]:
        """Return what Zalo answers.

        Args:
            patience: seconds for the whole call.
            body: what is posted, by aiohttp's names: `json` or `data`.

        Raises:
            Refusal: it was not done.
            ChannelBusy: the call never reached Zalo.
            FateUnknown: the answer was lost, or nobody can read it.
        """
        timeout = aiohttp.ClientTimeout(total=patience, connect=min(_CONNECT, patience / 2))
        try:
            async with self._opened().request(
                method, url, headers=headers, timeout=timeout, allow_redirects=False, **body
            ) as response:
                return _read(await response.read(), response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ChannelBusy("không kết nối được với Zalo", wait=_WAIT_UNREACHABLE) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FateUnknown(f"mất trả lời của Zalo ({type(error).__name__})") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A connection that is kept may be closed by Zalo just when it is used again, and then
            # the fate of a post would be unknown: each call gets its own.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _read(body: bytes, response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return an answer that says that it was done, or nothing about that."""
    answer = _parsed(body)
    if answer is None:
        if (told := _BY_STATUS.get(response.status)) is not None:
            raise Refusal(told, response.headers)
        raise FateUnknown(f"không đọc được trả lời của Zalo (HTTP {response.status})")
    # Zalo reports errors with HTTP 200: the body decides, not the status.
    try:
        code = int(answer.get("error", 0))
    except (TypeError, ValueError) as error:
        raise FateUnknown("không đọc được trả lời của Zalo") from error
    if code:
        raise Refusal(code, response.headers)
    return answer


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
