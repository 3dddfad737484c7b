"""The person's side: what people do and see.

People, groups and buttons are named by what is written on them, never by internal ids.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from .chats import ANONYMOUS, PRESENT, Bot, Chat, Json, Message, Tapped, User
from .files import in_message
from .groups import Group, Topic
from .markup import as_posted
from .parameters import Upload
from .profile import commands_shown
from .screen import Answer, Seen, buttons_of, current, message_of, seen_by
from .world import World

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
WAIT = 5.0  # seconds of waiting for a bot, if a test does not say otherwise

Place = Bot | Group


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on a button; a button that is only a link or says a word has its answer at once."""

    world: World = field(repr=False)
    tapped: Tapped | None = None
    at_once: Answer | None = None

    async def answer(self, timeout: float = WAIT) -> Answer | None:  # noqa: ASYNC109
        """The bot's answer; None when none came in time."""
        tapped = self.tapped
        if tapped is None:
            return self.at_once
        given = await self.world.bell.until(lambda: tapped.answer, timeout)
        return Answer(**given) if given else None


class Person:
    """Somebody with a phone."""

    def __init__(self, world: World, user: User) -> None:
        self.user = user
        self._world = world
        self._given: dict[int, int] = {}

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def id(self) -> int:
        return self.user.id

    async def opens(self, link: str) -> Seen:
        """Follow a link to a bot and press Start."""
        parts = urlsplit(link)
        username, payload = parts.path.strip("/"), parse_qs(parts.query).get("start", [""])[0]
        bot = next((b for b in self._world.bots.values() if b.username == username), None)
        if bot is None or not PAYLOAD.fullmatch(payload):
            raise ValueError(f"{link} opens no bot")
        if self._chat(bot).statuses[bot.id] == "kicked":
            await self.unblocks(bot)
        return await self.says(bot, f"/start {payload}".rstrip())

    async def says(
        self,
        to: Place,
        text: str,
        *,
        thread: Topic | None = None,
        anonymous: bool = False,
        reply_to: Seen | None = None,
    ) -> Seen:
        """Write a text; `anonymous` as an administrator in the name of the group."""
        posted, entities = as_posted(text, [])
        body = {"text": posted} | ({"entities": entities} if entities else {})
        return self._posts(to, body, thread=thread, anonymous=anonymous, reply_to=reply_to)

    async def edits(self, said: Seen, text: str) -> Seen:
        """Change the text, or the caption, of an own message."""
        message = current(said)
        what = "caption" if "caption" in message.body else "text"
        posted, entities = as_posted(text, [])
        named = f"{'caption_' if what == 'caption' else ''}entities"
        rest = {k: v for k, v in message.body.items() if k != named}
        found = {named: entities} if entities else {}
        return self._seen(self._world.edit(message, body=rest | {what: posted} | found))

    async def deletes(self, seen: Seen) -> None:
        """Delete a message for everybody, of which bots are not told."""
        self._world.delete(current(seen))

    async def taps(self, to: Place, label: str, *, on: Seen | None = None) -> Tap:
        """Tap a button by its label, on the newest message that shows it, or as `on` showed it.

        Raises:
            LookupError: no message shows such a button.
        """
        messages = [message_of(on)] if on else [*reversed(list(self._history(to)))]
        for message in messages:
            for button in buttons_of(message):
                if button["text"] == label:
                    return await self._tapped(to, message, button)
        labels = [b["text"] for m in messages for b in buttons_of(m)]
        raise LookupError(f"no button {label!r}; there are {labels}")

    async def forges(self, seen: Seen, data: str) -> Tap:
        """Send a tap with data that no button has, as a changed app can."""
        return Tap(self._world, self._world.tapped_on(current(seen), self.user, data))

    async def sends_photo(
        self, to: Place, content: bytes, *, caption: str = "", thread: Topic | None = None
    ) -> Seen:
        return self._sends(to, "photo", Upload("photo.jpg", content, "image/jpeg"), caption, thread)

    async def sends_document(
        self,
        to: Place,
        content: bytes,
        *,
        name: str = "file.pdf",
        caption: str = "",
        thread: Topic | None = None,
    ) -> Seen:
        upload = Upload(name, content, "application/octet-stream")
        return self._sends(to, "document", upload, caption, thread)

    async def sends_voice(self, to: Place) -> Seen:
        return self._sends(to, "voice", Upload("voice.ogg", b"OggS", "audio/ogg"))

    async def sends_sticker(self, to: Place) -> Seen:
        return self._sends(to, "sticker", Upload("sticker.webp", b"RIFF", "image/webp"))

    async def shares_contact(self, to: Place, *, of: "Person | None" = None) -> Seen:
        """Send the own phone number, or somebody else's."""
        owner = (of or self).user
        contact = {"phone_number": owner.phone, "first_name": owner.name, "user_id": owner.id}
        return self._posts(to, {"contact": contact})

    async def forwards(self, seen: Seen, to: Place) -> Seen:
        message = message_of(seen)
        origin: Json = {"type": "hidden_user", "date": message.date, "sender_user_name": "?"}
        if message.sender:
            origin = {"type": "user", "date": message.date, "sender_user": message.sender.json()}
        return self._posts(to, message.body, forward_origin=origin)

    def sees(self, to: Place) -> list[Seen]:
        """The chat from its beginning, as it stands on the screen now."""
        return [self._seen(message) for message in self._history(to)]

    async def sees_next(self, to: Place, timeout: float = WAIT) -> Seen:  # noqa: ASYNC109
        """The next message or edit by a bot that this call has not given yet, as it was then.

        Raises:
            TimeoutError: there was none in time.
        """
        key = id(to)
        given = self._given.get(key, 0)
        found = await self._world.bell.until(lambda: self._chat(to).all_shown()[given:], timeout)
        if not found:
            raise TimeoutError(f"{self.name} saw nothing new in {timeout} s")
        self._given[key] = given + 1
        return self._seen(found[0])

    def menu(self, to: Place) -> list[tuple[str, str]]:
        """The commands in the menu of a private chat, with their descriptions."""
        chat = self._chat(to)
        bots = [to] if isinstance(to, Bot) else _bots_in(self._world, chat)
        shown = [c for bot in bots for c in commands_shown(bot, chat, self.user)]
        return [(command["command"], command["description"]) for command in shown]

    async def blocks(self, bot: Bot) -> None:
        self._world.set_status(self._chat(bot), bot, "kicked", by=self.user)

    async def unblocks(self, bot: Bot) -> None:
        self._world.set_status(self._chat(bot), bot, "member", by=self.user)

    async def leaves_telegram(self) -> None:
        """Delete the own account."""
        self.user.deleted = True

    async def adds(self, bot: Bot, group: Group, *, admin: bool = False) -> None:
        status = "administrator" if admin or group.chat.type == "channel" else "member"
        self._world.set_status(group.chat, bot, status, by=self.user)
        self._notices(group, {"new_chat_members": [bot.json()]})

    async def kicks(self, bot: Bot, group: Group) -> None:
        if group.chat.type == "group":
            # The last that a bot hears in a group is that it was removed.
            self._notices(group, {"left_chat_member": bot.json()})
        self._world.set_status(group.chat, bot, "kicked", by=self.user)

    async def promotes(self, bot: Bot, group: Group) -> None:
        self._world.set_status(group.chat, bot, "administrator", by=self.user)

    async def demotes(self, bot: Bot, group: Group) -> None:
        self._world.set_status(group.chat, bot, "member", by=self.user)

    def _sends(
        self,
        to: Place,
        kind: str,
        upload: Upload,
        caption: str = "",
        thread: Topic | None = None,
    ) -> Seen:
        posted, entities = as_posted(caption, [])
        told: Json = {"caption": posted, "caption_entities": entities}
        body = in_message(self._world.files.keep(kind, upload))
        return self._posts(to, body | {k: v for k, v in told.items() if v}, thread=thread)

    def _posts(
        self,
        to: Place,
        body: Json,
        *,
        thread: Topic | None = None,
        anonymous: bool = False,
        reply_to: Seen | None = None,
        forward_origin: Json | None = None,
    ) -> Seen:
        chat = self._chat(to)
        if chat.statuses.get(self.id) not in PRESENT:
            raise ValueError(f"{self.name} is not in {chat.title}")
        if isinstance(to, Bot):
            if chat.statuses[to.id] == "kicked":
                raise ValueError(f"{self.name} has blocked {to.username}")
            to.started.add(self.id)
        message = self._world.post(
            chat,
            ANONYMOUS if anonymous else self.user,
            body,
            thread=thread.id if thread else None,
            sender_chat=chat if anonymous else None,
            reply_to=message_of(reply_to) if reply_to else None,
            forward_origin=forward_origin,
        )
        return self._seen(message)

    async def _tapped(self, to: Place, message: Message, button: Json) -> Tap:
        if data := button.get("callback_data"):
            current = message.chat.messages.get(message.id, message)
            return Tap(self._world, self._world.tapped_on(current, self.user, data))
        if url := button.get("url"):
            return Tap(self._world, at_once=Answer(url=url))
        if button.get("request_contact"):
            await self.shares_contact(to)
        else:
            await self.says(to, button["text"])
        return Tap(self._world)

    def _notices(self, group: Group, body: Json) -> None:
        if group.chat.type != "channel":
            self._world.post(group.chat, self.user, body)

    def _chat(self, to: Place) -> Chat:
        return self._world.private(to, self.user) if isinstance(to, Bot) else to.chat

    def _history(self, to: Place) -> Iterator[Message]:
        return self._chat(to).history()

    def _seen(self, message: Message) -> Seen:
        return seen_by(self._world.files, self.user, message)


def _bots_in(world: World, chat: Chat) -> list[Bot]:
    present = {id_ for id_, status in chat.statuses.items() if status in PRESENT}
    return [bot for bot in world.bots.values() if bot.id in present]
