"""The demo's people with telephones: the crowd speaks to the bot over Telegram.

They go by what stands on their screens: words, and labels of buttons.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from botapi import Bot, BotApi, Group
from botapi import Person as User
from botapi import Seen as OnScreen
from live import SECRET, until

from bot.channels.local_client import Seen
from bot.core.messaging import Button
from bot.demo.people import Person

# What a person means by tapping a label: the words that others type.
_MEANT = {"Gửi": "gửi", "Không phát sinh hồ sơ": "không phát sinh", "Hỏi từng câu": "từng câu"}
_REQUEST = re.compile(r"^Đề nghị (?:tham gia )?số (\d+)")


def telegram_settings(api: BotApi, bot: Bot, *, webhook_port: int | None = None) -> str:
    """Return the settings with which the bot goes by this server.

    Args:
        webhook_port: where the bot takes its updates; None for polling.
    """
    settings = f'[telegram]\nenabled = true\ntoken = "{bot.token}"\napi_url = "{api.base}"\n'
    if webhook_port is None:
        return settings
    return settings + (
        f'mode = "webhook"\nwebhook_url = "http://127.0.0.1:{webhook_port}/telegram"\n'
        f'webhook_port = {webhook_port}\nwebhook_secret = "{SECRET}"\n'
    )


async def newly_seen(user: User, place: Bot | Group) -> list[OnScreen]:
    """Return what was posted or edited there since this was asked last, as it was then."""
    seen: list[OnScreen] = []
    with suppress(TimeoutError):
        while True:
            seen.append(await user.sees_next(place, timeout=0))
    return seen


class TelegramMessenger:
    """The crowd's messenger: the same people, each with a chat with the bot or in a group."""

    def __init__(self, api: BotApi, bot: Bot, people: Sequence[Person]) -> None:
        self._bot = bot
        self._places = {p.chat: _place(api, bot, p) for p in people}
        self._screens: defaultdict[str, list[Seen]] = defaultdict(list)
        self._buttons: dict[tuple[str, str], tuple[str, OnScreen]] = {}
        self._answered: set[str] = set()

    async def add_bot(self) -> None:
        """Let the owners of all groups add the bot."""
        for user, place in self._places.values():
            if isinstance(place, Group):
                await user.adds(self._bot, place)

    async def say(
        self,
        sender: str,
        chat: str,
        message_id: str,  # noqa: ARG002
        text: str,
        name: str = "",  # noqa: ARG002
        *,
        group: bool = False,  # noqa: ARG002
    ) -> None:
        """Tap the button that means it, if there is one, else type; return when the bot has it."""
        user, place = self._places[chat]
        label, screen = self._buttons.get((chat, text), ("", None))
        if screen and not _prefers_typing(sender):
            await user.taps(place, label, on=screen)
        elif text.startswith("/start "):
            await user.opens(self._bot.link(text.removeprefix("/start ")))
        else:
            await user.says(place, text)
        self._answered.add(chat)
        await until(lambda: not self._bot.updates.waiting(), f"the bot has what {sender} said")

    async def messages(self, chat: str, after: int = 0) -> Sequence[Seen]:
        """Return what was posted or edited after so many; what follows own words is a reply."""
        user, place = self._places[chat]
        kind = "reply" if chat in self._answered else "notice"
        self._answered.discard(chat)
        for on_screen in await newly_seen(user, place):
            self._look(chat, kind, on_screen)
        return self._screens[chat][after:]

    def _look(self, chat: str, kind: str, on_screen: OnScreen) -> None:
        screens = self._screens[chat]
        number = len(screens) + 1
        buttons = [Button(b, _meant(b, on_screen.text)) for row in on_screen.buttons for b in row]
        self._buttons |= {(chat, b.says): (b.label, on_screen) for b in buttons}
        screens.append(Seen(number, f"{kind}/{number}", on_screen.text, tuple(buttons)))


def _place(api: BotApi, bot: Bot, person: Person) -> tuple[User, Bot | Group]:
    user = api.person(person.address)
    return user, bot if person.group is None else api.group(person.group, owner=user)


def _meant(label: str, text: str) -> str:
    request = _REQUEST.match(text)
    if label == "Chấp nhận" and request:
        return f"/chapnhan {request[1]}"
    return _MEANT.get(label, label)


def _prefers_typing(sender: str) -> bool:
    return zlib.crc32(sender.encode()) % 3 == 0
