"""Files that went with messages, opened by signed links until these expire.

The link is the key: whoever has it opens the file, without asking who they are, and nobody can
make or change one. Messengers fetch a picture again and again (zalo.md §1.7), so a link opens as
often as it is asked for.
"""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import PurePath
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from aiohttp import hdrs, web
from sqlalchemy.exc import NoResultFound

from bot.core import delivery_messages
from bot.core.messaging import File
from storage.database import Database
from storage.files import content_of

_FOLDER = "/tep/"
_READING = (hdrs.METH_GET, hdrs.METH_HEAD)
_SIGNED_BYTES = 16  # of an HMAC's 32: no shorter can be trusted, and messages have little room
_PARTS = re.compile(r"([0-9a-f]{64})/([0-9]{1,11})/([\w-]{22})/([^/]+)", re.ASCII)
# By the end of the name. What a browser could run (HTML, SVG) is missing on purpose.
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
_UNKNOWN_TYPE = "application/octet-stream"
# Nothing on the way may keep, index or pass on what a link opens.
_DISCREET = {
    "Cache-Control": "private",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class _Link:
    """What a link says; all of it is signed.

    Attributes:
        expires: Unix seconds from which it no longer opens.
    """

    file: File
    expires: int

    def signature(self, secret: bytes) -> str:
        # Only the name may hold a line break, and it comes last: no two links read the same.
        kind = "picture" if self.file.picture else "document"
        signed = f"{self.file.sha256}\n{self.expires}\n{kind}\n{self.file.name}"
        digest = hmac.digest(secret, signed.encode(), sha256)
        return urlsafe_b64encode(digest[:_SIGNED_BYTES]).decode().rstrip("=")

    def path(self, secret: bytes) -> str:
        """Return the part of the address below the folder."""
        name = quote(self.file.name, safe="")
        return f"{self.file.sha256}/{self.expires}/{self.signature(secret)}/{name}"

    @classmethod
    def of(cls, path: str, secret: bytes) -> Self | None:
        """Return the link of such a part, as somebody asked for it; None if it is not ours."""
        found = _PARTS.fullmatch(path)
        if found is None:
            return None
        digest, expires, given, quoted = found.groups()
        name = unquote(quoted)
        # The address does not say whether it is a picture: the signature does.
        for picture in (True, False):
            link = cls(File(digest, name, picture), int(expires))
            if hmac.compare_digest(given, link.signature(secret)):
                return link
        return None


class Files:
    """Makes links to kept files and answers who opens them.

    Args:
        public_url: the address of this machine as others call it; it is passed on to `serve` with
            the same path.
        secret: whoever knows it can make links.
        life: how long a link opens that was made without saying so.
        now: aware local time.
        contact: whom a person whose link opens nothing is told to ask.
    """

    def __init__(
        self,
        database: Database,
        *,
        public_url: str,
        secret: str,
        life: timedelta,
        now: Callable[[], datetime],
        contact: str,
    ) -> None:
        self._database = database
        self._address = f"{public_url}{_FOLDER}"
        self._secret = secret.encode()
        self._life = life
        self._now = now
        self._contact = contact
        self.path = urlsplit(self._address).path
        """The beginning of all paths that `serve` answers."""

    def link(self, file: File, *, until: datetime) -> str:
        """Return an address that opens the file before that moment."""
        return f"{self._address}{_Link(file, int(until.timestamp())).path(self._secret)}"

    def url_of(self, file: File) -> str:
        """Return an address that opens the file from now on."""
        return self.link(file, until=self._until())

    def line_for(self, file: File) -> str:
        """Return the line of a message that offers the file."""
        until = self._until()
        return delivery_messages.file_link(file.name, self.link(file, until=until), until)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer who opens a link, or only asks about it (HEAD)."""
        if request.method not in _READING:
            raise web.HTTPMethodNotAllowed(request.method, _READING)
        # Not yet unquoted: a slash in the name is no part of the path.
        link = _Link.of(request.rel_url.raw_path.removeprefix(self.path), self._secret)
        if link is None:
            return _refusal(HTTPStatus.NOT_FOUND, delivery_messages.no_such_link(self._contact))
        if self._now().timestamp() >= link.expires:
            return _refusal(HTTPStatus.GONE, delivery_messages.link_expired(self._contact))
        try:
            async with self._database.read() as connection:
                body = await content_of(connection, link.file)
        except NoResultFound:
            return _refusal(HTTPStatus.NOT_FOUND, delivery_messages.no_such_link(self._contact))
        return web.Response(body=body, headers=_DISCREET | _about(link.file))

    def _until(self) -> datetime:
        return self._now() + self._life


def _refusal(status: HTTPStatus, line: str) -> web.Response:
    # Kept by a cache, "gone" or "not found" would outlive the mending of it.
    return web.Response(
        text=f"{line}\n", status=status, headers={**_DISCREET, "Cache-Control": "no-store"}
    )


def _about(file: File) -> dict[str, str]:
    """Return the headers that say what a file is and how it is opened."""
    kind = _TYPES.get(PurePath(file.name).suffix.lower(), _UNKNOWN_TYPE)
    shown = file.picture and kind.startswith("image/")
    named = f"filename=\"{_ascii(file.name)}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return {
        "Content-Type": kind,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; {named}",
    }


def _ascii(name: str) -> str:
    """Return a name that may stand in quotes in a header, for what does not know RFC 5987."""
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^ !#-\[\]-~]", "_", bare)
