"""The one way out to Telegram: what the relay sends, carried by python-telegram-bot's `ExtBot`.

When to send, and what to do after a failure, is the relay's to decide; the library's own limiter
is a belt that only holds if the relay's pace fails.
"""

import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from html import escape

import httpx
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
)
from telegram.constants import CallbackQueryLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, Defaults, ExtBot
from telegram.request import HTTPXRequest

from bot.channels.telegram_profile import Profile, present
from bot.core.messaging import (
    LONGEST_CAPTION,
    Abilities,
    Button,
    ChannelBusy,
    FateUnknown,
    File,
    Moved,
    Outbound,
    PersonGone,
    SendError,
    TargetGone,
)
from bot.core.text import shortened, utf16_length

ABILITIES = Abilities(longest_text=4096, buttons=True, drops_repeats=False, edits=True, files=True)

# Seconds. An answer to a tap and a message, one after the other, stay below the relay's patience.
_CONNECT_TIMEOUT, _WRITE_TIMEOUT, _READ_TIMEOUT, _POOL_TIMEOUT = 5.0, 5.0, 15.0, 3.0
_SPARE_CONNECTIONS = 4

_WAIT_UNREACHABLE = 3.0  # seconds
_WAIT_REFUSED = 60.0  # seconds: until an admin has put in another token

# Errors after which the request has certainly not reached Telegram.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# Telegram's words in lower case, since the library changes capitals.
_SAME = "message is not modified"
_NO_TARGET = ("message to edit not found", "message can't be edited", "message_id_invalid")

_ROW = 3  # buttons side by side
_ROW_LETTERS = 28  # as many fit side by side on a telephone 360 points wide

log = logging.getLogger(__name__)


class Gateway:
    """Sends, edits, and answers taps.

    Args:
        api_url: base address of the Bot API, such as https://api.telegram.org.
        proxy: address of an HTTP proxy; "" for none.
        per_second, group_seconds: the relay's pace: messages in all, seconds between two to one
            group.
        in_flight: how many sends the relay has under way at most.
        read_timeout: seconds to wait for an answer.
    """

    def __init__(
        self,
        token: str,
        *,
        api_url: str,
        proxy: str,
        per_second: float,
        group_seconds: float,
        in_flight: int,
        read_timeout: float = _READ_TIMEOUT,
    ) -> None:
        # The library's own switch, which it reads only from here: without it each request to
        # slow down is also a warning that a type will change.
        os.environ["PTB_TIMEDELTA"] = "true"
        self._request = HTTPXRequest(
            connection_pool_size=in_flight + _SPARE_CONNECTIONS,
            connect_timeout=_CONNECT_TIMEOUT,
            write_timeout=_WRITE_TIMEOUT,
            read_timeout=read_timeout,
            pool_timeout=_POOL_TIMEOUT,
            proxy=proxy or None,
            # The settings alone decide about a proxy, for what comes in and what goes out.
            httpx_kwargs={"trust_env": False},
        )
        self._bot = ExtBot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._request,
            get_updates_request=self._request,  # never used; else the library makes one more
            defaults=Defaults(
                parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
            ),
            # Two at a time at the relay's rate: with one it would add its own delay to each.
            rate_limiter=AIORateLimiter(
                overall_max_rate=2,
                overall_time_period=2 / per_second,
                group_max_rate=1,
                group_time_period=group_seconds,
                max_retries=0,
            ),
        )
        self._refused = False
        # For as long as the bot runs: after a restart a file is uploaded once more.
        self._file_ids: dict[File, str] = {}

    async def close(self) -> None:
        """Close the connections; nothing can be sent after it."""
        await self._request.shutdown()

    async def present(self, profile: Profile) -> None:
        """Have Telegram show the profile; see `telegram_profile.present`."""
        await present(self._bot, profile)

    async def send(self, message: Outbound, content: bytes | None = None) -> str:
        """Deliver one message, edit or answer to a tap; see `Channel.send`."""
        longest = LONGEST_CAPTION if message.file else ABILITIES.longest_text
        if utf16_length(message.text) > longest:
            raise SendError(f"the text is longer than {longest} UTF-16 units")
        try:
            sent = await self._deliver(message, content)
        except SendError:
            raise
        except InvalidToken as error:
            raise self._halted() from error
        except TelegramError as error:
            raise _end_of(error, in_group=message.in_group) from error
        except Exception as error:
            # An answer came that the library cannot read.
            raise FateUnknown(type(error).__name__) from error
        self._refused = False
        return sent

    async def _deliver(self, message: Outbound, content: bytes | None) -> str:
        if message.tap:
            await self._answer(message, message.tap)
            if message.passing:
                return message.tap
        if message.target:
            return await self._edit(message, message.target)
        if message.file:
            return await self._send_file(message, message.file, content)
        sent = await self._bot.send_message(
            message.chat,
            escape(message.text, quote=False),
            reply_markup=_keyboard(message),
            message_thread_id=_thread(message),
        )
        return str(sent.message_id)

    async def _send_file(self, message: Outbound, file: File, content: bytes | None) -> str:
        """Upload a file the first time, and name Telegram's id of it from then on."""
        body = self._file_ids.get(file) or InputFile(content or b"", filename=file.name)
        post = self._bot.send_photo if file.picture else self._bot.send_document
        sent = await post(
            message.chat,
            body,
            caption=escape(message.text, quote=False),
            reply_markup=_keyboard(message),
            message_thread_id=_thread(message),
        )
        taken = sent.photo[-1] if sent.photo else sent.document
        if taken:
            self._file_ids[file] = taken.file_id
        return str(sent.message_id)

    async def _answer(self, message: Outbound, tap: str) -> None:
        """Answer a tap; unless that is all there is to say, a failure is of no consequence."""
        text = message.text if message.passing else ""
        try:
            await self._bot.answer_callback_query(
                tap,
                text=shortened(text, CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH) or None,
                show_alert=message.passing or None,
            )
        except (RetryAfter, InvalidToken):
            raise
        except TelegramError as error:
            # After a refusal (too old, answered before) nobody waits for it any longer.
            uncertain = not isinstance(error, BadRequest)
            if _never_left(error) or (uncertain and message.passing):
                raise
            log.debug("message %s: tap not answered: %s", message.key, type(error).__name__)

    async def _edit(self, message: Outbound, target: str) -> str:
        chat, number, keyboard = message.chat, int(target), _inline(message)
        try:
            text = escape(message.text, quote=False)
            await self._bot.edit_message_text(text, chat, number, reply_markup=keyboard)
        except BadRequest as error:
            said = error.message.lower()
            if any(words in said for words in _NO_TARGET):
                raise TargetGone(_brief(error)) from error
            if _SAME not in said:
                raise
        return target

    def _halted(self) -> SendError:
        if not self._refused:
            log.error("Telegram không nhận mã (token) của bot nữa: xem [telegram] token")
        self._refused = True
        return ChannelBusy("the token was refused", wait=_WAIT_REFUSED)


def _end_of(error: TelegramError, *, in_group: bool) -> SendError:
    """Return what an error of the library means for the message."""
    match error:
        case RetryAfter():
            return ChannelBusy("asked to slow down", wait=_seconds(error.retry_after))
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case Forbidden():
            return PersonGone(error.message)
        case BadRequest() if "chat not found" in error.message.lower() and not in_group:
            return PersonGone(_brief(error))
        case BadRequest() | Conflict():
            return SendError(_brief(error))
        case NetworkError() if _never_left(error):
            return ChannelBusy("Telegram cannot be reached", wait=_WAIT_UNREACHABLE)
        case _:
            # No answer, or none that can be read, or a 5xx: Telegram's front answers so also when
            # what lies behind it had already taken the message.
            return FateUnknown(type(error.__cause__ or error).__name__)


def _never_left(error: TelegramError) -> bool:
    return isinstance(error.__cause__, _NEVER_LEFT)


def _seconds(wait: int | timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _brief(error: TelegramError) -> str:
    """Return an error without what Telegram quotes in it after a colon."""
    return error.message.partition(": ")[0]


def _keyboard(message: Outbound) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if not any(button.asks_phone for button in message.buttons):
        return _inline(message)
    # Only such a keyboard can ask for a number. Its buttons say what they show.
    keys = [
        [KeyboardButton(button.label, request_contact=True)]
        if button.asks_phone
        else [KeyboardButton(button.says)]
        for button in message.buttons
    ]
    return ReplyKeyboardMarkup(keys, one_time_keyboard=True, resize_keyboard=True)


def _thread(message: Outbound) -> int | None:
    return int(message.thread) if message.thread else None


def _inline(message: Outbound) -> InlineKeyboardMarkup | None:
    """Return the buttons; each is known again by the message's screen and its number."""
    numbers = iter(range(len(message.buttons)))
    rows = [
        [
            InlineKeyboardButton(button.label, callback_data=f"{message.screen}.{next(numbers)}")
            for button in row
        ]
        for row in _rows(message.buttons)
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Return buttons in rows in which no label is cut: all of a row are equally wide."""
    rows: list[list[Button]] = []
    for button in buttons:
        wider = [*rows[-1], button] if rows else []
        longest = max((len(b.label) for b in wider), default=0)
        if wider and len(wider) <= _ROW and longest * len(wider) <= _ROW_LETTERS:
            rows[-1] = wider
        else:
            rows.append([button])
    return rows
