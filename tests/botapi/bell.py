"""Waiting for something to change."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Bell:
    """Wakes all who wait whenever something has changed."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, look: Callable[[], Found], seconds: float) -> Found:
        """What `look` gives once that is true, or whatever it gives after so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not (found := look()) and loop.time() < end:
            try:
                await asyncio.wait_for(self._next.wait(), end - loop.time())
            except TimeoutError:
                return look()
        return found
