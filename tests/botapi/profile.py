"""What a bot tells about itself: commands, descriptions, name and menu button."""

import json
import re
from typing import Any

from .chats import Bot, Chat, Json, User
from .errors import bad_request
from .parameters import Parameters
from .places import chat_named
from .world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LONGEST = {"command": 256, "description": 512, "short_description": 120}
MOST_COMMANDS = 100


async def set_my_commands(world: World, bot: Bot, given: Parameters) -> bool:
    commands = given.json("commands", "commands") or []
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 0 < len(command.get("description", "")) <= LONGEST["command"]:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return _set(bot, "commands", _scope(world, bot, given), given, commands)


async def get_my_commands(world: World, bot: Bot, given: Parameters) -> list[Json]:
    key = ("commands", _scope(world, bot, given), _language(given))
    return list(bot.profile.get(key, []))


async def delete_my_commands(world: World, bot: Bot, given: Parameters) -> bool:
    return _set(bot, "commands", _scope(world, bot, given), given, [])


async def set_my_description(world: World, bot: Bot, given: Parameters) -> bool:
    return _set(bot, "description", "", given, _line(given, "description"))


async def get_my_description(world: World, bot: Bot, given: Parameters) -> Json:
    return {"description": _told(bot, "description", given, "")}


async def set_my_short_description(world: World, bot: Bot, given: Parameters) -> bool:
    return _set(bot, "short_description", "", given, _line(given, "short_description"))


async def get_my_short_description(world: World, bot: Bot, given: Parameters) -> Json:
    return {"short_description": _told(bot, "short_description", given, "")}


async def get_my_name(world: World, bot: Bot, given: Parameters) -> Json:
    return {"name": _told(bot, "name", given, bot.name)}


async def set_chat_menu_button(world: World, bot: Bot, given: Parameters) -> bool:
    button = given.json("menu_button", "menu button") or {"type": "default"}
    return _set(bot, "menu_button", given.text("chat_id"), given, button)


async def get_chat_menu_button(world: World, bot: Bot, given: Parameters) -> Json:
    default = bot.profile.get(("menu_button", "", ""), {"type": "commands"})
    return dict(bot.profile.get(("menu_button", given.text("chat_id"), ""), default))


def commands_shown(bot: Bot, chat: Chat, user: User) -> list[Json]:
    """The commands somebody finds in a chat's menu: the narrowest scope that has some."""
    leads = chat.statuses.get(user.id) in {"creator", "administrator"}
    admins = [f"chat_administrators/{chat.id}"] if leads else []
    all_admins = ["all_chat_administrators"] if leads else []
    scopes = (
        [f"chat/{chat.id}", "all_private_chats", "default"]
        if chat.bot
        else [
            *(f"chat_member/{chat.id}/{user.id}", *admins, f"chat/{chat.id}", *all_admins),
            *("all_group_chats", "default"),
        ]
    )
    lists = (bot.profile.get(("commands", s, lang), []) for s in scopes for lang in ("vi", ""))
    return next((commands for commands in lists if commands), [])


def _scope(world: World, bot: Bot, given: Parameters) -> str:
    scope = given.json("scope", "BotCommandScope") or {"type": "default"}
    if "chat_id" in scope:
        chat_named(world, bot, Parameters({"chat_id": str(scope["chat_id"])}))
    return "/".join(str(scope[k]) for k in ("type", "chat_id", "user_id") if k in scope)


def _language(given: Parameters) -> str:
    language = given.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("Invalid language code specified")
    return language


def _line(given: Parameters, what: str) -> str:
    if len(given.text(what)) > LONGEST[what]:
        raise bad_request(f"Bot {what.replace('_', ' ')} is too long")
    return given.text(what)


def _set(bot: Bot, what: str, scope: str, given: Parameters, value: Any) -> bool:
    bot.profile[what, scope, _language(given)] = json.loads(json.dumps(value))
    return True


def _told(bot: Bot, what: str, given: Parameters, otherwise: str) -> str:
    """The value of a language, else the one of no language."""
    general = bot.profile.get((what, "", ""), otherwise)
    return str(bot.profile.get((what, "", _language(given))) or general)
