"""Refusals of the server, worded as the real one words them."""

from typing import Any

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class ApiError(Exception):
    """A call is refused: the status, the description and what else the answer tells."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code, self.description, self.parameters = code, description, parameters

    def json(self) -> dict[str, Any]:
        told = {"parameters": self.parameters} if self.parameters else {}
        return {"ok": False, "error_code": self.code, "description": self.description, **told}


def refused(code: int, text: str, **parameters: int) -> ApiError:
    """An error by the real server's rule for texts that come to it from below.

    The first letter is lowered unless the second character is upper-case or "_", the prefix of
    the status is added, and a 403 that is all capitals becomes a 400.
    """
    if code == 403 and text.isupper():
        code = 400
    second = text[1:2]
    if not (second.isupper() or second == "_"):
        text = text[:1].lower() + text[1:]
    return ApiError(code, f"{PREFIXES[code]}: {text}", **parameters)


def bad_request(text: str, **parameters: int) -> ApiError:
    return refused(400, text, **parameters)


def flood(retry_after: int) -> ApiError:
    return refused(429, f"Retry after {retry_after}", retry_after=retry_after)
