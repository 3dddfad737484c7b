"""The record of calls."""

from dataclasses import dataclass
from datetime import datetime

from .parameters import Fields
from .polls import Event


@dataclass(eq=False)
class Call:
    """One call on record.

    Attributes:
        bot_number: as in the token, whether it is a bot's or not.
        time: the server's; at: the loop's, for intervals.
        status: of HTTP; None while there is no answer, and when there never was one.
        error_code: as told in the answer; 0 for none.
        done: whether the method did its work, whatever became of the answer.
        fault: the kind of the fault that befell it.
        event: what a poll was given.
    """

    bot_number: str
    method: str
    fields: Fields
    time: datetime
    at: float
    status: int | None = None
    error_code: int = 0
    done: bool = False
    fault: str = ""
    event: Event | None = None
