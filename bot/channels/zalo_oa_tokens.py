"""The right to act for an Official Account: a pair of tokens that is renewed in time.

A refresh token is good once. Whoever uses it must keep the new pair before using that, or a person
has to authorise the bot again; so one task renews for all who wait, no cancelled send stops it, and
a pair that could not be kept is held until it can.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from bot.channels.outage import Outage
from bot.channels.zalo_oa_http import TOO_FAST, Http, Refusal
from bot.core.grant import TokenPair
from bot.core.messaging import ChannelBusy, FateUnknown, NotSetUp

T = TypeVar("T")

_DEAD = frozenset({-118, -14014, -14020})  # codes of a refresh token that gives nothing any more
_PATIENCE = 10.0  # seconds for one call
_WAIT = 5.0  # seconds after a failure that may pass
_WAIT_TOO_FAST = 30.0
_REST = 60.0  # seconds between two tries while the old token is still good
_CAUTIOUS_LIFE = timedelta(hours=1)  # of a token that comes without a readable one

CONSENT = (
    "Quản trị viên OA cần cấp quyền lại cho ứng dụng tại developers.zalo.me, "
    "rồi đặt mã mới vào [zalo_oa] refresh_token và khởi động lại bot."
)
"""What a person has to do when the bot may not act for the account any more, and where."""

_NONE_YET = (
    "Bot chưa được cấp quyền gửi tin qua Zalo OA. Quản trị viên OA cần cấp quyền cho ứng dụng tại "
    "developers.zalo.me, rồi đặt mã nhận được vào [zalo_oa] refresh_token và khởi động lại bot."
)
_GONE = f"Quyền gửi tin qua Zalo OA đã hết hiệu lực. {CONSENT}"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """The application by which the bot acts for the account."""

    app_id: str
    secret: str = field(repr=False)


class Grants(Protocol):
    """Where the pair is kept, durably; see storage/grants.py."""

    async def load(self) -> TokenPair | None:
        """Return the newest pair; None before there was any."""

    async def keep(self, pair: TokenPair, *, instead_of: str | None) -> bool:
        """Keep a pair durably; return False, and change nothing, if another came before it.

        Args:
            instead_of: refresh token of the pair that was read before; None if there was none.
        """

    async def mark_dead(self, refresh_token: str, *, at: datetime) -> None:
        """Note that a refresh token was refused, if it is still the newest."""


class Tokens:
    """Gives the access token with which to call, and renews it.

    Args:
        oauth_url: base address, such as https://oauth.zaloapp.com.
        first: refresh token as configured; used when it is none that was used before.
        now: aware time, of a clock that runs as Zalo's does.
        grace: seconds in which another process may still keep the pair that it was given.
    """

    def __init__(
        self,
        http: Http,
        app: App,
        grants: Grants,
        *,
        oauth_url: str,
        first: str,
        now: Callable[[], datetime],
        grace: float = 2.0,
    ) -> None:
        self._http = http
        self._app = app
        self._grants = grants
        self._oauth_url = oauth_url
        self._first = first
        self._now = now
        self._grace = grace
        self._pair: TokenPair | None = None
        self._unkept: tuple[TokenPair, str] | None = None  # with the refresh token that gave it
        self._renewing: asyncio.Task[TokenPair] | None = None
        self._next_try = 0.0  # loop time
        self._full = Outage("tokens of Zalo OA could not be kept", first=_WAIT, longest=_REST)

    async def close(self) -> None:
        """Let a renewal that has begun come to its end: half of one costs the grant."""
        if self._renewing is not None:
            await asyncio.wait([self._renewing])

    async def access(self) -> str:
        """Return an access token that is good, or was when it was last used.

        Raises:
            NotSetUp: only a person's consent gives one.
            ChannelBusy: there is none now.
        """
        pair, moment = self._pair, asyncio.get_running_loop().time()
        usable = pair is not None and pair.good(self._now())
        if pair is not None and usable and (not pair.due(self._now()) or moment < self._next_try):
            return pair.access_token
        try:
            return (await self._shared(refused="")).access_token
        except ChannelBusy:
            # That the grant is dead is told at once, also while the old token is still good: else
            # nobody learns of it before the end. Anything else may pass until then.
            if pair is None or not usable or self._dead:
                raise
            self._next_try = moment + _REST
            return pair.access_token

    @property
    def _dead(self) -> bool:
        return self._pair is not None and self._pair.dead_since is not None

    async def renewed(self, refused: str) -> str:
        """Return another access token than the one that Zalo refused.

        Raises:
            NotSetUp, ChannelBusy: as for `access`.
        """
        if self._pair is not None and self._pair.access_token not in ("", refused):
            return self._pair.access_token
        return (await self._shared(refused)).access_token

    async def _shared(self, refused: str) -> TokenPair:
        """Renew once for all who ask meanwhile."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(refused))
            self._renewing.add_done_callback(self._ended)
        # A send whose time is up must not take the pair from the others, nor lose it.
        return await asyncio.shield(self._renewing)

    def _ended(self, task: asyncio.Task[TokenPair]) -> None:
        self._renewing = None
        if not task.cancelled():
            task.exception()  # whoever waited has it; it may be that nobody does any longer

    async def _renew(self, refused: str) -> TokenPair:
        if self._unkept is not None:
            return await self._keep(*self._unkept)
        kept = await self._newest()
        if kept.dead_since is not None:
            raise NotSetUp(_GONE)
        if kept.access_token == refused or kept.due(self._now()):
            kept = await self._next(kept)
        self._pair = kept
        return kept

    async def _newest(self) -> TokenPair:
        """Return the pair that is kept, or the configured token if that was never used."""
        kept = await self._stored(self._grants.load())
        seed = hashlib.sha256(self._first.encode()).hexdigest() if self._first else ""
        if kept is not None and seed in ("", kept.seed):
            return kept
        if not seed:
            raise NotSetUp(_NONE_YET)
        now = self._now()
        first = TokenPair("", self._first, expires_at=now, refreshed_at=now, seed=seed)
        # Kept before it is used as well: should the bot die over it, it is known to be used up.
        return await self._keep(first, kept.refresh_token if kept else None)

    async def _next(self, pair: TokenPair) -> TokenPair:
        """Return the pair that follows one; it is kept when this returns."""
        try:
            answer = await self._ask(pair)
        except Refusal as refusal:
            if refusal.code in _DEAD:
                return await self._given_to_another(pair)
            raise _not_renewed(refusal) from refusal
        self._unkept = (self._pair_in(answer, pair), pair.refresh_token)
        return await self._keep(*self._unkept)

    async def _ask(self, pair: TokenPair) -> dict[str, Any]:
        try:
            return await self._http.call(
                "POST",
                f"{self._oauth_url}/v4/oa/access_token",
                headers={"secret_key": self._app.secret},
                patience=_PATIENCE,
                data={
                    "app_id": self._app.app_id,
                    "grant_type": "refresh_token",
                    "refresh_token": pair.refresh_token,
                },
            )
        except FateUnknown as lost:
            # If Zalo did renew, the next try is refused as dead: then a person learns of it.
            raise ChannelBusy("Zalo không trả lời khi đổi mã", wait=_WAIT) from lost

    def _pair_in(self, answer: dict[str, Any], old: TokenPair) -> TokenPair:
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not (_is_token(access) and _is_token(refresh)):
            raise ChannelBusy("không đọc được mã mới của Zalo", wait=_WAIT)
        now = self._now()
        return TokenPair(
            access_token=str(access),
            refresh_token=str(refresh),
            expires_at=now + _life(answer.get("expires_in")),
            refreshed_at=now,
            seed=old.seed,
        )

    async def _keep(self, pair: TokenPair, instead_of: str | None) -> TokenPair:
        try:
            done = await self._grants.keep(pair, instead_of=instead_of)
        except Exception as error:
            wait = self._full.fault(type(error).__name__)
            raise ChannelBusy("chưa ghi được mã của Zalo OA", wait=wait) from error
        self._full.over()
        self._unkept = None
        if not done:
            # Somebody else changed it meanwhile: what they kept is the newest.
            raise ChannelBusy("mã của Zalo OA vừa được tiến trình khác đổi", wait=_WAIT)
        if pair.access_token:
            self._pair = pair
            log.info("tokens of Zalo OA renewed, good until %s", pair.expires_at.isoformat())
        return pair

    async def _given_to_another(self, pair: TokenPair) -> TokenPair:
        """Return the pair that another process got for the same token; else the grant is dead."""
        await asyncio.sleep(self._grace)
        kept = await self._stored(self._grants.load())
        if kept is not None and kept.refresh_token != pair.refresh_token and not kept.dead_since:
            return kept
        await self._stored(self._grants.mark_dead(pair.refresh_token, at=self._now()))
        self._pair = replace(pair, dead_since=self._now(), access_token="")
        raise NotSetUp(_GONE)

    async def _stored(self, asked: Awaitable[T]) -> T:
        try:
            return await asked
        except Exception as error:
            reason = f"cơ sở dữ liệu đang bận ({type(error).__name__})"
            raise ChannelBusy(reason, wait=_WAIT) from error


def _not_renewed(refusal: Refusal) -> ChannelBusy:
    if refusal.code == TOO_FAST:
        return ChannelBusy("Zalo yêu cầu gửi chậm lại", wait=_WAIT_TOO_FAST)
    return NotSetUp(
        f"Zalo không đổi mã cho ứng dụng (mã lỗi {refusal.code}). Kiểm tra [zalo_oa] app_id, "
        "app_secret và trạng thái ứng dụng tại developers.zalo.me."
    )


def _is_token(value: object) -> bool:
    # It becomes a header: a line break in it would be refused there, and quoted.
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != ""


def _life(told: object) -> timedelta:
    """Return for how long an access token is good; Zalo tells seconds, as text."""
    try:
        seconds = int(str(told))
    except ValueError:
        return _CAUTIOUS_LIFE
    return timedelta(seconds=seconds) if 0 < seconds < 10**9 else _CAUTIOUS_LIFE
