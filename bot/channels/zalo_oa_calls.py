"""Calls in the name of the Official Account: with its token, once more if that was refused."""

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from bot.channels.zalo_oa_http import TOKEN_REFUSED, Http, Refusal
from bot.channels.zalo_oa_tokens import CONSENT, Tokens
from bot.core.messaging import NotSetUp

# Seconds. A renewal, an upload and two sends, one after the other, end before the relay's patience.
_PATIENCE = 10.0
_PATIENCE_UPLOAD = 20.0

_NOT_TAKEN = f"Zalo không nhận quyền của bot nữa. {CONSENT}"

Body = Callable[[], Mapping[str, Any]]


class Calls:
    """Calls the account's API.

    Args:
        api_url: base address, such as https://openapi.zalo.me.
        patience: seconds for a call, unless it uploads.
    """

    def __init__(
        self, http: Http, tokens: Tokens, *, api_url: str, patience: float = _PATIENCE
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._api_url = api_url
        self._patience = patience

    async def post(self, path: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of the answer to a JSON body.

        Raises:
            Refusal: Zalo did not do it.
            NotSetUp, ChannelBusy: Zalo was not asked to.
            FateUnknown: nobody knows.
        """
        return await self._called("POST", path, lambda: {"json": given}, self._patience)

    async def upload(self, path: str, name: str, kind: str, content: bytes) -> Mapping[str, Any]:
        """Return the data of the answer to a file.

        Args:
            kind: MIME type.

        Raises:
            as `post`.
        """

        def body() -> Mapping[str, Any]:
            # The name goes as it stands: a receiver that knows only the plain form of the field
            # would lose its ending, by which Zalo judges the file.
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("file", content, filename=name, content_type=kind)
            return {"data": form}

        return await self._called("POST", path, body, _PATIENCE_UPLOAD)

    async def account(self) -> Mapping[str, Any]:
        """Return what Zalo says of the account, which harms nobody to ask.

        Raises:
            as `post`.
        """
        return await self._called("GET", "/v2.0/oa/getoa", dict, self._patience)

    async def _called(
        self, method: str, path: str, body: Body, patience: float
    ) -> Mapping[str, Any]:
        token = await self._tokens.access()
        try:
            return await self._once(method, path, token, body, patience)
        except Refusal as refusal:
            if refusal.code not in TOKEN_REFUSED:
                raise
        token = await self._tokens.renewed(token)
        try:
            return await self._once(method, path, token, body, patience)
        except Refusal as refusal:
            if refusal.code in TOKEN_REFUSED:
                raise NotSetUp(_NOT_TAKEN) from refusal
            raise

    async def _once(
        self, method: str, path: str, token: str, body: Body, patience: float
    ) -> Mapping[str, Any]:
        answer = await self._http.call(
            method,
            f"{self._api_url}{path}",
            headers={"access_token": token},  # not Authorization: Bearer
            patience=patience,
            **body(),
        )
        data = answer.get("data")
        return data if isinstance(data, dict) else {}
