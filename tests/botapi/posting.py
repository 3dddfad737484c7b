"""Sending, editing, deleting, and answering taps."""

import json
from datetime import timedelta

from .chats import Bot, Chat, Json, Message
from .content import caption_of, markup_of, media_of, text_of
from .errors import bad_request
from .parameters import Parameters
from .places import writable
from .world import World

LONGEST_ANSWER = 200
ANSWERED_WITHIN = timedelta(seconds=15)
"""How long after a tap its bot may answer it; Telegram publishes no figure."""
DELETED_WITHIN = 48 * 3600  # seconds
NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Query is too old and response timeout expired or query ID is invalid"


async def send_message(world: World, bot: Bot, given: Parameters) -> Json:
    return _send(world, bot, writable(world, bot, given), given, text_of(given))


async def send_photo(world: World, bot: Bot, given: Parameters) -> Json:
    chat = writable(world, bot, given)
    return _send(world, bot, chat, given, media_of(world, given, "photo") | caption_of(given))


async def send_document(world: World, bot: Bot, given: Parameters) -> Json:
    chat = writable(world, bot, given)
    return _send(world, bot, chat, given, media_of(world, given, "document") | caption_of(given))


async def send_chat_action(world: World, bot: Bot, given: Parameters) -> bool:
    writable(world, bot, given)
    return True


async def edit_message_text(world: World, bot: Bot, given: Parameters) -> Json:
    message = _editable(world, bot, given)
    if "text" not in message.body:
        raise bad_request("There is no text in the message to edit")
    return _edit(world, message, text_of(given), given)


async def edit_message_caption(world: World, bot: Bot, given: Parameters) -> Json:
    message = _editable(world, bot, given)
    if not {"photo", "document"} & message.body.keys():
        raise bad_request("There is no caption in the message to edit")
    kept = {k: v for k, v in message.body.items() if not k.startswith("caption")}
    return _edit(world, message, kept | caption_of(given), given)


async def edit_message_media(world: World, bot: Bot, given: Parameters) -> Json:
    message = _editable(world, bot, given)
    media = given.json("media", "InputMedia") or {}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in media.items()}
    inner = Parameters({**texts, media.get("type", ""): media.get("media", "")}, given.uploads)
    if media.get("type") not in {"photo", "document"}:
        raise bad_request("Can't parse InputMedia: unknown media type specified")
    body = media_of(world, inner, media["type"]) | caption_of(inner)
    return _edit(world, message, body, given)


async def edit_message_reply_markup(world: World, bot: Bot, given: Parameters) -> Json:
    message = _editable(world, bot, given)
    return _edit(world, message, message.body, given)


async def delete_message(world: World, bot: Bot, given: Parameters) -> bool:
    chat = writable(world, bot, given)
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("Message to delete not found")
    mine = message.sender is bot or chat.bot or chat.statuses.get(bot.id) == "administrator"
    if not mine or world.time() - message.date > DELETED_WITHIN:
        raise bad_request("Message can't be deleted")
    world.delete(message)
    return True


async def answer_callback_query(world: World, bot: Bot, given: Parameters) -> bool:
    tapped = world.tapped.get(given.text("callback_query_id"))
    if tapped is None or tapped.bot is not bot or tapped.answer is not None:
        raise bad_request(TOO_OLD)
    if world.now() - tapped.at > ANSWERED_WITHIN:
        raise bad_request(TOO_OLD)
    text, url = given.text("text"), given.text("url")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(bot.link("")):
        raise bad_request("URL_INVALID")
    tapped.answer = {"text": text, "alert": given.flag("show_alert"), "url": url}
    world.bell.ring()
    return True


def _send(world: World, bot: Bot, chat: Chat, given: Parameters, body: Json) -> Json:
    protected = {"has_protected_content": True} if given.flag("protect_content") else {}
    message = world.post(
        chat,
        bot,
        body | protected,
        unheard=True,
        markup=markup_of(given),
        thread=_thread(chat, given),
        reply_to=_replied(chat, given),
    )
    return message.json()


def _edit(world: World, message: Message, body: Json, given: Parameters) -> Json:
    markup = markup_of(given)
    if markup and "inline_keyboard" not in markup:
        raise bad_request("Inline keyboard expected")
    if (body, markup) == (message.body, message.markup):
        raise bad_request(NOT_MODIFIED)
    return world.edit(message, body=body, markup=markup).json()


def _editable(world: World, bot: Bot, given: Parameters) -> Message:
    chat = writable(world, bot, given)
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("Message to edit not found")
    if (
        message.sender is not bot
        or message.is_service
        or (message.markup and not message.is_inline)
    ):
        raise bad_request("Message can't be edited")
    return message


def _thread(chat: Chat, given: Parameters) -> int | None:
    thread = given.integer("message_thread_id")
    if thread and thread not in chat.topics:
        raise bad_request("Message thread not found")
    return thread or None


def _replied(chat: Chat, given: Parameters) -> Message | None:
    wanted = given.json("reply_parameters", "reply parameters") or {
        "message_id": given.integer("reply_to_message_id"),
        "allow_sending_without_reply": given.flag("allow_sending_without_reply"),
    }
    if not wanted.get("message_id"):
        return None
    found = chat.messages.get(int(wanted["message_id"]))
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise bad_request("Message to be replied not found")
    return found
