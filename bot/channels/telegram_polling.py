"""Asking Telegram for updates again and again (long polling)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramConflictError,
    TelegramRetryAfter,
)
from aiogram.types import User

from bot.channels.outage import Outage
from bot.channels.telegram_claim import refuse_webhook
from bot.channels.telegram_updates import TRANSLATED, Raw, heard
from bot.core.messaging import Inbound, Receive

_MOST_AT_ONCE = 100  # updates in one answer; Telegram gives no more

FAULTS = (AiogramError, OSError, UnicodeDecodeError)
"""What asking Telegram can end in when it, or the way to it, is out of order."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for Telegram, in seconds.

    Attributes:
        poll: for the next update, before asking anew.
        answer: for an answer, beyond that.
        rest, longest_rest: after a fault, and at most after many.
        rival_rest, longest_rival_rest: the same after somebody else asked with our token.
    """

    poll: int = 50
    answer: int = 15
    rest: float = 0.5
    longest_rest: float = 60.0
    rival_rest: float = 30.0
    longest_rival_rest: float = 300.0


class Poller:
    """Asks for updates and passes them on; what was passed on is never asked for again.

    Args:
        me: the bot itself.
        caught_up: set once all that waited has been passed on.
    """

    def __init__(
        self,
        bot: Bot,
        me: User,
        receive: Receive,
        patience: Patience,
        caught_up: asyncio.Event,
    ) -> None:
        self._bot = bot
        self._caught_up = caught_up
        self._me = me
        self._receive = receive
        self._patience = patience
        self._offset: int | None = None
        rests = {"first": patience.rest, "longest": patience.longest_rest}
        self._silence = Outage("Telegram gives no updates", **rests)
        self._full = Outage("updates of Telegram could not be kept", **rests)
        self._rival = Outage(
            f"Một chương trình khác đang nhận tin bằng mã (token) của bot @{me.username}. "
            "Hãy dừng chương trình đó, hoặc xin BotFather mã mới rồi đặt lại [telegram] token",
            first=patience.rival_rest,
            longest=patience.longest_rival_rest,
            # Two who take turns would otherwise look like a fault that comes and goes.
            calm=patience.longest_rival_rest,
        )

    async def run(self) -> NoReturn:
        """Run until cancelled.

        Raises:
            ChannelClosed: somebody has set a webhook meanwhile.
        """
        while True:
            updates = await self._next()
            batch = [i for n, update in updates if (i := heard(n, update, self._me))]
            if batch:
                await self._keep(batch)
            if updates:
                # Telegram forgets what lies below it: only now may it.
                self._offset = max(number for number, _ in updates) + 1
            else:
                self._caught_up.set()

    async def _next(self) -> Sequence[tuple[int, Raw]]:
        """Return the next updates with their ids, however long it takes to get them."""
        while True:
            try:
                updates = await self._ask()
            except TelegramConflictError:
                await asyncio.sleep(self._rival.fault())
            except FAULTS as error:
                await asyncio.sleep(max(self._silence.fault(type(error).__name__), asked(error)))
            else:
                self._silence.over()
                self._rival.over()
                return updates

    async def _ask(self) -> Sequence[tuple[int, Raw]]:
        try:
            updates = await self._bot.get_updates(
                offset=self._offset,
                limit=_MOST_AT_ONCE,
                # What waits comes at once; only then is there something to wait for.
                timeout=self._patience.poll if self._caught_up.is_set() else 0,
                allowed_updates=list(TRANSLATED),
                request_timeout=self._patience.poll + self._patience.answer,
            )
        except TelegramConflictError:
            await refuse_webhook(self._bot, self._me)
            raise
        except ClientDecodeError as error:
            # One update that the library cannot read makes the whole answer unreadable.
            if single := _one_by_one(error.data):
                return single
            raise
        return [(update.update_id, update) for update in updates]

    async def _keep(self, batch: Sequence[Inbound]) -> None:
        """Return when the batch is durable, however long it takes."""
        while True:
            try:
                await self._receive(batch)
            except Exception as error:  # noqa: BLE001  # whatever it is, they must not be lost
                await asyncio.sleep(self._full.fault(repr(error)))
            else:
                self._full.over()
                return


def asked(error: BaseException) -> float:
    """Return the seconds for which Telegram asked not to be called."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0


def _one_by_one(answer: Any) -> Sequence[tuple[int, Raw]]:
    """Return the updates of an answer that the library could not read, by their ids."""
    match answer:
        case {"ok": True, "result": [*updates]}:
            return [(u["update_id"], u) for u in updates if _has_id(u)]
    return []


def _has_id(update: Any) -> bool:
    return isinstance(update, dict) and isinstance(update.get("update_id"), int)
