"""The stand-in as tests use it: the server, who is in its world, and what goes wrong."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from .bots import Bot, Shape
from .calls import Call
from .errors import BadGateway
from .faults import Fault
from .groups import Group
from .methods import methods
from .parameters import Fields
from .people import Person
from .server import Server
from .world import World

GRACE = 0.05  # seconds: a round trip between two polls should lose no event in a test by chance


class ZaloApi:
    """A Zalo Bot Platform on loopback, with its world.

    Args:
        now: the server's time, for dates and months; waits use the loop's.
        hurry: divides the waits of polls.
        grace: seconds in which an event waits for the very next poll; 0 is Zalo at its worst.
        matching_status: whether a refusal has its code as HTTP status; else that is 200.
        loopback_webhooks: whether a webhook may be on this machine, which Zalo refuses.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        hurry: float = 1.0,
        grace: float = GRACE,
        matching_status: bool = False,
        loopback_webhooks: bool = True,
        seed: int = 1,
    ) -> None:
        self._world = World(now or (lambda: datetime.now(UTC)), hurry, grace, seed)
        known = methods(loopback=loopback_webhooks)
        self._server = Server(self._world, known, matching_status=matching_status)
        self._people: dict[str, Person] = {}
        self._groups: dict[str, Group] = {}

    @property
    def base(self) -> str:
        return self._world.base

    @property
    def calls(self) -> list[Call]:
        """Every call so far, in the order of their arrival."""
        return self._server.calls

    @property
    def overlaps(self) -> int:
        """How many polls came while another of the same bot waited."""
        return sum(bot.polls.overlaps for bot in self._server.bots)

    @property
    def grace(self) -> float:
        return self._world.grace

    @grace.setter
    def grace(self, seconds: float) -> None:
        self._world.grace = seconds

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.stop()
        await self._world.stop()

    def serves_also(self, routes: list[web.RouteDef]) -> None:
        """Answer more paths; to be said before the server starts."""
        self._server.more = routes

    def tells(self, listener: Callable[[Call], None]) -> None:
        """Pass on every call when it has ended."""
        self._server.on_call = listener

    def bot(
        self,
        name: str,
        *,
        can_join_groups: bool = True,
        shape: Shape = "flat",
        echoes: bool = False,
    ) -> Bot:
        """A new bot, as Bot Creator makes it; `shape` is of what its webhook is sent."""
        if not name.startswith("Bot"):
            raise ValueError(f'the name of a bot must begin with "Bot": {name!r}')
        bot = Bot(self._world, name, can_join_groups=can_join_groups, shape=shape, echoes=echoes)
        self._server.bots.append(bot)
        return bot

    def person(self, name: str) -> Person:
        """The person of this name, who is new at the first mention."""
        return self._people.setdefault(name, Person(self._world, name))

    def group(self, title: str) -> Group:
        """The group of this title, which is new at the first mention."""
        if title not in self._groups:
            self._groups[title] = Group(self._world, title)
        return self._groups[title]

    def fails(
        self,
        method: str = "",
        *,
        with_: Fault,
        where: Callable[[Fields], object] = lambda _: True,
        after: int = 0,
        times: int = 1,
    ) -> None:
        """Let calls go wrong: so many, after so many that go well, where their fields fit."""
        self._server.faults.add(with_, method=method, where=where, after=after, times=times)

    def heals(self) -> None:
        """Let nothing go wrong any more."""
        self._server.faults.clear()
        self.down(False)
        self.releases()

    def releases(self) -> None:
        """Let all calls that are kept back now go on."""
        self._server.released.set()
        self._server.released.clear()

    def down(self, is_down: bool) -> None:
        """Answer everything with 502, waiting polls as well, until switched back."""
        self._server.down = is_down
        if is_down:
            for bot in self._server.bots:
                bot.polls.end(BadGateway())

    def counts(self, *, method: str = "", error_code: int | None = None) -> int:
        """How many calls were of one method, were answered with this code (0: with none)."""
        return sum(
            method in ("", call.method) and error_code in (None, call.error_code)
            for call in self.calls
        )
