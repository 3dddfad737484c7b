"""A fault that lasts: tried again at growing intervals, told to the log once."""

import asyncio
import logging

log = logging.getLogger(__name__)


class Outage:
    """Faults in a row: a longer rest after each, a line in the log at the first and at the end.

    Args:
        what: what is wrong, as the log tells it.
        first, longest: seconds to rest after the first fault, and at most.
        calm: seconds without a fault after which it counts as over.
    """

    def __init__(self, what: str, *, first: float, longest: float, calm: float = 0.0) -> None:
        self._what = what
        self._first = first
        self._longest = longest
        self._calm = calm
        self._rest = 0.0  # seconds; 0 while nothing is wrong
        self._last = 0.0  # loop time of the newest fault

    def fault(self, why: str = "") -> float:
        """Note one more fault; return how many seconds to rest before the next try."""
        if not self._rest:
            log.error("%s%s", self._what, f" ({why})" if why else "")
        self._rest = min(self._rest * 2 or self._first, self._longest)
        self._last = asyncio.get_running_loop().time()
        return self._rest

    def over(self) -> None:
        """Note that it went well."""
        calm = asyncio.get_running_loop().time() - self._last >= self._calm
        if self._rest and calm:
            log.warning("over: %s", self._what)
            self._rest = 0.0
