"""A stand-in for the Zalo Bot Platform's HTTP API, for tests: Zalo at its worst.

It knows the Bot Platform and nothing of any bot. What no public source tells is marked "invented".

    async with ZaloApi(hurry=100) as api:
        bot = api.bot("Bot Giao Ban")
        lan = api.person("Nguyễn Thị Lan")
        if await lan.says(bot, "xin chào"):
            print(await lan.sees_next(bot))
"""

from .api import ZaloApi
from .bots import Bot
from .calls import Call
from .faults import Fault
from .groups import Group
from .people import Person, Seen

__all__ = ["Bot", "Call", "Fault", "Group", "Person", "Seen", "ZaloApi"]
