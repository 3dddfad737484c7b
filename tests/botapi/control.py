"""The person's side over HTTP: POST /control/<verb> with JSON, for bots in another process.

Bots, people, groups and topics are given by name, files in base64, messages by the number under
which they were shown. Verbs are the methods of `Person` with "who", and those of `Control`.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from .api import BotApi
from .chats import Bot, Json
from .execution import Call
from .faults import Fault
from .groups import Topic
from .people import Place, Tap
from .screen import Answer, Seen

PERSON = frozenset(
    {
        *("opens", "says", "edits", "deletes", "taps", "forges", "sends_photo", "sends_document"),
        *("sends_voice", "sends_sticker", "shares_contact", "forwards", "sees", "sees_next"),
        *("menu", "blocks", "unblocks", "leaves_telegram", "adds", "kicks", "promotes", "demotes"),
    }
)
OWN = frozenset(
    {
        *("group", "channel", "joins", "leaves", "topic", "becomes_supergroup", "disappears"),
        *("fails", "heals", "calls", "clock", "answer", "restarts", "restarted", "webhook"),
    }
)


class Clock:
    """The server's time: real until it is set, then it stands still."""

    def __init__(self) -> None:
        self._set: datetime | None = None

    def now(self) -> datetime:
        return self._set or datetime.now(UTC)

    def set(self, moment: datetime) -> None:
        self._set = moment


class Control:
    """Lets people act by HTTP in the world of one server."""

    def __init__(self, api: BotApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._seen: list[Seen] = []
        self._taps: list[Tap] = []
        self._restarting: asyncio.Task[None] | None = None
        self._restarted = 0
        api.serves_also([web.post("/control/{verb}", self._serve)])

    async def _serve(self, request: web.Request) -> web.Response:
        verb, given = request.match_info["verb"], await request.json()
        try:
            return web.json_response({"result": self._shown(await self._done(verb, given))})
        except (LookupError, ValueError, TypeError, TimeoutError) as error:
            wrong = {"error": type(error).__name__, "text": str(error)}
            return web.json_response(wrong, status=400)

    async def _done(self, verb: str, given: Json) -> Any:
        if verb in PERSON:
            person = self._api.person(given.pop("who"))
            read = {name: self._read(name, value, given) for name, value in given.items()}
            result = getattr(person, verb)(**read)
            return await result if asyncio.iscoroutine(result) else result
        if verb in OWN:
            return await getattr(self, verb)(**given)
        raise LookupError(f"no such verb: {verb}")

    async def group(self, title: str, owner: str, **kind: bool) -> None:
        self._api.group(title, owner=self._api.person(owner), **kind)

    async def channel(self, title: str, owner: str) -> None:
        self._api.channel(title, owner=self._api.person(owner))

    async def joins(self, who: str, group: str) -> None:
        self._api.groups[group].join(self._api.person(who))

    async def leaves(self, who: str, group: str) -> None:
        self._api.groups[group].leave(self._api.person(who))

    async def topic(self, group: str, name: str) -> None:
        self._api.groups[group].topic(name)

    async def becomes_supergroup(self, group: str) -> None:
        await self._api.groups[group].becomes_supergroup()

    async def disappears(self, group: str) -> None:
        await self._api.groups[group].disappears()

    async def fails(
        self,
        fault: str,
        method: str | None = None,
        times: int = 1,
        after: int = 0,
        where: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        """As `BotApi.fails`; a fault by its name with its details, `where` as fields to equal."""
        wanted = (where or {}).items()
        self._api.fails(
            method,
            with_=getattr(Fault, fault)(**details),
            times=times,
            after=after,
            where=lambda fields: wanted <= fields.items(),
        )

    async def heals(self) -> None:
        self._api.heals()

    async def calls(self, after: int = 0) -> list[Call]:
        return self._api.calls[after:]

    async def clock(self, now: str | None = None, forward: float = 0.0) -> str:
        """Set the server's time, or move it by seconds; what it is then."""
        if now or forward:
            start = datetime.fromisoformat(now) if now else self._clock.now()
            self._clock.set(start + timedelta(seconds=forward))
        return self._clock.now().isoformat()

    async def answer(self, tap: int, timeout: float = 5.0) -> Answer | None:  # noqa: ASYNC109
        return await self._taps[tap].answer(timeout)

    async def webhook(self, bot: str) -> Json:
        return self._api.webhook(self._bot(bot)).json()

    async def restarts(self, down: float = 0.0) -> int:
        """Restart soon, so that this answer can leave first; how often that was done before."""

        async def soon() -> None:
            await asyncio.sleep(0.05)
            await self._api.restarts(down=down)
            self._restarted += 1

        self._restarting = asyncio.create_task(soon())
        return self._restarted

    async def restarted(self) -> int:
        return self._restarted

    def _read(self, name: str, value: Any, given: Json) -> Any:
        match name:
            case "to":
                return self._place(value)
            case "bot":
                return self._bot(value)
            case "group":
                return self._api.groups[value]
            case "thread":
                return self._topic(given["to"], value)
            case "of":
                return self._api.person(value)
            case "content":
                return base64.b64decode(value)
            case "on" | "seen" | "said" | "reply_to":
                return None if value is None else self._seen[value]
        return value

    def _place(self, name: str) -> Place:
        return self._api.groups.get(name) or self._bot(name)

    def _topic(self, group: str, name: str | None) -> Topic | None:
        return self._api.groups[group].topic(name) if name else None

    def _bot(self, username: str) -> Bot:
        for bot in self._api.world.bots.values():
            if bot.username == username:
                return bot
        raise LookupError(f"no bot or group is called {username}")

    def _shown(self, result: Any) -> Any:
        match result:
            case list():
                return [self._shown(item) for item in result]
            case Seen():
                self._seen.append(result)
                told = {f.name: getattr(result, f.name) for f in fields(result)}
                return {n: _plain(v) for n, v in told.items()} | {"handle": len(self._seen) - 1}
            case Tap():
                self._taps.append(result)
                return len(self._taps) - 1
            case Call():
                return plain_call(result)
            case Answer():
                return asdict(result)
        return result


def plain_call(call: Call) -> Json:
    """A call in JSON; of a form, so that it can be written to a log."""
    return {name: _plain(value) for name, value in asdict(call).items()}


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
    return value
