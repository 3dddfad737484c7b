"""What bots ask of the server, and leaving a chat."""

from .chats import PRESENT, Bot, Json
from .errors import bad_request
from .files import LARGEST_DOWNLOAD
from .parameters import Parameters
from .places import readable
from .world import World


async def get_me(world: World, bot: Bot, given: Parameters) -> Json:
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": not bot.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**bot.json(), **abilities}


async def get_updates(world: World, bot: Bot, given: Parameters) -> list[Json]:
    if given.has("allowed_updates"):
        bot.updates.allow(given.json("allowed_updates", "allowed_updates"))
    updates = await bot.polling.poll(
        offset=given.integer("offset"),
        limit=min(max(given.integer("limit", 100), 1), 100),
        timeout=min(max(given.integer("timeout"), 0), 50),
    )
    return [update.json() for update in updates]


async def get_chat(world: World, bot: Bot, given: Parameters) -> Json:
    chat = readable(world, bot, given)
    gifts = ("unlimited", "limited", "unique")
    accepted = {
        **{f"{name}_gifts": True for name in gifts},
        "premium_subscription": True,
        "gifts_from_channels": True,
    }
    return {
        **chat.json(),
        "accent_color_id": 3,
        "max_reaction_count": 11,
        "accepted_gift_types": accepted,
    }


async def get_chat_member(world: World, bot: Bot, given: Parameters) -> Json:
    chat = readable(world, bot, given)
    user = world.users.get(given.integer("user_id"))
    if user is None:
        raise bad_request("Invalid user_id specified")
    return world.member(chat, user)


async def get_chat_administrators(world: World, bot: Bot, given: Parameters) -> list[Json]:
    chat = readable(world, bot, given)
    if chat.bot:
        raise bad_request("There are no administrators in the private chat")
    leading = {"creator", "administrator"}
    return [
        world.member(chat, world.users[id_]) for id_, is_ in chat.statuses.items() if is_ in leading
    ]


async def get_chat_member_count(world: World, bot: Bot, given: Parameters) -> int:
    chat = readable(world, bot, given)
    return sum(status in PRESENT for status in chat.statuses.values())


async def leave_chat(world: World, bot: Bot, given: Parameters) -> bool:
    chat = readable(world, bot, given)
    if chat.bot:
        raise bad_request("Chat member status can't be changed in private chats")
    world.set_status(chat, bot, "left", by=bot)
    return True


async def get_file(world: World, bot: Bot, given: Parameters) -> Json:
    file = world.files.by_id.get(given.text("file_id"))
    if file is None:
        raise bad_request("Invalid file_id")
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad_request("File is too big")
    return {**file.json(), "file_path": file.path}
