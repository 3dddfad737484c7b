"""Files on their way to Zalo: which it takes, and under which name it knows them once uploaded."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePath

from bot.channels.zalo_oa_calls import Calls
from bot.core.messaging import ChannelBusy, FateUnknown, File, SendError

EXPIRED = -100
"""Zalo's code of an upload that it has thrown away; it does so after 7 days."""

_MEGABYTE = 1024 * 1024
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# By the ending of the name, which Zalo looks at; XLSX is not among them.
_DOCUMENTS = {".pdf": "application/pdf", ".doc": "application/msword", ".docx": _WORD}
_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_LARGEST_DOCUMENT, _LARGEST_PICTURE = 5 * _MEGABYTE, 1 * _MEGABYTE
_WAIT = 5.0  # seconds after an upload that got no answer
_MOST_KNOWN = 200  # uploads that are remembered

# "token" by the documentation; one client expects "attachment_id".
_NAMES = ("token", "attachment_id")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that Zalo has: the id it gave, and what it called that id."""

    name: str
    id: str


def refused(file: File, content: bytes | None) -> SendError | None:
    """Return why Zalo would not take a file, or None if it would.

    Asked of Zalo, some of these are refused without a word.
    """
    taken = _PICTURES if file.picture else _DOCUMENTS
    largest = _LARGEST_PICTURE if file.picture else _LARGEST_DOCUMENT
    if _ending(file) not in taken:
        named = ", ".join(ending[1:].upper() for ending in taken)
        what = "ảnh" if file.picture else "tệp"
        return SendError(f"Zalo chỉ nhận {what} {named}. Hãy gửi {file.name} bằng kênh khác.")
    if not content:
        return SendError(f"Tệp {file.name} rỗng nên không gửi được. Hãy lập lại tệp.")
    if len(content) > largest:
        limit = largest // _MEGABYTE
        return SendError(f"{file.name} lớn hơn {limit} MB nên Zalo không nhận. Hãy gửi kênh khác.")
    return None


def _ending(file: File) -> str:
    return PurePath(file.name).suffix.lower()


class Uploads:
    """Uploads each file once for as long as the bot runs and Zalo keeps it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._known: dict[File, Upload] = {}
        self._turns: defaultdict[File, asyncio.Lock] = defaultdict(asyncio.Lock)

    def forget(self, file: File, upload: Upload) -> None:
        """Upload it again the next time, unless that has been done meanwhile."""
        if self._known.get(file) == upload:
            del self._known[file]

    async def known(self, file: File, content: bytes) -> Upload:
        """Return the upload of a file that Zalo takes, after uploading it if need be.

        Raises:
            as `Calls.post`, but never FateUnknown: an upload that nobody knows of harms nobody.
        """
        async with self._turns[file]:  # one picture goes to many groups at once
            if file not in self._known:
                self._known[file] = await self._uploaded(file, content)
                if len(self._known) > _MOST_KNOWN:
                    oldest = next(iter(self._known))
                    del self._known[oldest]
                    self._turns.pop(oldest, None)
            return self._known[file]

    async def _uploaded(self, file: File, content: bytes) -> Upload:
        path = "/v2.0/oa/upload/image" if file.picture else "/v2.0/oa/upload/file"
        try:
            kind = (_PICTURES | _DOCUMENTS)[_ending(file)]
            data = await self._calls.upload(path, file.name, kind, content)
        except FateUnknown as lost:
            raise ChannelBusy("Zalo không trả lời khi tải tệp lên", wait=_WAIT) from lost
        for name in _NAMES:
            if data.get(name):
                return Upload(name, str(data[name]))
        raise ChannelBusy("không đọc được trả lời của Zalo khi tải tệp lên", wait=_WAIT)
