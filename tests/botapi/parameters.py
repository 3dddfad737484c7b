"""What a call brings along: from the query, from JSON, from both kinds of form, and files."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import hdrs, web

from .errors import bad_request, refused

ATTACHED = "attach://"
YES = {"true", "yes", "t", "y", "1"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """All values as text, lists and objects as JSON text, as forms carry them."""

    fields: Mapping[str, str]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.fields

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in YES

    def integer(self, name: str, default: int = 0) -> int:
        """A number, read as far as it is one; else 0, as for the real server."""
        if name not in self.fields:
            return default
        found = re.match(r"-?[0-9]+", self.fields[name])
        return int(found.group()) if found else 0

    def json(self, name: str, what: str) -> Any:
        """A list or object, None when it is absent; `what` names it in the refusal."""
        try:
            return json.loads(self.text(name) or "null")
        except json.JSONDecodeError as error:
            raise bad_request(f"Can't parse {what} JSON object") from error

    def upload(self, name: str) -> Upload | None:
        """The file of a parameter: a part of its name, or the part that "attach://" names."""
        given = self.text(name)
        part = given.removeprefix(ATTACHED) if given.startswith(ATTACHED) else name
        return self.uploads.get(part)


async def of_request(request: web.Request) -> Parameters:
    """Read query and body; where both have a name, the query's value counts."""
    try:
        if request.content_type.startswith("multipart/"):
            fields, uploads = await _parts(await request.multipart())
        else:
            fields, uploads = _plain(request.content_type, await request.read()), {}
    except UnicodeDecodeError as error:
        raise bad_request("Strings must be encoded in UTF-8") from error
    return Parameters({**fields, **request.query}, uploads)


async def of_response(response: aiohttp.ClientResponse) -> Parameters:
    """Read the call with which a bot may answer a webhook's request; none has no fields."""
    if response.content_type.startswith("multipart/"):
        return Parameters(*await _parts(aiohttp.MultipartReader.from_response(response).stream))
    return Parameters(_plain(response.content_type, await response.read()))


def _plain(content_type: str, body: bytes) -> dict[str, str]:
    if content_type == "application/json":
        return _values(body)
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    return {}


def _values(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body or b"{}")
    except json.JSONDecodeError as error:
        raise bad_request("Can't parse JSON object") from error
    if not isinstance(given, dict):
        return {}
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
        if value is not None
    }


async def _parts(
    reader: aiohttp.MultipartReader,
) -> tuple[dict[str, str], dict[str, Upload]]:
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    async for part in reader:
        if not isinstance(part, aiohttp.BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            fields[part.name] = content.decode()
        else:
            mime_type = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
            uploads[part.name] = Upload(part.filename, content, mime_type)
    if any(len(upload.content) > LARGEST_UPLOAD for upload in uploads.values()):
        raise refused(413, "Request Entity Too Large")
    return fields, uploads


LARGEST_UPLOAD = 50 * 1024 * 1024
