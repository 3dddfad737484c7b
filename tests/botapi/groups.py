"""Groups, supergroups, forums and channels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chats import Bot, Chat, User
from .markup import as_posted
from .world import World

if TYPE_CHECKING:
    from .people import Person


class Group:
    """A group, a supergroup or a channel."""

    def __init__(self, world: World, chat: Chat, owner: User) -> None:
        self.chat = chat
        self._world = world
        self._owner = owner
        chat.statuses[owner.id] = "creator"

    @property
    def title(self) -> str:
        return self.chat.title

    @property
    def id(self) -> int:
        return self.chat.id

    def join(self, person: "Person") -> None:
        self._world.set_status(self.chat, person.user, "member", by=person.user)
        self._world.post(self.chat, person.user, {"new_chat_members": [person.user.json()]})

    def leave(self, person: "Person") -> None:
        self._world.set_status(self.chat, person.user, "left", by=person.user)
        self._world.post(self.chat, person.user, {"left_chat_member": person.user.json()})

    def topic(self, name: str) -> "Topic":
        """The topic of this name, opened by the owner if there is none."""
        for id_, known in self.chat.topics.items():
            if known == name:
                return Topic(id_, name)
        if not self.chat.forum:
            raise ValueError(f"{self.title} has no topics")
        id_ = self.chat.last_id + 1
        self.chat.topics[id_] = name
        created = {"name": name, "icon_color": 7322096}
        self._world.post(self.chat, self._owner, {"forum_topic_created": created}, thread=id_)
        return Topic(id_, name)

    def drops_topic(self, topic: "Topic") -> None:
        """Delete a topic with its messages."""
        del self.chat.topics[topic.id]
        for message in [m for m in self.chat.messages.values() if m.thread == topic.id]:
            self._world.delete(message)

    async def becomes_supergroup(self) -> None:
        """The group gets a new id; both its old and its new chat say so."""
        old = self.chat
        new = self._world.add_chat("supergroup", old.title)
        new.statuses, new.migrated_from = dict(old.statuses), old
        self._world.post(old, self._owner, {"migrate_to_chat_id": new.id})
        old.migrated_to = self.chat = new
        self._world.post(new, self._owner, {"migrate_from_chat_id": old.id})

    async def disappears(self) -> None:
        """Its owner deletes the group."""
        self.chat.deleted = True


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a forum."""

    id: int
    name: str


def bot_says(world: World, bot: Bot, group: Group, text: str) -> None:
    """A message of a bot that other bots in the group hear as they hear people."""
    posted, entities = as_posted(text, [])
    world.post(group.chat, bot, {"text": posted} | ({"entities": entities} if entities else {}))
