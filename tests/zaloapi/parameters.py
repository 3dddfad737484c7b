"""What a call brings along: from the query, from JSON, from both kinds of form."""

import json
from collections.abc import Mapping

from aiohttp import web

from .errors import ZaloError, bad_request

Fields = Mapping[str, str]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def of_request(request: web.Request) -> Fields:
    """All values as text, lists and objects as JSON text.

    Raises:
        ZaloError: the body cannot be read.
    """
    fields = dict(request.query)
    if request.content_type in FORMS:
        return fields | {k: v for k, v in (await request.post()).items() if isinstance(v, str)}
    if request.content_type == "application/json":
        return fields | _values(await request.read())
    return fields


def _values(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise bad_request("body is not JSON") from error
    if not isinstance(given, dict):
        raise bad_request("body is not an object")
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
        if value is not None
    }


def text_within(fields: Fields, name: str, longest: int, *, shortest: int = 1) -> str:
    """A text, measured in UTF-16 code units.

    Raises:
        ZaloError: it is too long, too short or absent.
    """
    text = fields.get(name, "")
    if not shortest <= len(text.encode("utf-16-le", "surrogatepass")) // 2 <= longest:
        raise bad_request(f"{name} must have {shortest} to {longest} characters")
    return text


def seconds(fields: Fields, name: str, default: float) -> float:
    """A number, or a string with one: the documentation shows both.

    Raises:
        ZaloError: it is neither.
    """
    try:
        return max(0.0, float(fields.get(name, default)))
    except ValueError as error:
        raise ZaloError(400, f"Bad request: {name} is not a number") from error
