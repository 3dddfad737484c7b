"""How Telegram is asked: aiogram's `Bot`, at the address and through the proxy of the settings."""

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientSession

from bot.core.messaging import ChannelClosed

_TIMEOUT = 60.0  # seconds


def asker(token: str, *, api_url: str, proxy: str, timeout: float = _TIMEOUT) -> Bot:
    """Return a bot that has not asked anything yet; `async with` closes it.

    Args:
        proxy: address of an HTTP proxy; "" for none.
        timeout: seconds for one answer.

    Raises:
        ChannelClosed: the token has not the shape of one.
    """
    api = TelegramAPIServer.from_base(api_url)
    try:
        return Bot(token, session=_Session(api, proxy, timeout))
    except TokenValidationError as error:
        raise wrong_token() from error


def wrong_token() -> ChannelClosed:
    """Return what is to be said of a token that Telegram does not know."""
    return ChannelClosed(
        "Mã (token) của bot Telegram không đúng. Đề nghị kiểm tra [telegram] token hoặc token_file."
    )


class _Session(AiohttpSession):
    """aiogram's session, which by itself knows proxies only with one more package."""

    def __init__(self, api: TelegramAPIServer, proxy: str, timeout: float) -> None:
        super().__init__(api=api, timeout=timeout)
        self._http_proxy = proxy or None

    async def create_session(self) -> ClientSession:
        """Return the session, opened when it is used for the first time."""
        if self._session is None or self._session.closed:
            connector = self._connector_type(**self._connector_init)
            self._session = ClientSession(connector=connector, proxy=self._http_proxy)
        return self._session
