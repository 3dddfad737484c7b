"""All methods by their name in lower case, as names of methods are compared."""

from collections.abc import Awaitable, Callable
from typing import Any

from . import asking, posting, profile
from .chats import Bot
from .parameters import Parameters
from .world import World

Method = Callable[[World, Bot, Parameters], Awaitable[Any]]

METHODS: dict[str, Method] = {
    function.__name__.replace("_", ""): function
    for function in (
        asking.get_me,
        asking.get_updates,
        asking.get_chat,
        asking.get_chat_member,
        asking.get_chat_administrators,
        asking.get_chat_member_count,
        asking.leave_chat,
        asking.get_file,
        posting.send_message,
        posting.send_photo,
        posting.send_document,
        posting.send_chat_action,
        posting.edit_message_text,
        posting.edit_message_caption,
        posting.edit_message_media,
        posting.edit_message_reply_markup,
        posting.delete_message,
        posting.answer_callback_query,
        profile.set_my_commands,
        profile.get_my_commands,
        profile.delete_my_commands,
        profile.set_my_description,
        profile.get_my_description,
        profile.set_my_short_description,
        profile.get_my_short_description,
        profile.get_my_name,
        profile.set_chat_menu_button,
        profile.get_chat_menu_button,
    )
}
