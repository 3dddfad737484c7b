"""What Telegram shows of a bot before anything is said: commands, descriptions, menu button."""

import logging
from dataclasses import dataclass

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonCommands,
)
from telegram.constants import BotDescriptionLimit

from bot.core.text import shortened

# Telegram prefers what was said for the language of a person's telephone. What somebody once set
# for Vietnamese would hide what is set for all.
_LANGUAGES = (None, "vi")

Menu = tuple[tuple[str, str], ...]
"""Words of commands, each with what it does."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person sees of the bot.

    Attributes:
        commands: shown where neither of the other two is.
        description: in a chat that is still empty.
        short_description: on the bot's page, and beside links to it.
    """

    commands: Menu
    private_commands: Menu
    group_commands: Menu
    description: str
    short_description: str


async def present(bot: Bot, profile: Profile) -> None:
    """Have Telegram show the profile; it is told only what it shows otherwise.

    A failure is logged and is no more than that: the next start tries again.
    """
    try:
        for language in _LANGUAGES:
            await _set_commands(bot, profile, language)
            await _set_descriptions(bot, profile, language)
        await _set_button(bot)
    except Exception as error:  # noqa: BLE001  # also an answer that the library cannot read
        log.error("Telegram was not told what to show of the bot: %r", error)


async def _set_commands(bot: Bot, profile: Profile, language: str | None) -> None:
    scopes: tuple[tuple[BotCommandScope, Menu], ...] = (
        (BotCommandScopeDefault(), profile.commands),
        (BotCommandScopeAllPrivateChats(), profile.private_commands),
        (BotCommandScopeAllGroupChats(), profile.group_commands),
    )
    for scope, menu in scopes:
        wanted = tuple(BotCommand(word, does) for word, does in menu)
        if await bot.get_my_commands(scope, language) != wanted:
            await bot.set_my_commands(wanted, scope, language)


async def _set_descriptions(bot: Bot, profile: Profile, language: str | None) -> None:
    long = shortened(profile.description, BotDescriptionLimit.MAX_DESCRIPTION_LENGTH)
    if (await bot.get_my_description(language)).description != long:
        await bot.set_my_description(long, language)
    short = shortened(profile.short_description, BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH)
    if (await bot.get_my_short_description(language)).short_description != short:
        await bot.set_my_short_description(short, language)


async def _set_button(bot: Bot) -> None:
    if (await bot.get_chat_menu_button()).type != MenuButtonCommands().type:
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
