"""What all share: the time, identifiers, the way out to others on loopback."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
from botapi.bell import Bell

Json = dict[str, Any]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PATIENCE = aiohttp.ClientTimeout(total=10)


class Named(Protocol):
    """Who writes in a chat."""

    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """One message in a chat, as it stands there for all."""

    message_id: str
    sender: Named
    text: str = ""
    photo: str = ""
    picture: bytes = b""


@dataclass
class Chat:
    """A chat of one person with one bot, or a group."""

    id: str
    kind: str
    posts: list[Post] = field(default_factory=list)


@dataclass
class World:
    """What bots, people and groups have in common.

    Attributes:
        hurry: divides the waits of polls.
        grace: seconds in which an event waits for the next poll.
        base: the server's address; empty before it starts.
        pictures: what people have sent, by path.
    """

    now: Callable[[], datetime]
    hurry: float
    grace: float
    seed: int
    base: str = ""
    bell: Bell = field(default_factory=Bell)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The way out. Every request has its own connection: none is found dead."""
        if self._session is None:
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, timeout=PATIENCE)
        return self._session

    def new_id(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def milliseconds(self) -> int:
        return int(self.now().timestamp() * 1000)

    def posted(self, chat: Chat, post: Post) -> Post:
        chat.posts.append(post)
        self.bell.ring()
        return post

    def starts(self, work: Coroutine[Any, Any, object]) -> None:
        """Let it be done while others go on."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None


def on_loopback(url: str) -> bool:
    """Whether it is an http(s) address of this machine: the stand-in goes nowhere else."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK
    except ValueError:
        return False
