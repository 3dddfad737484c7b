"""The way out to Zalo: what the relay sends, one message at a time.

A send has no key by which Zalo would know it again. So nothing is sent twice by itself, and once
an answer was lost, Zalo must answer a harmless question before anything more is risked.
"""

import unicodedata
from http import HTTPStatus

from bot.channels.outage import Outage
from bot.channels.zalo_client import (
    FAULTS,
    TIMEOUT,
    ZaloClient,
    ZaloRefused,
    ZaloUnclear,
    ZaloUnreached,
)
from bot.core.messaging import (
    ChannelBusy,
    FateUnknown,
    NotSetUp,
    Outbound,
    SendError,
)
from bot.core.text import utf16_length

LONGEST_TEXT = 2000
"""UTF-16 units, of a text and of a caption."""

_FIRST_REST, _LONGEST_REST = 3.0, 120.0  # seconds while Zalo cannot be reached
_FIRST_SLOWER, _LONGEST_SLOWER = 5.0, 900.0  # seconds after "quota exceeded"
_SURELY_USED_UP = 60.0  # seconds: who was asked to rest so long is out of messages, not too fast

# Zalo documents 403 as an error of its own servers, which passes.
_PASSING = (HTTPStatus.FORBIDDEN,)
_WRONG_TOKEN = (HTTPStatus.UNAUTHORIZED,)
_SLOWER = (HTTPStatus.TOO_MANY_REQUESTS,)


class Gateway:
    """Sends with one bot's token.

    Args:
        name: of the channel, as the log and the admins are told it.
    """

    def __init__(self, name: str, client: ZaloClient) -> None:
        self._name = name
        self._client = client
        self._doubtful = False
        self._away = Outage(f"{name} cannot be reached", first=_FIRST_REST, longest=_LONGEST_REST)
        self._locked = Outage(
            f"{name}: Zalo does not take the token", first=_FIRST_REST, longest=_LONGEST_REST
        )
        self._slower = Outage(
            f"{name} takes no more messages", first=_FIRST_SLOWER, longest=_LONGEST_SLOWER
        )

    async def send(self, message: Outbound) -> str:
        """Deliver one message; see `Channel.send`."""
        text = unicodedata.normalize("NFC", message.text)
        if utf16_length(text) > LONGEST_TEXT:
            raise SendError(f"the text is longer than {LONGEST_TEXT} UTF-16 units")
        await self._make_sure()
        try:
            sent = await self._deliver(message, text)
        except ZaloUnreached as error:
            raise self._out_of_reach(error) from error
        except ZaloUnclear as error:
            self._doubtful = True
            raise FateUnknown(str(error)) from error
        except ZaloRefused as refused:
            raise self._end_of(refused) from refused
        for fault in (self._away, self._locked, self._slower):
            fault.over()
        return sent

    async def _deliver(self, message: Outbound, text: str) -> str:
        if message.file_url:
            return await self._client.send_picture(message.chat, message.file_url, text)
        return await self._client.send_text(message.chat, text)

    async def _make_sure(self) -> None:
        """After a lost answer, return only once Zalo answers again.

        Otherwise every message that is tried while it is down would be of unknown fate.
        """
        if not self._doubtful:
            return
        try:
            await self._client.account()
        except ZaloRefused as refused:
            end = self._end_of(refused)
            if isinstance(end, ChannelBusy):
                raise end from refused
            # Whatever it says of the question, the message has not been tried.
            raise self._out_of_reach(refused) from refused
        except FAULTS as error:
            raise self._out_of_reach(error) from error
        self._doubtful = False

    def _out_of_reach(self, error: Exception) -> ChannelBusy:
        return ChannelBusy("Zalo cannot be reached", wait=self._away.fault(type(error).__name__))

    def _end_of(self, refused: ZaloRefused) -> SendError:
        """Return what a refusal means for the message."""
        code = refused.code
        if code in _WRONG_TOKEN:
            self._locked.fault()
            return NotSetUp(
                f"Zalo không nhận mã (token) của bot {self._name}. Đề nghị xem lại mã trong Bot "
                "Creator, đặt lại [zalo] tokens rồi khởi động lại."
            )
        if code in _SLOWER:
            return self._too_many()
        if code in _PASSING:
            return ChannelBusy("Zalo has a fault", wait=self._away.fault(str(code)))
        if code == TIMEOUT or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # Nothing is documented for a send: it may have been done all the same.
            self._doubtful = True
            return FateUnknown(str(refused))
        return SendError(f"Zalo từ chối (mã {code})")

    def _too_many(self) -> SendError:
        """Slow down; when that does not help, the month's messages must be used up."""
        rest = self._slower.fault()
        if rest < _SURELY_USED_UP:
            return ChannelBusy("asked to slow down", wait=rest)
        return NotSetUp(
            f"Zalo báo bot {self._name} đã hết lượt tin. Đề nghị chờ sang tháng, hoặc thêm bot "
            "(giaoban doctor --plan)."
        )
