"""The person's side: what people write and see."""

import asyncio
from dataclasses import dataclass

from .bots import Bot
from .events import event, image, user
from .groups import Group
from .world import Chat, Json, Post, World

Place = Bot | Group
WAIT = 5.0  # seconds of waiting for a bot, if a test does not say otherwise
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message on somebody's screen; `picture` is what Zalo has fetched for it."""

    text: str
    from_me: bool
    photo: str
    message_id: str
    sender: str
    picture: bytes


class Person:
    """Somebody with a phone.

    Whatever is written returns whether it reached the bot (in a group: all bots that it was for).
    """

    def __init__(self, world: World, name: str) -> None:
        self.name = name
        self._world = world
        self._given: dict[Place, int] = {}

    async def says(self, to: Place, text: str, *, reply_to: Seen | None = None) -> bool:
        """Write a text; in a group bots hear only what mentions or answers them."""
        replied = reply_to.message_id if reply_to else ""
        post = Post(self._world.new_id(), self, text)
        return await self._posts(to, post, "text", {"text": text}, replied)

    async def sends_photo(self, to: Place, caption: str = "", *, content: bytes = PICTURE) -> bool:
        """Send a picture, which the bot can fetch from where the event says."""
        path = f"/photos/{self._world.new_id()}.jpg"
        self._world.pictures[path] = content
        url = self._world.base + path
        post = Post(self._world.new_id(), self, caption, url, content)
        return await self._posts(to, post, "image", image(url, caption))

    async def sends_sticker(self, to: Place) -> bool:
        body = {"sticker": self._world.new_id(), "url": f"{self._world.base}/stickers/1.png"}
        return await self._sends(to, "sticker", body)

    async def sends_voice(self, to: Place) -> bool:
        body = {"voice_url": f"{self._world.base}/voices/1.aac"}
        return await self._sends(to, "voice", body)

    async def sends_unsupported(self, to: Place) -> bool:
        """Send a file, or anything at all as a child: an event without content."""
        return await self._sends(to, "unsupported", {})

    async def sends_unknown_event(self, to: Place) -> bool:
        """Do something for which there is a new event; its name is invented."""
        return await self._sends(to, "poll", {"poll": {"options": ["A", "B"]}})

    def sees(self, to: Place) -> list[Seen]:
        """The chat from its beginning."""
        return [self._seen(post) for post in self._chat(to).posts]

    async def sees_next(self, to: Place, timeout: float = WAIT) -> Seen:  # noqa: ASYNC109
        """The next message by somebody else that this call has not given yet.

        Raises:
            TimeoutError: there was none in time.
        """
        given = self._given.get(to, 0)
        found = await self._world.bell.until(
            lambda: [seen for seen in self.sees(to) if not seen.from_me][given:], timeout
        )
        if not found:
            raise TimeoutError(f"{self.name} saw nothing new in {timeout} s")
        self._given[to] = given + 1
        return found[0]

    async def _sends(self, to: Place, kind: str, body: Json) -> bool:
        return await self._posts(to, Post(self._world.new_id(), self), kind, body)

    async def _posts(
        self, to: Place, post: Post, kind: str, body: Json, reply_to: str = ""
    ) -> bool:
        chat = to.meets(self) if isinstance(to, Bot) else to.chat
        bots = [to] if isinstance(to, Bot) else to.hearing(post.text, reply_to)
        self._world.posted(chat, post)
        heard = await asyncio.gather(
            *(bot.hears(self._event(bot, chat, post, kind, body)) for bot in bots)
        )
        return bool(heard) and all(heard)

    def _event(self, bot: Bot, chat: Chat, post: Post, kind: str, body: Json) -> Json:
        sender = user(bot.chat_of(self), self.name)
        date = self._world.milliseconds()
        return event(kind, post, chat, sender=sender, date=date, body=body)

    def _seen(self, post: Post) -> Seen:
        from_me = post.sender is self
        sender = post.sender.name
        return Seen(post.text, from_me, post.photo, post.message_id, sender, post.picture)

    def _chat(self, to: Place) -> Chat:
        if isinstance(to, Group):
            return to.chat
        return to.chats.get(to.chat_of(self)) or Chat("", "PRIVATE")
