"""Many who ask for the same work at once get it done once, for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """Does at once what many ask for: all items that came during one batch are the next batch."""

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._work = work
        self._turn = asyncio.Lock()
        self._items: list[T] = []
        self._next: asyncio.Task[None] | None = None  # the batch that still takes items
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, item: T) -> None:
        """Return when the batch with this item is done; raise what its work raised."""
        self._items.append(item)
        if self._next is None:
            self._next = asyncio.create_task(self._batch())
            self._tasks.add(self._next)
            self._next.add_done_callback(self._tasks.discard)
        # One caller who gives up must not take the batch from the others.
        await asyncio.shield(self._next)

    async def stop(self) -> None:
        """Cancel what is being done and what waits for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _batch(self) -> None:
        async with self._turn:
            items, self._items, self._next = self._items, [], None
            await self._work(items)
