"""The person's side of a server in another process, with the names of `botapi.people`.

    async with RemoteApi("http://127.0.0.1:8081") as api:
        lan = api.person("Nguyễn Thị Lan")
        await lan.opens("https://t.me/giaoban_bot?start=PAYLOAD")
        seen = await lan.sees_next("giaoban_bot")

Bots and groups are given by their username or title.
"""

import asyncio
import base64
import builtins
import contextlib
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from .chats import Json
from .people import WAIT
from .screen import Answer, Seen


class RemoteApi:
    """A server that was started by `python -m botapi`."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session:
            await self._session.close()

    async def do(self, verb: str, **given: Any) -> Any:
        """One verb of the server's control.

        Raises:
            LookupError, ValueError, TypeError, TimeoutError: as the same method does in process.
        """
        if self._session is None:
            raise RuntimeError("use it as a context manager")
        told = {name: _sent(value) for name, value in given.items()}
        async with self._session.post(f"{self.base}/control/{verb}", json=told) as response:
            answer = await response.json()
        if "error" in answer:
            raise getattr(builtins, answer["error"])(answer["text"])
        return answer["result"]

    def person(self, name: str) -> "RemotePerson":
        return RemotePerson(self, name)

    async def group(self, title: str, *, owner: "RemotePerson", **kind: bool) -> None:
        await self.do("group", title=title, owner=owner.name, **kind)

    async def channel(self, title: str, *, owner: "RemotePerson") -> None:
        await self.do("channel", title=title, owner=owner.name)

    async def becomes_supergroup(self, group: str) -> None:
        await self.do("becomes_supergroup", group=group)

    async def fails(self, method: str | None = None, *, fault: str, **details: Any) -> None:
        """Let calls go wrong: details are times, after, where and those of the fault."""
        await self.do("fails", method=method, fault=fault, **details)

    async def heals(self) -> None:
        await self.do("heals")

    async def restarts(self, *, down: float = 0.0) -> None:
        """Restart the server, and wait until it is there again."""
        before = await self.do("restarts", down=down)
        for _ in range(1000):
            with contextlib.suppress(aiohttp.ClientError):
                if await self.do("restarted") > before:
                    return
            await asyncio.sleep(0.01)
        raise TimeoutError("the server did not come back")

    async def clock(self, now: datetime | None = None, *, forward: float = 0.0) -> datetime:
        moment = now.isoformat() if now else None
        return datetime.fromisoformat(await self.do("clock", now=moment, forward=forward))

    async def calls(self, *, after: int = 0) -> list[Json]:
        found: list[Json] = await self.do("calls", after=after)
        return found

    async def webhook(self, bot: str) -> Json:
        found: Json = await self.do("webhook", bot=bot)
        return found


@dataclass(frozen=True, slots=True)
class RemoteTap:
    """A tap on a button at the other side."""

    api: RemoteApi
    number: int

    async def answer(self, timeout: float = WAIT) -> Answer | None:  # noqa: ASYNC109
        given = await self.api.do("answer", tap=self.number, timeout=timeout)
        return Answer(**given) if given else None


@dataclass(frozen=True, slots=True)
class RemotePerson:
    """Somebody with a phone, at the other side."""

    api: RemoteApi
    name: str

    async def opens(self, link: str) -> Seen:
        return await self._shows("opens", link=link)

    async def says(self, to: str, text: str, **how: Any) -> Seen:
        """Write a text; `thread` is the name of a topic, the rest as in `Person.says`."""
        return await self._shows("says", to=to, text=text, **how)

    async def edits(self, said: Seen, text: str) -> Seen:
        return await self._shows("edits", said=said, text=text)

    async def deletes(self, seen: Seen) -> None:
        await self._do("deletes", seen=seen)

    async def taps(self, to: str, label: str, *, on: Seen | None = None) -> RemoteTap:
        return RemoteTap(self.api, await self._do("taps", to=to, label=label, on=on))

    async def forges(self, seen: Seen, data: str) -> RemoteTap:
        return RemoteTap(self.api, await self._do("forges", seen=seen, data=data))

    async def sends_photo(self, to: str, content: bytes, **how: Any) -> Seen:
        return await self._shows("sends_photo", to=to, content=content, **how)

    async def sends_document(self, to: str, content: bytes, **how: Any) -> Seen:
        return await self._shows("sends_document", to=to, content=content, **how)

    async def sends_voice(self, to: str) -> Seen:
        return await self._shows("sends_voice", to=to)

    async def sends_sticker(self, to: str) -> Seen:
        return await self._shows("sends_sticker", to=to)

    async def shares_contact(self, to: str) -> Seen:
        return await self._shows("shares_contact", to=to)

    async def forwards(self, seen: Seen, to: str) -> Seen:
        return await self._shows("forwards", seen=seen, to=to)

    async def sees(self, to: str) -> list[Seen]:
        return [_seen(told) for told in await self._do("sees", to=to)]

    async def sees_next(self, to: str, timeout: float = WAIT) -> Seen:  # noqa: ASYNC109
        return await self._shows("sees_next", to=to, timeout=timeout)

    async def menu(self, to: str) -> list[tuple[str, str]]:
        return [(command, told) for command, told in await self._do("menu", to=to)]

    async def blocks(self, bot: str) -> None:
        await self._do("blocks", bot=bot)

    async def unblocks(self, bot: str) -> None:
        await self._do("unblocks", bot=bot)

    async def leaves_telegram(self) -> None:
        await self._do("leaves_telegram")

    async def adds(self, bot: str, group: str, *, admin: bool = False) -> None:
        await self._do("adds", bot=bot, group=group, admin=admin)

    async def kicks(self, bot: str, group: str) -> None:
        await self._do("kicks", bot=bot, group=group)

    async def promotes(self, bot: str, group: str) -> None:
        await self._do("promotes", bot=bot, group=group)

    async def demotes(self, bot: str, group: str) -> None:
        await self._do("demotes", bot=bot, group=group)

    async def joins(self, group: str) -> None:
        await self._do("joins", group=group)

    async def leaves(self, group: str) -> None:
        await self._do("leaves", group=group)

    async def _do(self, verb: str, **given: Any) -> Any:
        return await self.api.do(verb, who=self.name, **given)

    async def _shows(self, verb: str, **given: Any) -> Seen:
        return _seen(await self._do(verb, **given))


def _sent(value: Any) -> Any:
    if isinstance(value, Seen):
        return value.handle
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _seen(told: Json) -> Seen:
    document = told["document"]
    return Seen(
        **{
            **told,
            "time": datetime.fromisoformat(told["time"]),
            "entities": tuple(told["entities"]),
            "buttons": tuple(tuple(row) for row in told["buttons"]),
            "keyboard": tuple(tuple(row) for row in told["keyboard"]),
            "photo": base64.b64decode(told["photo"]) if told["photo"] is not None else None,
            "document": (document[0], base64.b64decode(document[1])) if document else None,
        }
    )
