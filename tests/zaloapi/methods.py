"""What the methods do, but for getUpdates, which has to know who waits."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

import aiohttp

from .bots import Bot
from .errors import NOT_FOUND, ZaloError, bad_request
from .events import event, image, user
from .parameters import Fields, text_within
from .webhook import PROBE, Webhook, accepted, push
from .world import Json, Post, World, on_loopback

LONGEST = 2000  # UTF-16 code units; the unit is not documented, this is the stricter reading
SECRET = 8, 256  # characters, shortest and longest

Method = Callable[[World, Bot, Fields], Awaitable[Json | None]]


async def get_me(_world: World, bot: Bot, _fields: Fields) -> Json:
    return {
        "id": bot.id,
        "account_name": bot.account_name,
        "account_type": "BASIC",
        "can_join_groups": bot.can_join_groups,
        "display_name": bot.name,
    }


async def set_webhook(world: World, bot: Bot, fields: Fields, *, loopback: bool = True) -> Json:
    url = text_within(fields, "url", LONGEST)
    secret = text_within(fields, "secret_token", SECRET[1], shortest=SECRET[0])
    near = on_loopback(url)
    if near and not loopback:
        raise bad_request("url must be public")
    if not near and not url.startswith("https://"):
        raise bad_request("url must be https")
    bot.webhook = Webhook(url, secret, world.milliseconds())
    world.bell.ring()
    # The address is kept even when nobody answers there.
    status = await push(world, bot.webhook, PROBE)
    # What stands in it is invented.
    verification = {"success": accepted(status), "status": status}
    return bot.webhook.json() | {"verification": verification}


async def delete_webhook(world: World, bot: Bot, _fields: Fields) -> Json:
    bot.webhook = Webhook("", "", world.milliseconds())
    return bot.webhook.json()


async def get_webhook_info(_world: World, bot: Bot, _fields: Fields) -> Json:
    if bot.webhook is None:
        raise ZaloError(*NOT_FOUND)
    return bot.webhook.json()


async def send_message(world: World, bot: Bot, fields: Fields) -> Json:
    text = text_within(fields, "text", LONGEST)
    return _post(world, bot, fields, text)


async def send_photo(world: World, bot: Bot, fields: Fields) -> Json:
    caption = text_within(fields, "caption", LONGEST) if "caption" in fields else ""
    bot.chat(fields.get("chat_id", ""))
    bot.check_quota()
    url = fields.get("photo", "")
    return _post(world, bot, fields, caption, url, await _fetched(world, url))


async def send_chat_action(_world: World, bot: Bot, fields: Fields) -> None:
    bot.chat(fields.get("chat_id", ""))
    if fields.get("action") != "typing":
        raise bad_request("unknown action")


def methods(*, loopback: bool) -> dict[str, Method]:
    """All by their names, whose case matters; `loopback` is whether webhooks may be there."""
    return {
        "getMe": get_me,
        "setWebhook": partial(set_webhook, loopback=loopback),
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": get_webhook_info,
        "sendMessage": send_message,
        "sendPhoto": send_photo,
        "sendChatAction": send_chat_action,
    }


def _post(
    world: World, bot: Bot, fields: Fields, text: str, photo: str = "", picture: bytes = b""
) -> Json:
    """Show a message in its chat; the answer to whoever sent it."""
    chat = bot.chat(fields.get("chat_id", ""))
    bot.check_quota()
    bot.counts_sent()
    post = world.posted(chat, Post(world.new_id(), bot, text, photo, picture))
    date = world.milliseconds()
    if bot.echoes:
        sender = user(bot.id, bot.name, is_bot=True)
        kind, body = ("image", image(photo, text)) if photo else ("text", {"text": text})
        echo = event(kind, post, chat, sender=sender, date=date, body=body)
        world.starts(bot.hears_itself(echo))
    return {"message_id": post.message_id, "date": date}


async def _fetched(world: World, url: str) -> bytes:
    """A picture, asked for twice as Zalo does.

    Raises:
        ZaloError: there is none, or it is not on this machine.
    """
    if not on_loopback(url):
        raise bad_request("photo cannot be fetched")
    try:
        async with world.session.head(url) as head:
            found = head.status == HTTPStatus.OK
        async with world.session.get(url, allow_redirects=False) as got:
            if found and got.status == HTTPStatus.OK and got.content_type.startswith("image/"):
                return await got.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise bad_request("photo cannot be fetched") from error
    raise bad_request("photo is no picture")
