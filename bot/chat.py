"""A conversation in the terminal with the built-in messenger, as one person.

Plain text for narrow windows: no colours, no columns.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TextIO
from uuid import uuid4

from bot.channels.local_client import LocalClient, Refused, Seen, Unreachable, until_answered
from bot.core.text import clean, fold

_SHOWN_AT_FIRST = 5  # messages
_WAIT = 25.0  # seconds of one long poll
_LAST_CHANCE = 2.0  # seconds for what was typed to arrive, when the person leaves
_END = "/thoat"


async def talk(
    base_url: str,
    *,
    sender: str,
    chat: str,
    name: str,
    typed: AsyncIterator[str],
    show: Callable[[str], None],
    group: bool = False,
) -> None:
    """Show the bot's messages as they come and send what is typed, until that ends or /thoat.

    What was typed is sent before it ends, unless the bot does not answer.

    Args:
        typed: lines without their ends; one that ends in "\\" goes on in the next.
        show: prints one text, which may have several lines.
    """
    async with LocalClient(base_url) as client:
        say = partial(client.say, sender, chat, name=name, group=group)
        conversation = _Conversation(say, partial(client.messages, chat), show)
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(w()) for w in (conversation.read, conversation.send)]
                await conversation.take(typed)
                for task in work:
                    task.cancel()
        except* Refused as refused:
            show(str(refused.exceptions[0]))


def stdin_lines() -> AsyncIterator[str]:
    """Return what is typed on standard input; see `lines_of`."""
    # Not sys.stdin: Python closes that when it ends, and aborts if a thread still reads from it.
    file = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    return lines_of(file)


async def lines_of(file: TextIO) -> AsyncIterator[str]:
    """Yield lines without their ends, read in a thread that does not keep the program alive."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        # The loop is closed when the conversation ended while the thread was reading.
        with suppress(RuntimeError):
            for line in file:
                loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


async def _whole_messages(typed: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield lines joined where they go on; a message that is never finished is not sent."""
    lines: list[str] = []
    async for line in typed:
        lines.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            yield "\n".join(lines)
            lines = []


class _Conversation:
    """What is typed, sent and seen at the same time, each in a task of its own."""

    def __init__(
        self,
        say: Callable[[str, str], Awaitable[None]],
        messages: Callable[[int, float], Awaitable[Sequence[Seen]]],
        show: Callable[[str], None],
    ) -> None:
        self._say = say
        self._messages = messages
        self._show = show
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._taps: dict[str, str] = {}  # what the newest message's buttons say, by folded label
        self._lost = asyncio.Event()  # the bot does not answer, and the person was told

    async def take(self, typed: AsyncIterator[str]) -> None:
        """Take what is typed; return when it ended and all is sent or cannot be."""
        async for text in _whole_messages(typed):
            word = fold(clean(text))
            if word == _END:
                break
            if word:
                # Typing what stands on a button is the same as tapping it.
                self._typed.put_nowait(self._taps.get(word, text))
        sent, lost = asyncio.create_task(self._typed.join()), asyncio.create_task(self._lost.wait())
        await asyncio.wait((sent, lost), return_when=asyncio.FIRST_COMPLETED)
        lost.cancel()
        # The bot may just have come back.
        await asyncio.wait((sent,), timeout=_LAST_CHANCE)
        if not sent.done():
            sent.cancel()
            self._show("Có tin chưa rõ đã đến hay chưa. Lần sau đề nghị xem lại trước khi gửi lại.")

    async def send(self) -> None:
        """Send what was typed, in order, each message until the bot has it."""
        while True:
            text = await self._typed.get()
            try:
                await until_answered(partial(self._say, uuid4().hex, text), self._tell_lost)
                self._lost.clear()
            except Refused as refused:
                self._show(str(refused))
            self._typed.task_done()

    async def read(self) -> None:
        """Show the newest messages of the chat, then each as it comes."""
        seen = await self._news(after=0, wait=0)
        last = seen[-1].id if seen else 0
        for message in seen[-_SHOWN_AT_FIRST:]:
            self._show_message(message)
        while True:
            for message in await self._news(after=last, wait=_WAIT):
                self._show_message(message)
                last = message.id

    async def _news(self, after: int, wait: float) -> Sequence[Seen]:
        seen = await until_answered(partial(self._messages, after, wait), self._tell_lost)
        self._lost.clear()
        return seen

    def _tell_lost(self, unreachable: Unreachable) -> None:
        if not self._lost.is_set():
            self._lost.set()
            self._show(f"{unreachable} Tin chưa gửi được sẽ tự gửi lại.")

    def _show_message(self, message: Seen) -> None:
        self._taps = {fold(button.label): button.says for button in message.buttons}
        labels = " ".join(f"[{button.label}]" for button in message.buttons)
        self._show("\n".join(filter(None, ("Giao Ban:", message.text, labels))) + "\n")
