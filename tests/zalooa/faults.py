"""What can go wrong with one call, in Zalo's shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Fault:
    """How the server behaves once.

    Attributes:
        status, body: of the answer.
        headers: that the answer carries besides.
        done: the call is carried out before the fault.
        lost: the connection breaks instead of an answer.
        silent: no answer comes at all.
    """

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    lost: bool = False
    silent: bool = False

    @classmethod
    def error(cls, code: int, **headers: str) -> Self:
        """An error by Zalo's own code: with HTTP 200, as always."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(body=f'{{"error":{code},"message":"quoted: bí mật"}}', headers=named)

    @classmethod
    def bad_gateway(cls) -> Self:
        return cls(502, "<html>502 Bad Gateway</html>")

    @classmethod
    def lost_answer(cls) -> Self:
        """It was done, and nobody hears of it."""
        return cls(done=True, lost=True)
