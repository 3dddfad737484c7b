"""What happens to a call before and after its method: flood control, crowding, the record."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .chats import Bot
from .errors import PREFIXES, ApiError, flood, refused
from .limits import Flood, Limits
from .methods import METHODS
from .parameters import Parameters
from .webhook import Webhook
from .world import World

COUNTED = ("sendmessage", "sendphoto", "senddocument", "editmessage")
"""Methods that flood control counts, by how their names begin."""
OF_THE_SERVER = {"setwebhook", "deletewebhook", "getwebhookinfo"}
CROWDED = 60  # seconds to wait when too much is under way
HELD = 3  # seconds before such a call is refused
LARGE = 100_000  # bytes from which on files of one size are spaced
SPACE = 0.5  # seconds between two of them
LONGEST_TOKEN = 80
WEBHOOK_ACTIVE = (
    "Can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
    "first"
)


@dataclass
class Call:
    """One call on record.

    Attributes:
        time: the server's; at: the loop's, for intervals.
        fields, files: what came with it; of files their names and sizes.
        status: None while there is no answer, and when there never was one.
        done: whether the method did its work, whatever became of the answer.
        crowded: whether it came when too much was under way.
        during_ban: whether it was sent although the bot had been told to wait.
    """

    time: datetime
    at: float
    token: str
    method: str
    fields: Mapping[str, str]
    files: Mapping[str, tuple[str, int]]
    status: int | None = None
    error: str = ""
    result: Any = None
    done: bool = False
    crowded: bool = False
    during_ban: bool = False
    fault: str = ""


@dataclass
class Line:
    """What the server keeps for one bot besides its account."""

    bot: Bot
    webhook: Webhook
    flood: Flood
    # The chats of the calls that have no answer yet.
    under_way: list[str] = field(default_factory=list)


class Execution:
    """Carries out calls of all bots and keeps the record of them."""

    def __init__(self, world: World, limits: Limits, *, hurry: float) -> None:
        self.calls: list[Call] = []
        self.on_call: Callable[[Call], None] = lambda _: None
        self._world = world
        self._limits = limits
        self._hurry = hurry
        self._lines: dict[str, Line] = {}
        self._next_upload: dict[int, float] = {}

    def add(self, bot: Bot) -> None:
        hook = Webhook(self._world, bot, self._from_webhook, self._hurry)
        self._lines[bot.token] = Line(bot, hook, Flood(self._limits))

    def remove(self, bot: Bot) -> None:
        del self._lines[bot.token]

    def line(self, token: str) -> Line:
        """What belongs to a token.

        Raises:
            ApiError: it is none, or belongs to no bot.
        """
        if token[0] == "0" or len(token) > LONGEST_TOKEN or ":" not in token:
            raise refused(401, "Invalid token specified")
        if token not in self._lines:
            raise ApiError(401, PREFIXES[401])
        return self._lines[token]

    async def stop(self) -> None:
        for line in self._lines.values():
            await line.webhook.stop()

    @contextmanager
    def recorded(self, line: Line, method: str, given: Parameters) -> Iterator[Call]:
        """A call on record, and under way as long as the block lasts."""
        files = {part: (u.name, len(u.content)) for part, u in given.uploads.items()}
        at, chat = asyncio.get_running_loop().time(), given.text("chat_id")
        now = self._world.now()
        call = Call(now, at, line.bot.token, method, dict(given.fields), files)
        self.calls.append(call)
        line.under_way.append(chat)
        call.crowded = self._crowded(line, chat)
        try:
            yield call
        finally:
            line.under_way.remove(chat)
            self.on_call(call)

    async def carry_out(self, line: Line, call: Call, given: Parameters) -> dict[str, Any]:
        """The body of the answer to a call.

        Raises:
            ApiError: it is refused.
        """
        if call.crowded:
            await asyncio.sleep(HELD / self._hurry)
            raise flood(CROWDED)
        self._refuse_flood(line, call, given)
        await self._space(given)
        call.result, told = await self._execute(line, call.method.lower(), given)
        call.done = True
        return {"ok": True, "result": call.result} | told

    async def _execute(
        self, line: Line, method: str, given: Parameters
    ) -> tuple[Any, dict[str, str]]:
        """The result of a method, and what its answer tells besides."""
        if method in OF_THE_SERVER:
            return await self._set_webhook(line.webhook, method, given)
        if method not in METHODS:
            raise refused(404, "Method not found")
        if method == "getupdates" and line.webhook.settings.url:
            raise await line.bot.polling.conflict(WEBHOOK_ACTIVE)
        return await METHODS[method](self._world, line.bot, given), {}

    async def _set_webhook(
        self, webhook: Webhook, method: str, given: Parameters
    ) -> tuple[Any, dict[str, str]]:
        if method == "getwebhookinfo":
            return webhook.json(), {}
        change = webhook.change if method == "setwebhook" else webhook.delete
        return True, {"description": await change(given)}

    async def _from_webhook(self, bot: Bot, method: str, given: Parameters) -> None:
        """Carry out what the answer to a webhook asks for; nobody is told what became of it."""
        line = self._lines[bot.token]
        with self.recorded(line, method, given) as call:
            try:
                await self.carry_out(line, call, given)
                call.status = 200
            except ApiError as error:
                call.status, call.error = error.code, error.description

    def _crowded(self, line: Line, chat: str) -> bool:
        in_chat = line.under_way.count(chat) if chat else 0
        return in_chat > self._limits.unsent or len(line.under_way) > self._limits.active

    def _refuse_flood(self, line: Line, call: Call, given: Parameters) -> None:
        if not call.method.lower().startswith(COUNTED):
            return
        chat = given.text("chat_id")
        length = max(len(given.text("text")), len(given.text("caption")))
        in_group = chat.startswith(("-", "@"))
        refusal = line.flood.refusal(chat=chat, in_group=in_group, length=length)
        if refusal:
            call.during_ban = refusal.during_ban
            raise flood(refusal.retry_after)

    async def _space(self, given: Parameters) -> None:
        """Uploads of one size that follow each other wait, as on the real server."""
        loop = asyncio.get_running_loop()
        for upload in given.uploads.values():
            size = len(upload.content)
            if size > LARGE:
                due = max(self._next_upload.get(size, 0.0), loop.time())
                self._next_upload[size] = due + SPACE / self._hurry
                await asyncio.sleep(due - loop.time())
