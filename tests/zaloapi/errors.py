"""How a call is refused."""

IDLE = 408, "Request timeout"
QUOTA = 429, "Quota exceeded"
UNAUTHORIZED = 401, "Unauthorized"
NOT_FOUND = 404, "Not found"


class ZaloError(Exception):
    """The call is refused; idle polls are, too. Only 408 and 429 have words known from Zalo."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description


class BadGateway(Exception):
    """What stands before Zalo answers in its place."""


def bad_request(what: str) -> ZaloError:
    return ZaloError(400, f"Bad request: {what}")
