"""A group of people, and of the bots that were added."""

from .bots import Bot
from .world import Chat, World


class Group:
    """A group; nobody is told who comes and who goes."""

    def __init__(self, world: World, title: str) -> None:
        self.title = title
        self.chat = Chat(f"zgr-{world.new_id()}", "GROUP")
        self.bots: list[Bot] = []

    @property
    def id(self) -> str:
        return self.chat.id

    def add(self, bot: Bot) -> None:
        if not bot.can_join_groups:
            raise ValueError(f"{bot.name} may not join groups")
        if bot not in self.bots:
            self.bots.append(bot)
        bot.chats[self.id] = self.chat

    def remove(self, bot: Bot) -> None:
        self.bots.remove(bot)
        del bot.chats[self.id]

    def hearing(self, words: str, reply_to: str = "") -> list[Bot]:
        """The bots that words are for: mentioned, or one whose message is replied to."""
        replied = {p.sender.name for p in self.chat.posts if p.message_id == reply_to}
        hearing = []
        # The longest first: a mention of "Bot Giao Ban Tỉnh" is none of "Bot Giao Ban".
        for bot in sorted(self.bots, key=lambda b: -len(b.name)):
            if f"@{bot.name}" in words or bot.name in replied:
                hearing.append(bot)
            words = words.replace(f"@{bot.name}", "")
        return hearing
