"""The built-in messenger: no account is needed, people are other processes on the same machine.

The bot serves it on loopback, as JSON over HTTP:

    POST /messages   {"sender", "chat", "id", "text", "name"?, "group"?, "sent_at"?}
                     → 200 once the message is durable; 503: say it again with the same id
    GET  /messages   ?chat=X&after=N&wait=SECONDS → {"messages": [{"id", "key", "text", ...}]}
    GET  /health     → {"ok": true}

Nobody is asked who they are, so it must not be reachable from other machines.
"""

import asyncio
import json
import logging
import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.channels.together import Together
from bot.core.messaging import Abilities, ChannelBusy, Inbound, Outbound, Receive, SendError
from bot.core.text import utf16_length

_LARGEST_POST = 64 * 1024  # bytes: 10,000 letters with diacritics fit
_LONGEST_WAIT = 30.0  # seconds
_WAIT_AFTER_FAULT = 5.0  # seconds: a full disk does not empty itself faster
_TIME_TO_CLOSE = 1.0  # seconds for what is being received when the bot stops

log = logging.getLogger(__name__)


class MailboxFault(Exception):
    """The mailbox file cannot be read; the message is one line of Vietnamese."""


class LocalChannel:
    """Serves the built-in messenger and keeps what the bot said in a mailbox file.

    Args:
        port: 0 takes any free port; `address` tells which.
        mailbox: the file, created when missing; its directory must exist.
        routes: pages of the roof that are served at the same address.

    Raises:
        MailboxFault: a line of the mailbox is broken.
        OSError: the mailbox cannot be read or created.
    """

    name = "local"
    title = "kênh nội bộ"
    abilities = Abilities(longest_text=4000, buttons=True, drops_repeats=True, only_here=True)

    def __init__(
        self, host: str, port: int, mailbox: Path, routes: Sequence[web.RouteDef] = ()
    ) -> None:
        self._host = host
        self._port = port
        self._routes = routes
        self._mailbox = _Mailbox(mailbox)
        self._address = ""
        self._serving = asyncio.Event()
        self.caught_up = self._serving  # who was not heard says it again, and nothing else waits

    async def address(self) -> str:
        """Return the base address, such as http://127.0.0.1:8020, once people can reach it."""
        await self._serving.wait()
        return self._address

    async def listen(self, receive: Receive) -> None:
        """Serve until cancelled; see `Channel.listen`.

        Messages that arrive while a batch is being made durable are the next batch.

        Raises:
            OSError: the port is taken.
        """
        receiving = Together(partial(_received, receive))
        application = web.Application(client_max_size=_LARGEST_POST)
        application.add_routes(
            [
                web.post("/messages", partial(_said, receiving)),
                web.get("/messages", self._seen),
                web.get("/health", _healthy),
                *self._routes,
            ]
        )
        application.on_shutdown.append(self._let_readers_go)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_TIME_TO_CLOSE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
            host, port = runner.addresses[0][:2]
            self._address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            self._serving.set()
            await asyncio.Event().wait()
        finally:
            self._serving.clear()
            await runner.cleanup()
            await receiving.stop()

    async def send(self, message: Outbound, content: bytes | None = None) -> str:  # noqa: ARG002
        """Keep the message for its chat; a key that was sent before only returns its old id.

        Raises:
            ChannelBusy: the mailbox cannot be written.
            SendError: the text is too long.
        """
        if utf16_length(message.text) > self.abilities.longest_text:
            raise SendError(f"the text is longer than {self.abilities.longest_text} UTF-16 units")
        try:
            return str(await self._mailbox.deliver(message))
        except OSError as error:
            raise ChannelBusy(f"the mailbox: {error}", wait=_WAIT_AFTER_FAULT) from error

    async def _seen(self, request: web.Request) -> web.Response:
        try:
            asked = _Asked.model_validate(dict(request.query))
        except ValidationError as error:
            return _bad_request(error)
        letters = self._mailbox.after(asked.chat, asked.after)
        if not letters and asked.wait:
            await self._mailbox.news(asked.chat, min(asked.wait, _LONGEST_WAIT))
            letters = self._mailbox.after(asked.chat, asked.after)
        return web.json_response({"messages": [asdict(letter) for letter in letters]})

    async def _let_readers_go(self, _: web.Application) -> None:
        self._mailbox.let_readers_go()


async def _healthy(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _said(receiving: Together[Inbound], request: web.Request) -> web.Response:
    # A browser sends JSON to another site's address only if that site agrees, and this one does
    # not: so no web page opened on this machine can speak for a person.
    if request.content_type != "application/json":
        return _refusal(415, "Đề nghị gửi nội dung dạng application/json.")
    try:
        inbound = _Said.model_validate_json(await request.read()).inbound()
    except web.HTTPRequestEntityTooLarge:
        return _refusal(413, "Tin nhắn quá dài, đề nghị gửi ngắn hơn.")
    except ValidationError as error:
        return _bad_request(error)
    if not inbound.in_group and inbound.chat != inbound.sender:
        return _refusal(400, "Khi nhắn riêng, chat phải trùng với sender.")
    try:
        await receiving.add(inbound)
    except _NotDurable:
        return _refusal(503, "Giao Ban chưa ghi nhận được tin nhắn.")
    return web.json_response({"ok": True})


async def _received(receive: Receive, batch: Sequence[Inbound]) -> None:
    try:
        await receive(batch)
    except Exception as error:
        # Whatever went wrong, these people are told to repeat and the others are served.
        log.exception("a batch of %d messages was not received", len(batch))
        raise _NotDurable from error


class _NotDurable(Exception):
    """The messages may be lost; whoever said them must repeat them."""


_Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Said(BaseModel):
    """What a person's program posts; `id` is the person's own name for the message."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sender: _Name
    chat: _Name
    # Without a slash in it, two people's messages can never have the same update id.
    id: Annotated[_Name, Field(pattern="^[^/]+$")]
    text: str
    name: str = ""
    group: bool = False
    sent_at: AwareDatetime | None = None

    def inbound(self) -> Inbound:
        return Inbound(
            channel=LocalChannel.name,
            update_id=f"{self.sender}/{self.id}",
            chat=self.chat,
            sender=self.sender,
            text=self.text,
            sender_name=self.name,
            in_group=self.group,
            sent_at=self.sent_at,
        )


class _Asked(BaseModel):
    """The query of a reader: `after` is the last id seen, `wait` is in seconds."""

    chat: _Name
    after: Annotated[int, Field(ge=0)] = 0
    wait: Annotated[float, Field(ge=0)] = 0


def _bad_request(error: ValidationError) -> web.Response:
    keys = ", ".join(sorted({str(e["loc"][0]) for e in error.errors() if e["loc"]}))
    line = f"Thiếu hoặc sai: {keys}." if keys else "Nội dung không phải là một đối tượng JSON."
    return _refusal(400, line)


def _refusal(status: int, line: str) -> web.Response:
    dumps = partial(json.dumps, ensure_ascii=False)
    return web.json_response({"ok": False, "error": line}, status=status, dumps=dumps)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One message that the bot sent, as the file and the readers have it."""

    id: int
    key: str
    chat: str
    text: str
    buttons: Sequence[Sequence[str]]  # label, says

    @classmethod
    def of(cls, message: Outbound, letter_id: int) -> Self:
        buttons = [(button.label, button.says) for button in message.buttons]
        return cls(letter_id, message.key, message.chat, message.text, buttons)

    def line(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"


class _Mailbox:
    """All that the bot sent: a line each in a file that only grows, and the same in memory.

    Keeping all in memory suits a messenger for trying out and for a single office, about 1 kB a
    message.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 0  # bytes, up to the end of the last whole line
        self._ids: dict[str, int] = {}  # by key
        self._chats: defaultdict[str, list[_Letter]] = defaultdict(list)
        self._news: dict[str, asyncio.Event] = {}  # chats somebody is waiting at
        self._writing = Together(self._write)
        path.touch(mode=0o600)  # people's remarks and phone numbers are in it
        self._restore(path.read_bytes())

    async def deliver(self, message: Outbound) -> int:
        """Return the id of the message once it is durable; a known key is not written again."""
        if message.key not in self._ids:
            await self._writing.add(message)
        return self._ids[message.key]

    def after(self, chat: str, letter_id: int) -> Sequence[_Letter]:
        """Return the letters of a chat with a greater id, oldest first."""
        letters = self._chats.get(chat, [])
        return letters[bisect_right(letters, letter_id, key=lambda letter: letter.id) :]

    async def news(self, chat: str, seconds: float) -> None:
        """Return when something is delivered to the chat, or after that time."""
        event = self._news.setdefault(chat, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    def let_readers_go(self) -> None:
        """End all waiting for news."""
        for event in self._news.values():
            event.set()
        self._news.clear()

    def _restore(self, content: bytes) -> None:
        # A last line without its end was torn by a crash: nobody was told that it is there, and
        # the next write cuts it off.
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.split(b"\n")[:-1], 1):
            try:
                self._keep(_Letter(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise MailboxFault(f"Dòng {number} của tệp {self._path} bị hỏng.") from error
        self._size = len(whole)

    async def _write(self, batch: Sequence[Outbound]) -> None:
        new = {m.key: m for m in batch if m.key not in self._ids}
        letters = [_Letter.of(m, n) for n, m in enumerate(new.values(), len(self._ids) + 1)]
        lines = b"".join(letter.line() for letter in letters)
        await asyncio.to_thread(self._append, lines)
        self._size += len(lines)
        for letter in letters:
            self._keep(letter)

    def _append(self, lines: bytes) -> None:
        with self._path.open("r+b") as file:
            file.truncate(self._size)  # what a crash or a full disk left of an earlier write
            file.seek(self._size)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, letter: _Letter) -> None:
        self._ids[letter.key] = letter.id
        self._chats[letter.chat].append(letter)
        if event := self._news.pop(letter.chat, None):
            event.set()
