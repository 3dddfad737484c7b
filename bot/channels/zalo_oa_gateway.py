"""The one way out to the Official Account's groups and people."""

import logging
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.channels.outage import Outage
from bot.channels.zalo_oa_calls import Calls
from bot.channels.zalo_oa_files import EXPIRED, Upload, Uploads, refused
from bot.channels.zalo_oa_http import TOO_FAST, Refusal
from bot.channels.zalo_oa_mentions import without_mentions
from bot.channels.zalo_oa_refusals import meaning, told_wait
from bot.core.messaging import ChannelBusy, FateUnknown, File, Outbound, SendError
from bot.core.text import utf16_length

LONGEST_TEXT = 2000  # UTF-16 units
_WAIT_SILENT = 10.0  # seconds between two looks whether Zalo answers again

log = logging.getLogger(__name__)

Content = Mapping[str, Any]  # Zalo's "message"


class Gateway:
    """Sends. A file goes to people in the same form as to groups: Zalo's documentation shows it for
    groups, and public clients send it to people so; what Zalo will not have, it refuses by code.
    """

    def __init__(self, calls: Calls, *, now: Callable[[], datetime]) -> None:
        self._calls = calls
        self._uploads = Uploads(calls)
        self._now = now
        self._doubtful = False  # an answer was lost, and none has come since
        self._pressed = Outage("Zalo OA asks to slow down", first=20.0, longest=60.0)

    async def send(self, message: Outbound, content: bytes | None) -> str:
        """Deliver one message; see `Channel.send`."""
        # Zalo counts what it is given: a decomposed letter would count twice.
        text = without_mentions(unicodedata.normalize("NFC", message.text))
        if utf16_length(text) > LONGEST_TEXT:
            raise SendError(f"Tin dài hơn {LONGEST_TEXT} ký tự nên Zalo không nhận. Hãy rút gọn.")
        if not text and message.file is None:
            raise SendError("Tin không có nội dung nên không gửi được.")
        try:
            await self._make_sure()
            sent = await self._deliver(message, text, content)
        except FateUnknown:
            self._doubtful = True
            raise
        except Refusal as refusal:
            raise self._end_of(refusal, message) from refusal
        self._pressed.over()
        return sent

    async def _make_sure(self) -> None:
        """After a lost answer, return only once Zalo answers again.

        Otherwise each message that is tried while Zalo is down would be of unknown fate.
        """
        if not self._doubtful:
            return
        try:
            await self._calls.account()
        except Refusal as refusal:
            log.debug("Zalo OA answers again: %s", refusal)  # that it answers is all that matters
        except FateUnknown as lost:
            raise ChannelBusy("Zalo không trả lời", wait=_WAIT_SILENT) from lost
        self._doubtful = False

    async def _deliver(self, message: Outbound, text: str, content: bytes | None) -> str:
        file = message.file
        if file is None:
            return await self._post(message, {"text": text})
        if (no := refused(file, content)) is not None:
            raise no
        body = content or b""
        # Uploaded before anything is said: what fails so far has left nothing in the chat.
        upload = await self._uploads.known(file, body)
        if file.picture or not text:
            return await self._attach(message, file, body, upload, text)
        await self._post(message, {"text": text})
        try:
            return await self._attach(message, file, body, upload, "")
        except (Refusal, SendError) as error:
            # A document has no room for words, so one message has become two. The words are
            # there: sent again they would be there twice, left alone the paper is missing. That
            # is for a person to look at, as with an answer that was lost.
            reason = f"đã gửi lời, chưa chắc đã gửi tệp {file.name} ({error})"
            raise FateUnknown(reason) from error

    async def _attach(
        self, message: Outbound, file: File, content: bytes, upload: Upload, text: str
    ) -> str:
        try:
            return await self._post(message, _with_file(file, upload, text))
        except Refusal as refusal:
            if refusal.code != EXPIRED:
                raise
        self._uploads.forget(file, upload)
        upload = await self._uploads.known(file, content)
        return await self._post(message, _with_file(file, upload, text))

    async def _post(self, message: Outbound, content: Content) -> str:
        if message.in_group:
            path, recipient = "/v3.0/oa/group/message", {"group_id": message.chat}
        else:
            path, recipient = "/v3.0/oa/message/cs", {"user_id": message.chat}
        data = await self._calls.post(path, {"recipient": recipient, "message": content})
        sent = data.get("message_id")
        if not sent:
            raise FateUnknown("trả lời của Zalo không có mã của tin")
        return str(sent)

    def _end_of(self, refusal: Refusal, message: Outbound) -> SendError:
        if refusal.code != TOO_FAST:
            return meaning(refusal, in_group=message.in_group)
        wait = max(self._pressed.fault(), told_wait(refusal.headers, self._now()))
        return ChannelBusy("Zalo yêu cầu gửi chậm lại", wait=wait)


def _with_file(file: File, upload: Upload, text: str) -> Content:
    if not file.picture:
        # Under the name that Zalo itself gave to the id.
        return {"attachment": {"type": "file", "payload": {upload.name: upload.id}}}
    picture = {"media_type": "image", "attachment_id": upload.id}
    payload = {"template_type": "media", "elements": [picture]}
    shown: Content = {"attachment": {"type": "template", "payload": payload}}
    return {"text": text, **shown} if text else shown
