"""Zalo's Official Account with groups of its own (GMF): the way to Zalo that carries files."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from bot.channels.outage import Outage
from bot.channels.zalo_oa_calls import Calls
from bot.channels.zalo_oa_events import CHANNEL
from bot.channels.zalo_oa_gateway import LONGEST_TEXT, Gateway
from bot.channels.zalo_oa_http import Http
from bot.channels.zalo_oa_tokens import App, Grants, Tokens
from bot.channels.zalo_oa_webhook import Hook, Site, served
from bot.core.messaging import Abilities, ChannelBusy, Outbound, Receive
from bot.core.quota import Quota

_LOOK_AGAIN = 600.0  # seconds between two looks whether the tokens are still good


@dataclass(frozen=True, slots=True)
class Addresses:
    """Base addresses of Zalo's servers."""

    api: str = "https://openapi.zalo.me"
    oauth: str = "https://oauth.zaloapp.com"


class ZaloOaChannel:
    """An Official Account of Zalo's.

    Args:
        app: by which the bot acts for the account.
        grants: where the pair of tokens is kept.
        site: the web server on which events arrive at the hook's path.
        first_token: refresh token as configured; "" when the grant is kept already.
        now: aware time of a real clock: tokens expire by Zalo's time, not by a rehearsal's.
        quota: how much the account carries; None when nothing is counted.
        patience: seconds for a call.
        grace: see `Tokens`.
    """

    name = CHANNEL
    title = "Zalo OA"

    def __init__(
        self,
        app: App,
        grants: Grants,
        *,
        site: Site,
        hook: Hook,
        now: Callable[[], datetime],
        first_token: str = "",
        addresses: Addresses | None = None,
        quota: Quota | None = None,
        patience: float = 10.0,
        grace: float = 2.0,
    ) -> None:
        at = addresses or Addresses()
        self.abilities = Abilities(
            longest_text=LONGEST_TEXT, buttons=False, drops_repeats=False, files=True, quota=quota
        )
        self.caught_up = asyncio.Event()
        self._site = site
        self._hook = hook
        self._http = Http()
        self._tokens = Tokens(
            self._http,
            app,
            grants,
            oauth_url=at.oauth,
            first=first_token,
            now=now,
            grace=grace,
        )
        calls = Calls(self._http, self._tokens, api_url=at.api, patience=patience)
        self._gateway = Gateway(calls, now=now)

    async def close(self) -> None:
        """Let a renewal of the tokens end and close the connections; nothing can be sent after."""
        await self._tokens.close()
        await self._http.close()

    async def listen(self, receive: Receive) -> None:
        """Listen until cancelled; see `Channel.listen`.

        Raises:
            OSError: the web server cannot take the port.
        """
        async with served(self._site, self._hook, receive):
            # What came meanwhile Zalo posts again by itself, for over an hour: there is nothing to
            # ask for, and nothing that would say that all has come.
            self.caught_up.set()
            await self._stay_authorised()

    async def send(self, message: Outbound, content: bytes | None = None) -> str:
        """Deliver one message; see `Channel.send`."""
        return await self._gateway.send(message, content)

    async def _stay_authorised(self) -> NoReturn:
        """Renew the tokens in time also when nothing is sent, and say early when that fails."""
        trouble = Outage("Zalo OA cannot be used", first=_LOOK_AGAIN, longest=_LOOK_AGAIN)
        while True:
            try:
                await self._tokens.access()
            except ChannelBusy as error:
                trouble.fault(str(error))
            else:
                trouble.over()
            await asyncio.sleep(_LOOK_AGAIN)
