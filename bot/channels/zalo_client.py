"""A thin client of the Zalo Bot Platform: one call at a time, typed results, nothing else.

No package is fit for it: the one that is published takes failures for successes, since Zalo
reports errors with HTTP 200.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    TCPConnector,
)

_CONNECT = 5.0  # seconds
_DEADLINE = 20.0  # seconds for one call
_FETCHING = 50.0  # seconds for a picture, which Zalo fetches before it answers
_IDLE = 10.0  # seconds: shorter than any server keeps a connection that nobody uses
_LARGEST_ANSWER = 1024 * 1024  # bytes

NOT_FOUND = 404
TIMEOUT = 408


class ZaloRefused(Exception):
    """Zalo answered that it did not do it; `code` is Zalo's own."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Zalo: {code}")
        self.code = code


class ZaloUnreached(Exception):
    """The request never left this machine."""


class ZaloUnclear(Exception):
    """It left, but no answer came that can be read."""


FAULTS = (ZaloRefused, ZaloUnreached, ZaloUnclear)
"""What a call can end in."""


@dataclass(frozen=True, slots=True)
class Account:
    """What Zalo says of a bot.

    Attributes:
        name: as people see it and mention it; the handle when Zalo gives none.
        handle: Zalo's technical name of it.
        joins_groups: it may be added to groups; that it is in one, nobody says.
    """

    id: str
    name: str
    handle: str
    joins_groups: bool


class ZaloClient:
    """Calls the methods of one bot; `async with` closes its connections.

    The token is part of every address, so that no address may reach a log or a person.

    Args:
        api_url: base address, such as https://bot-api.zaloplatforms.com.
        deadline: seconds for one call.
    """

    def __init__(self, token: str, *, api_url: str, deadline: float = _DEADLINE) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{quote(token, safe=':')}"
        self._deadline = deadline
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def account(self) -> Account:
        """Return who the bot is."""
        me = _fields(await self._call("getMe"))
        handle = _text(me, "account_name")
        name = _text(me, "display_name") or handle
        joins_groups = me.get("can_join_groups") is True
        return Account(_text(me, "id"), name, handle, joins_groups=joins_groups)

    async def next_update(self, wait: int, *, late: float) -> Mapping[str, Any] | None:
        """Return the next update; None when there was none for `wait` seconds.

        There is no offset and no acknowledgement: what was returned never comes again.

        Args:
            late: seconds by which an answer may come later than it was asked for.
        """
        try:
            update = await self._call("getUpdates", {"timeout": str(wait)}, deadline=wait + late)
        except ZaloRefused as refused:
            if refused.code == TIMEOUT:
                return None
            raise
        if isinstance(update, list):  # documented as one object; one in a list is no less clear
            update = update[0] if update else None
        return update if isinstance(update, dict) and update else None

    async def webhook(self) -> str:
        """Return the address to which updates are posted; "" when who asks gets them."""
        try:
            return _text(_fields(await self._call("getWebhookInfo")), "url")
        except ZaloRefused as refused:
            if refused.code == NOT_FOUND:  # so it says when there never was one
                return ""
            raise

    async def set_webhook(self, url: str, secret: str) -> bool:
        """Have updates posted; return False when Zalo says that it got no good answer there.

        Zalo tries the address at once, and keeps it even so.
        """
        result = await self._call("setWebhook", {"url": url, "secret_token": secret})
        tried = result.get("verification") if isinstance(result, dict) else None
        # Newer documentation has it without saying what is in it: what is not there is no failure.
        return not (isinstance(tried, dict) and tried.get("success") is False)

    async def delete_webhook(self) -> None:
        """Have updates given to who asks."""
        await self._call("deleteWebhook")

    async def send_text(self, chat: str, text: str) -> str:
        """Send plain text, at most 2,000 UTF-16 units; return the message's id."""
        return _message_id(await self._call("sendMessage", {"chat_id": chat, "text": text}))

    async def send_picture(self, chat: str, url: str, caption: str) -> str:
        """Send a picture that Zalo fetches from a public address; return the message's id."""
        fields = {"chat_id": chat, "photo": url, **({"caption": caption} if caption else {})}
        return _message_id(await self._call("sendPhoto", fields, deadline=_FETCHING))

    async def _call(
        self, method: str, fields: Mapping[str, str] | None = None, *, deadline: float | None = None
    ) -> object:
        """Return the result of a method; None when it has none.

        Raises:
            ZaloRefused, ZaloUnreached, ZaloUnclear: the call failed, in one of these ways.
        """
        if self._session is None:
            # Alone with its poll or its send: a bot never has many calls under way.
            self._session = ClientSession(connector=TCPConnector(keepalive_timeout=_IDLE))
        timeout = ClientTimeout(total=deadline or self._deadline, connect=_CONNECT)
        try:
            async with self._session.post(
                f"{self._base}/{method}",
                json=dict(fields or {}),
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                body = await answer.content.read(_LARGEST_ANSWER)
                while not answer.content.at_eof() and len(body) < _LARGEST_ANSWER:
                    body += await answer.content.read(_LARGEST_ANSWER)
                return _result(body, answer.status)
        # Not chained: the address, which aiohttp quotes in some, holds the token.
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as error:
            raise ZaloUnreached(type(error).__name__) from None
        except (ClientError, OSError, ValueError) as error:
            raise ZaloUnclear(type(error).__name__) from None


def _result(body: bytes, status: int) -> object:
    """Return the result in an answer: the body decides, and only without one the HTTP status."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and answer.get("ok") is True:
        return answer.get("result")
    if isinstance(answer, dict) and answer.get("ok") is False:
        code = answer.get("error_code")
        if isinstance(code, int):
            raise ZaloRefused(code)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ZaloRefused(status)
    raise ZaloUnclear(f"HTTP {status}")


def _fields(result: object) -> Mapping[str, Any]:
    if not isinstance(result, dict):
        raise ZaloUnclear(f"HTTP {HTTPStatus.OK}")  # all that can be said of it
    return result


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return str(value) if isinstance(value, str | int) else ""


def _message_id(result: object) -> str:
    """Return the id of a message that was sent.

    It was sent also where Zalo leaves the id out; such a message is never named again.
    """
    return _text(result, "message_id") if isinstance(result, dict) else ""
