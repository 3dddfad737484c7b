"""The stand-in as tests use it: the server, who is in its world, and what goes wrong."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from .chats import Bot, Chat
from .execution import Call, Execution
from .faults import Fault, Faults
from .groups import Group, bot_says
from .limits import Limits
from .people import Person
from .server import Server
from .webhook import Webhook
from .world import World


class BotApi:
    """A Bot API server on loopback, with its world.

    Args:
        latency: seconds that a call takes, half on the way in, half on the way out.
        limits: of flood control; None for none.
        now: the server's time, for dates and for what grows old; floods and polls use the loop's.
        hurry: divides the server's own waits: of repeated polls, conflicts, webhooks, uploads.
        port: 0 for any that is free.
    """

    def __init__(
        self,
        *,
        latency: float = 0.0,
        limits: Limits | None = None,
        now: Callable[[], datetime] | None = None,
        seed: int = 1,
        hurry: float = 1.0,
        port: int = 0,
    ) -> None:
        self.world = World(now=now or (lambda: datetime.now(UTC)), seed=seed, hurry=hurry)
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self._faults = Faults()
        self._execution = Execution(self.world, limits or Limits(), hurry=hurry)
        self._server = Server(
            self._execution, self.world.files, self._faults, latency=latency, port=port
        )

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def calls(self) -> list[Call]:
        """Every call so far, in the order of their arrival."""
        return self._execution.calls

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._execution.stop()
        await self._server.stop()

    def serves_also(self, routes: list[web.RouteDef]) -> None:
        """Answer more paths; to be said before the server starts."""
        self._server.more = routes

    def tells(self, listener: Callable[[Call], None]) -> None:
        """Pass on every call when it has ended."""
        self._execution.on_call = listener

    def bot(self, username: str, *, name: str = "", token: str = "", privacy: bool = True) -> Bot:
        """A new bot, as BotFather makes it; a token is drawn if none is given."""
        bot = self.world.add_bot(username, name, token=token, privacy=privacy)
        self._execution.add(bot)
        return bot

    def revokes(self, bot: Bot) -> None:
        """The token stops working."""
        self._execution.remove(bot)

    def person(self, name: str, *, username: str | None = None) -> Person:
        """The person of this name, who is new at the first mention."""
        if name not in self.people:
            self.people[name] = Person(self.world, self.world.add_person(name, username))
        return self.people[name]

    def group(
        self, title: str, *, owner: Person, supergroup: bool = False, forum: bool = False
    ) -> Group:
        kind = "supergroup" if supergroup or forum else "group"
        return self._founded(self.world.add_chat(kind, title, forum=forum), owner)

    def channel(self, title: str, *, owner: Person) -> Group:
        return self._founded(self.world.add_chat("channel", title), owner)

    def bot_says(self, bot: Bot, group: Group, text: str) -> None:
        """A bot writes in a group, and the other bots hear it as they hear people."""
        bot_says(self.world, bot, group, text)

    def webhook(self, bot: Bot) -> Webhook:
        return self._execution.line(bot.token).webhook

    def fails(
        self,
        method: str | None = None,
        *,
        with_: Fault,
        times: int = 1,
        after: int = 0,
        where: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> None:
        """Let calls go wrong: so many, after so many that go well, where their fields fit."""
        self._faults.add(with_, method=method, times=times, after=after, where=where)

    def heals(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def counts(self, status: str | int = "", *, method: str = "", during_ban: bool = False) -> int:
        """How many calls had an answer of this status, were of one method, came during a ban."""
        return sum(
            str(call.status).startswith(str(status))
            and call.method.lower().startswith(method.lower())
            and call.during_ban >= during_ban
            for call in self.calls
        )

    async def restarts(self, *, down: float = 0.0) -> None:
        """All connections die; for so many seconds none is accepted; queues are kept."""
        await self._server.stop()
        await asyncio.sleep(down)
        await self._server.start()

    def _founded(self, chat: Chat, owner: Person) -> Group:
        if chat.title in self.groups:
            raise ValueError(f"there is a group {chat.title!r} already")
        group = self.groups[chat.title] = Group(self.world, chat, owner.user)
        return group
