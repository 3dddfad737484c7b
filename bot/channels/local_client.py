"""The other side of the built-in messenger: what a person's program says and sees."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import (
    ClientConnectionError,
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    TCPConnector,
)

from bot.core.messaging import Button

_PATIENCE = 20.0  # seconds an answer may take beyond the time it was asked to wait
_PAUSE = 0.5  # seconds between two tries

T = TypeVar("T")


class Refused(Exception):
    """The message or question is wrong; the reason is one line of Vietnamese."""


class Unreachable(Exception):
    """No answer, so it is unknown whether the message arrived: say it again with the same id.

    The reason is one line of Vietnamese.
    """


@dataclass(frozen=True, slots=True)
class Seen:
    """One message of the bot; ids grow."""

    id: int
    key: str
    text: str
    buttons: tuple[Button, ...]


class LocalClient:
    """Speaks to the built-in messenger; used in `async with`.

    Many people may share one client: each waits on a connection of its own.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    async def __aenter__(self) -> Self:
        self._session = ClientSession(connector=TCPConnector(limit=0))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def say(
        self,
        sender: str,
        chat: str,
        message_id: str,
        text: str,
        name: str = "",
        *,
        group: bool = False,
    ) -> None:
        """Return when the bot has the message for good.

        Args:
            message_id: the sender's own id of the message; repeated with the same id, it counts
                once.

        Raises:
            Refused: the bot does not take such a message.
            Unreachable: there was no answer.
        """
        said = {
            "sender": sender,
            "chat": chat,
            "id": message_id,
            "text": text,
            "name": name,
            "group": group,
        }
        # Vietnamese letters escaped as \uXXXX would take three times their room.
        await self._ask(
            "POST",
            data=json.dumps(said, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json"},
        )

    async def messages(self, chat: str, after: int = 0, wait: float = 0) -> Sequence[Seen]:
        """Return what the bot sent to the chat after that id, oldest first.

        Args:
            wait: seconds to wait when there is nothing yet; at most 30.

        Raises:
            Refused: the bot does not take such a question.
            Unreachable: there was no answer.
        """
        asked = {"chat": chat, "after": str(after), "wait": str(wait)}
        answer = await self._ask("GET", params=asked, wait=wait)
        return [
            Seen(m["id"], m["key"], m["text"], tuple(Button(*pair) for pair in m["buttons"]))
            for m in answer["messages"]
        ]

    async def _ask(self, method: str, *, wait: float = 0, **request: Any) -> Any:
        url = f"{self._base_url}/messages"
        limit = ClientTimeout(total=wait + _PATIENCE)
        try:
            async with self._session.request(method, url, timeout=limit, **request) as response:
                status, body = response.status, await response.read()
        except (ClientConnectionError, ClientPayloadError, TimeoutError) as error:
            raise Unreachable(
                f"Chưa kết nối được với Giao Ban tại {self._base_url}. "
                "Đề nghị chạy lệnh giaoban run."
            ) from error
        return self._answer(status, body)

    def _answer(self, status: int, body: bytes) -> Any:
        if status >= 500:
            raise Unreachable(f"Giao Ban tại {self._base_url} chưa ghi nhận được tin nhắn.")
        try:
            answer = json.loads(body)
            if status == 200:
                return answer
            reason = answer["error"]
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"Tại {self._base_url} không phải là Giao Ban.") from error
        raise Refused(reason)


async def until_answered(
    attempt: Callable[[], Awaitable[T]], lost: Callable[[Unreachable], None] | None = None
) -> T:
    """Return what the attempt returns, however often it must be repeated.

    Args:
        lost: told once when the first try had no answer.

    Raises:
        Refused: as the attempt.
    """
    tell = lost
    while True:
        try:
            return await attempt()
        except Unreachable as unreachable:
            if tell:
                tell(unreachable)
                tell = None
        await asyncio.sleep(_PAUSE)
