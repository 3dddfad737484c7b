"""All there is, and the only place where messages and memberships come to be."""

import random
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from .bell import Bell
from .chats import Bot, Chat, Json, Message, Tapped, User
from .files import Files
from .markup import cut
from .updates import Polling, Updates

RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_send_welcome_messages", "can_pin_messages"),
)


class World:
    """People, bots and chats.

    Args:
        now: gives the server's time, for dates and for what grows old.
    """

    def __init__(self, *, now: Callable[[], datetime], seed: int, hurry: float) -> None:
        self.now = now
        self.bell = Bell()
        self.files = Files(seed)
        self.bots: dict[str, Bot] = {}
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.tapped: dict[str, Tapped] = {}
        self._private: dict[tuple[int, int], Chat] = {}
        self._chance = random.Random(seed)
        self._hurry = hurry
        # Larger than 32 bits, as those of many real accounts and groups are.
        self._ids = count(5_000_000_000 + 1000 * seed)

    def time(self) -> int:
        return int(self.now().timestamp())

    def add_bot(self, username: str, name: str, *, token: str = "", privacy: bool = True) -> Bot:
        chosen = int(token.partition(":")[0]) if token else next(self._ids)
        letters = string.ascii_letters + string.digits + "_-"
        secret = "AA" + "".join(self._chance.choices(letters, k=33))
        updates = Updates(now=self.now, first_id=self._chance.randrange(10**8, 9 * 10**8))
        bot = Bot(
            chosen,
            name or username,
            username,
            token=token or f"{chosen}:{secret}",
            updates=updates,
            polling=Polling(updates, hurry=self._hurry),
            privacy=privacy,
        )
        self.bots[bot.token] = bot
        self.users[bot.id] = bot
        return bot

    def add_person(self, name: str, username: str | None) -> User:
        user = User(
            next(self._ids), name, username, phone=f"84{self._chance.randrange(10**8, 10**9)}"
        )
        self.users[user.id] = user
        return user

    def add_chat(self, type_: str, title: str, *, forum: bool = False) -> Chat:
        """A group, a supergroup or a channel that nobody is in yet."""
        number = next(self._ids)
        chat = Chat(-number if type_ == "group" else -(10**12) - number, type_, title, forum=forum)
        self.chats[chat.id] = chat
        return chat

    def private(self, bot: Bot, user: User) -> Chat:
        key = (bot.id, user.id)
        if key not in self._private:
            both = {bot.id: "member", user.id: "member"}
            self._private[key] = Chat(user.id, "private", person=user, bot=bot, statuses=both)
        return self._private[key]

    def post(
        self,
        chat: Chat,
        sender: User | None,
        body: Json,
        *,
        unheard: bool = False,
        thread: int | None = None,
        reply_to: Message | None = None,
        **more: Any,
    ) -> Message:
        """Put a message into a chat and, unless it goes unheard, tell the bots that may see it."""
        if thread is None and reply_to and chat.type == "supergroup":
            # Outside of topics, too, a reply carries the id of the thread it began.
            thread = reply_to.thread or (None if chat.forum else reply_to.id)
        chat.last_id += 1
        message = Message(
            chat.last_id,
            chat,
            self.time(),
            sender,
            body,
            thread=thread,
            reply_to=reply_to,
            **more,
        )
        chat.messages[message.id] = message
        self._changed(message)
        if not unheard:
            self._tell(message, "channel_post" if chat.type == "channel" else "message")
        if isinstance(sender, Bot):
            chat.last_bot = sender
        return message

    def edit(self, message: Message, **changes: Any) -> Message:
        """Put a changed message in the place of an earlier one."""
        edited = replace(message, edit_date=self.time(), **changes)
        message.chat.messages[message.id] = edited
        self._changed(edited)
        if not isinstance(edited.sender, Bot):
            kind = "channel_post" if edited.chat.type == "channel" else "message"
            self._tell(edited, f"edited_{kind}")
        return edited

    def delete(self, message: Message) -> None:
        del message.chat.messages[message.id]
        self.bell.ring()

    def set_status(self, chat: Chat, user: User, status: str, *, by: User) -> None:
        """Change what somebody is in a chat; bots hear of themselves, administrators of others."""
        old = self.member(chat, user)
        chat.statuses[user.id] = status
        change = {
            "chat": chat.json(),
            "from": by.json(),
            "date": self.time(),
            "old_chat_member": old,
            "new_chat_member": self.member(chat, user),
        }
        for bot in self.bots.values():
            if bot is user:
                bot.updates.push("my_chat_member", change, ("member", chat.id))
            elif chat.statuses.get(bot.id) == "administrator":
                bot.updates.push("chat_member", change, ("member", chat.id))

    def member(self, chat: Chat, user: User) -> Json:
        """A ChatMember."""
        status = chat.statuses.get(user.id, "left")
        rights: Json = {}
        if status == "kicked":
            rights = {"until_date": 0}
        elif status == "creator":
            rights = {"is_anonymous": False}
        elif status == "administrator":
            rights = {**dict.fromkeys(RIGHTS, True), "is_anonymous": False, "can_be_edited": False}
        return {"status": status, "user": user.json(), **rights}

    def tapped_on(self, message: Message, user: User, data: str) -> Tapped:
        """Tell the bot whose message it is that somebody tapped a button on it."""
        bot = message.sender
        if not isinstance(bot, Bot):
            raise TypeError("only buttons under a bot's message call back")
        tapped = Tapped(str(self._chance.randrange(10**17, 10**18)), bot, self.now())
        self.tapped[tapped.id] = tapped
        body = {
            "id": tapped.id,
            "from": user.json(),
            "message": message.json(),
            "chat_instance": str(message.chat.id * 7919),
            "data": data,
        }
        bot.updates.push("callback_query", body, ("callback", user.id))
        return tapped

    def _changed(self, message: Message) -> None:
        if isinstance(message.sender, Bot):
            message.chat.shown.append(message)
        self.bell.ring()

    def _tell(self, message: Message, kind: str) -> None:
        for bot in self.bots.values():
            if bot is not message.sender and _hears(bot, message):
                bot.updates.push(kind, message.json(), message.chat.id)


def _hears(bot: Bot, message: Message) -> bool:
    """Whether a bot gets a message; in a group its privacy mode decides."""
    chat = message.chat
    if chat.bot:
        return chat.bot is bot and chat.statuses[bot.id] == "member"
    status = chat.statuses.get(bot.id)
    if status == "administrator":
        return True
    if status != "member" or chat.type == "channel":
        return False
    return not bot.privacy or message.is_service or _is_meant_for(bot, message)


def _is_meant_for(bot: Bot, message: Message) -> bool:
    if message.reply_to and message.reply_to.sender is bot:
        return True
    said = message.text
    name = f"@{bot.username}".lower()
    for entity in message.entities:
        word = cut(said, entity["offset"], entity["length"]).lower()
        if entity["type"] == "mention" and word == name:
            return True
        if entity["type"] == "bot_command":
            # A command that names nobody is for the bot that spoke last.
            named = word.partition("@")[2]
            if f"@{named}" == name or (not named and message.chat.last_bot in (None, bot)):
                return True
    return False
