"""A bot as the platform knows it: its token, its chats, its quota, and what it hears."""

import hashlib
from collections import Counter
from datetime import timedelta, timezone
from itertools import cycle
from typing import Literal

from .errors import QUOTA, UNAUTHORIZED, ZaloError, bad_request
from .polls import Event, Polls
from .webhook import Webhook, accepted, push
from .world import Chat, Json, Named, World

Shape = Literal["flat", "wrapped", "both"]
WRAPPED: dict[Shape, tuple[bool, ...]] = {
    "flat": (False,),
    "wrapped": (True,),
    "both": (False, True),
}
"""Which webhook bodies come inside {"ok": true, "result": ...}, in turns."""
MONTHS_IN = timezone(timedelta(hours=7))  # invented: when Zalo's month turns is not known


class Bot:
    """A bot; only who has written to it can be written to.

    Attributes:
        number, token, id: as in `<number>:<secret>`; `id` is what getMe tells.
        echoes: whether the bot hears what it has said itself.
        lost: texts of the events that never reached the bot, in polling and by webhook.
        answers: statuses with which the bot's webhook answered events; 0 for no answer.
    """

    def __init__(
        self, world: World, name: str, *, can_join_groups: bool, shape: Shape, echoes: bool
    ) -> None:
        self.name = name
        self.number = str(world.random.randrange(10**17, 10**18))
        self.id = world.new_id()
        self.account_name = f"bot.{world.new_id()}"
        self.can_join_groups = can_join_groups
        self.echoes = echoes
        self.lost: list[str] = []
        self.answers: list[int] = []
        self.webhook: Webhook | None = None
        self.polls = Polls(world.bell)
        self.chats: dict[str, Chat] = {}
        self._world = world
        self._wrapped = cycle(WRAPPED[shape])
        self._last: Json | None = None
        self._quota: int | None = None
        self._both_ways = False
        self._sent: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self.token = self._new_token()

    @property
    def polling(self) -> bool:
        """Whether a getUpdates call waits right now."""
        return self.polls.waiting

    @property
    def sent_this_month(self) -> int:
        return self._sent[self._month]

    @property
    def used_this_month(self) -> int:
        """What counts against the quota."""
        received = self._received[self._month] if self._both_ways else 0
        return self.sent_this_month + received

    def chat_of(self, person: Named) -> str:
        """The id of a person for this bot, and of their private chat."""
        return hashlib.sha256(f"{self.number}/{person.name}".encode()).hexdigest()[:16]

    def meets(self, person: Named) -> Chat:
        """The private chat with a person, into which the bot may write from now on."""
        id_ = self.chat_of(person)
        return self.chats.setdefault(id_, Chat(id_, "PRIVATE"))

    def revoke_token(self) -> str:
        """The owner draws a new token, the old one works no more; the new one."""
        self.polls.end(ZaloError(*UNAUTHORIZED))
        self.token = self._new_token()
        return self.token

    def sets_webhook_elsewhere(self, url: str) -> None:
        """Somebody else who has the token lets events go to an address of theirs."""
        self.webhook = Webhook(url, self._world.new_id(), self._world.milliseconds())

    def quota(self, messages: int = 3000, *, both_ways: bool = False) -> None:
        """Let it be so many a month; `both_ways` counts what people write as well."""
        self._quota, self._both_ways = messages, both_ways

    def check_quota(self) -> None:
        """
        Raises:
            ZaloError: there is nothing left of it.
        """
        if self._quota is not None and self.used_this_month >= self._quota:
            raise ZaloError(*QUOTA)

    def counts_sent(self) -> None:
        self._sent[self._month] += 1

    def chat(self, id_: str) -> Chat:
        """A chat into which the bot may write.

        Raises:
            ZaloError: there is none of this id.
        """
        if id_ not in self.chats:
            raise bad_request("chat not found")
        return self.chats[id_]

    async def listens(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Return when a poll waits or a webhook is set, so that nothing said now is lost.

        Raises:
            TimeoutError: neither came in time.
        """
        if not await self._world.bell.until(lambda: self.polling or self._hook, timeout):
            raise TimeoutError(f"{self.name} did not listen within {timeout} s")

    async def hears(self, json: Json) -> bool:
        """Whether what somebody did in a chat reached the bot."""
        self._received[self._month] += 1
        self._last = json
        return await self._delivered(Event(json))

    async def hears_again(self) -> bool:
        """The last event comes once more, as it was."""
        if self._last is None:
            raise ValueError(f"{self.name} has heard nothing yet")
        return await self._delivered(Event(self._last))

    async def hears_itself(self, json: Json) -> None:
        """An event about the bot's own message; nobody misses it."""
        await self._passed_on(Event(json))

    async def _delivered(self, event: Event) -> bool:
        heard = await self._passed_on(event)
        if not heard:
            self.lost.append(event.text)
        return heard

    async def _passed_on(self, event: Event) -> bool:
        if self._hook is None:
            return await self.polls.offer(event, grace=self._world.grace)
        body = {"ok": True, "result": event.json} if next(self._wrapped) else event.json
        status = await push(self._world, self._hook, body)
        self.answers.append(status)
        return accepted(status)

    def _new_token(self) -> str:
        return f"{self.number}:{self._world.new_id()}{self._world.new_id()}"

    @property
    def _hook(self) -> Webhook | None:
        """The webhook, if there is one now."""
        return self.webhook if self.webhook and self.webhook.url else None

    @property
    def _month(self) -> str:
        return f"{self._world.now().astimezone(MONTHS_IN):%Y-%m}"
