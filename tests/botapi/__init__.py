"""A stand-in for the Telegram Bot API server, for tests.

It knows the Bot API and nothing of any bot. People are driven by what is written on their screens:

    async with BotApi() as api:
        bot = api.bot("giaoban_bot", name="Giao Ban")
        lan = api.person("Nguyễn Thị Lan")
        await lan.opens(bot.link("PAYLOAD"))
        seen = await lan.sees_next(bot)
        tap = await lan.taps(bot, "Gửi")
        print(await tap.answer())
"""

from .api import BotApi
from .chats import Bot
from .execution import Call
from .faults import Fault
from .groups import Group, Topic
from .limits import STRICT, Limits, Rule
from .people import Person, Tap
from .screen import Answer, Seen

__all__ = [
    "STRICT",
    "Answer",
    "Bot",
    "BotApi",
    "Call",
    "Fault",
    "Group",
    "Limits",
    "Person",
    "Rule",
    "Seen",
    "Tap",
    "Topic",
]
