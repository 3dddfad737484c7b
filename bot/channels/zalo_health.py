"""What Zalo itself says of a bot: who it is, whether it may join groups, where its updates go.

It only asks, and never for updates: those that it got would be lost to the bot that runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.core.messaging import ChannelClosed

_WRONG_TOKEN = 401
_NONE_SET = 404  # what getWebhookInfo answers of a bot that never had a webhook


class NotReached(Exception):
    """Zalo gives no answer, or none that can be used; the message is the kind of fault."""


@dataclass(frozen=True, slots=True)
class Account:
    """The bot, and where its updates go.

    Attributes:
        name: as people see it; the handle when Zalo gives none.
        handle: Zalo's technical name of it.
        joins_groups: people may add it to groups; it does not say that it is in any.
        webhook: address to which its updates are sent; "" when they wait for who asks.
    """

    id: str
    name: str
    handle: str
    joins_groups: bool
    webhook: str


async def look_up(
    token: str,
    *,
    api_url: str,
    timeout: float,  # noqa: ASYNC109  # of each answer, which aiohttp keeps
) -> Account:
    """Return what Zalo says of the bot.

    Args:
        timeout: seconds to wait for one answer.

    Raises:
        ChannelClosed: the token is wrong.
        NotReached: Zalo says nothing that can be used.
    """
    address = f"{api_url.rstrip('/')}/bot{quote(token, safe=':')}"
    async with ClientSession(timeout=ClientTimeout(total=timeout)) as session:
        me = await _ask(session, f"{address}/getMe")
        if me is None:
            raise NotReached("mã lỗi 404")
        webhook = await _ask(session, f"{address}/getWebhookInfo") or {}
    handle = _words(me, "account_name")
    return Account(
        id=_words(me, "id"),
        name=_words(me, "display_name") or handle,
        handle=handle,
        joins_groups=me.get("can_join_groups") is True,
        webhook=_words(webhook, "url"),
    )


async def _ask(session: ClientSession, address: str) -> Mapping[str, Any] | None:
    """Return the result of a method without parameters; None when Zalo knows of none."""
    try:
        # Zalo never redirects, and whoever does must not be sent the token.
        sent = session.post(address, json={}, allow_redirects=False)
        async with sent as response:
            body = await _body(response)
    except (ClientError, OSError, ValueError) as error:
        # Not chained: the address, which aiohttp may quote, holds the token.
        raise NotReached(type(error).__name__) from None
    if body.get("ok") is True and isinstance(result := body.get("result"), dict):
        return result
    # Zalo reports errors with HTTP 200: the body decides, the status only where it says nothing.
    code = body.get("error_code", response.status)
    if code == _WRONG_TOKEN:
        raise ChannelClosed(
            "Mã (token) của bot Zalo không đúng hoặc đã được đặt lại. "
            "Đề nghị lấy mã trong Bot Creator của Zalo rồi ghi lại vào cấu hình."
        )
    if code == _NONE_SET:
        return None
    said = isinstance(body.get("error_code"), int)
    raise NotReached(f"mã lỗi {code}" if said else f"HTTP {response.status}")


async def _body(response: ClientResponse) -> dict[str, Any]:
    """Return the answer's object; empty when it is anything else, as a gateway's page is."""
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _words(result: Mapping[str, Any], key: str) -> str:
    value = result.get(key)
    return str(value) if isinstance(value, str | int) else ""
