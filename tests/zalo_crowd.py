"""The demo's people with Zalo: the crowd speaks to several bots, each person to one of them.

They go by what stands on their screens: words, and numbers of choices.
"""

import asyncio
import re
import zlib
from collections import defaultdict
from collections.abc import Sequence

from telegram_crowd import until
from zaloapi import Bot, Group, ZaloApi
from zaloapi import Person as User
from zaloapi import Seen as OnScreen

from bot.channels.local_client import Seen
from bot.core.messaging import Button
from bot.demo.people import Person

_NUMBERED = re.compile(r"^Chọn bằng số: (.*)\.$", re.MULTILINE)
_TYPED = re.compile(r"^Có thể (?:gắn thẻ bot \(@\) rồi )?gõ: (.*)\.$", re.MULTILINE)
_COMMAND = re.compile(r"(.+) \((.+)\)")


def zalo_settings(api: ZaloApi, bots: Sequence[Bot]) -> str:
    """Return the settings with which the bot goes by this server."""
    tokens = ", ".join(f'"{bot.token}"' for bot in bots)
    return f'[zalo]\nenabled = true\ntokens = [{tokens}]\napi_url = "{api.base}"\n'


class ZaloMessenger:
    """The crowd's messenger: the same people, each with a chat with one bot or in a group."""

    def __init__(self, api: ZaloApi, bots: Sequence[Bot], people: Sequence[Person]) -> None:
        self._api = api
        self._bots = {p.chat: bots[n % len(bots)] for n, p in enumerate(people)}
        self._users = {p.chat: api.person(p.address) for p in people}
        self._groups = {p.chat: api.group(p.group) for p in people if p.group is not None}
        for chat, group in self._groups.items():
            group.add(self._bots[chat])
        # Zalo gives one event a poll: who speaks while a bot is at another's is heard after.
        self._turns: defaultdict[Bot, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._numbers: dict[tuple[str, str], str] = {}
        self._answered: set[str] = set()

    async def say(
        self,
        sender: str,
        chat: str,
        message_id: str,  # noqa: ARG002
        text: str,
        name: str = "",  # noqa: ARG002
        *,
        group: bool = False,
    ) -> None:
        """Type it, or the number by which it can be chosen; return when the bot has it."""
        bot, user = self._bots[chat], self._users[chat]
        if group:
            text = f"@{bot.name} {text}"
        else:
            number = self._numbers.get((chat, text))
            text = number if number and not _prefers_words(sender) else text
        async with self._turns[bot]:
            await self._is_heard(user, self._place(chat), bot, text)
        self._answered.add(chat)

    async def _is_heard(self, user: User, place: Bot | Group, bot: Bot, text: str) -> None:
        """Say it until the bot has it, which then asks for the next."""
        await until(lambda: bot.polling, f"{bot.name} listens")
        while not await user.says(place, text):
            await until(lambda: bot.polling, f"{bot.name} listens again")
        await until(lambda: bot.polling, f"{bot.name} has what {user.name} said")

    async def messages(self, chat: str, after: int = 0) -> Sequence[Seen]:
        """Return what was posted after so many; what follows own words is a reply."""
        seen = [s for s in self._users[chat].sees(self._place(chat)) if not s.from_me]
        kind = "reply" if chat in self._answered else "notice"
        self._answered.discard(chat)
        return [self._look(chat, kind, n, on_screen) for n, on_screen in enumerate(seen, 1)][after:]

    def _look(self, chat: str, kind: str, number: int, on_screen: OnScreen) -> Seen:
        if found := _NUMBERED.search(on_screen.text):
            choices = [choice.partition(" ") for choice in found[1].split("; ")]
            self._numbers = {k: v for k, v in self._numbers.items() if k[0] != chat}
            self._numbers |= {(chat, label.lower()): n for n, _, label in choices}
            buttons = [Button(label, label.lower()) for _, _, label in choices]
        elif found := _TYPED.search(on_screen.text):
            buttons = [_typed(choice) for choice in found[1].split("; ")]
        else:
            buttons = []
        return Seen(number, f"{kind}/{number}", on_screen.text, tuple(buttons))

    def _place(self, chat: str) -> Bot | Group:
        return self._groups.get(chat, self._bots[chat])


def _typed(choice: str) -> Button:
    command = _COMMAND.fullmatch(choice)
    return Button(command[2], command[1]) if command else Button(choice, choice)


def _prefers_words(sender: str) -> bool:
    return zlib.crc32(sender.encode()) % 3 == 0
