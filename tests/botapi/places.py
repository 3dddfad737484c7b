"""Which chat a call means, and whether its bot may write there."""

from .chats import Bot, Chat, User
from .errors import bad_request, refused
from .parameters import Parameters
from .world import World


def chat_named(world: World, bot: Bot, given: Parameters) -> Chat | User:
    """The chat of a call's chat_id: a group, a channel, or the person of a private chat."""
    named = given.text("chat_id")
    if not named:
        raise bad_request("Chat_id is empty")
    id_ = given.integer("chat_id")
    if chat := world.chats.get(id_):
        return chat
    user = world.users.get(id_)
    if user is None or user is bot:
        raise bad_request("Chat not found")
    return user


def writable(world: World, bot: Bot, given: Parameters) -> Chat:
    """The chat to write to.

    Raises:
        ApiError: it is not there, or the bot may not write there.
    """
    place = chat_named(world, bot, given)
    if isinstance(place, User):
        return _open_to(world, bot, place)
    if place.migrated_to:
        upgraded = "Group chat was upgraded to a supergroup chat"
        raise bad_request(upgraded, migrate_to_chat_id=place.migrated_to.id)
    if place.deleted:
        raise refused(403, "The group chat was deleted")
    status = place.statuses.get(bot.id)
    if status == "kicked":
        raise refused(403, f"Bot was kicked from the {place.type} chat")
    if status == "left":
        raise refused(403, f"Bot is not a member of the {place.type} chat")
    if status is None:
        raise bad_request("Chat not found")
    if place.type == "channel" and status == "member":
        raise bad_request("Need administrator rights in the channel chat")
    return place


def readable(world: World, bot: Bot, given: Parameters) -> Chat:
    """The chat to ask about; a person who blocked the bot can still be asked about."""
    place = chat_named(world, bot, given)
    if isinstance(place, User):
        if place.id not in bot.started:
            raise bad_request("Chat not found")
        return world.private(bot, place)
    return writable(world, bot, given)


def _open_to(world: World, bot: Bot, user: User) -> Chat:
    if user.is_bot:
        raise refused(403, "Bot can't send messages to bots")
    if user.deleted:
        raise refused(403, "User is deactivated")
    chat = world.private(bot, user)
    if chat.statuses[bot.id] == "kicked":
        raise refused(403, "Bot was blocked by the user")
    if user.id not in bot.started:
        raise refused(403, "Bot can't initiate conversation with a user")
    return chat
