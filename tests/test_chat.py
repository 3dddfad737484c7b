"""A conversation in the terminal, typed and shown as a person does, with the real messenger."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channels.local import LocalChannel
from bot.chat import lines_of, talk
from bot.core.messaging import Button, Inbound, Outbound

LOOPBACK = "127.0.0.1"
SOON = 10.0


class Bot:
    """The bot's side: what arrived, and what it says."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.channel = LocalChannel(LOOPBACK, port, folder / "mailbox.jsonl")
        self.arrived: list[Inbound] = []
        self.failures = 0

    async def receive(self, batch: Sequence[Inbound]) -> None:
        self.arrived += batch
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")

    async def says(self, text: str, *buttons: Button, chat: str = "dv-01") -> None:
        await self.channel.send(Outbound(text, "local", chat, text, buttons))


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[str]:
    """Yield the bot's address while it listens."""
    task = asyncio.create_task(bot.channel.listen(bot.receive))
    try:
        yield await bot.channel.address()
    finally:
        task.cancel()
        await asyncio.wait((task,))


@dataclass
class Terminal:
    """What a person types, line by line, and what stands on the screen."""

    screen: list[str] = field(default_factory=list)
    keys: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)

    def types(self, *lines: str) -> None:
        for line in lines:
            self.keys.put_nowait(line)

    def presses_ctrl_d(self) -> None:
        self.keys.put_nowait(None)

    async def typed(self) -> AsyncIterator[str]:
        while (line := await self.keys.get()) is not None:
            yield line

    @property
    def text(self) -> str:
        return "\n".join(self.screen)


@asynccontextmanager
async def talking(
    terminal: Terminal, address: str, *, chat: str = "dv-01", group: bool = False
) -> AsyncIterator[asyncio.Task[None]]:
    """The person sits at the terminal inside, and has left it after."""
    task = asyncio.create_task(
        talk(
            address,
            sender="dv-01",
            chat=chat,
            name="Vĩnh Yên",
            typed=terminal.typed(),
            show=terminal.screen.append,
            group=group,
        )
    )
    yield task
    terminal.presses_ctrl_d()
    await asyncio.wait_for(task, SOON)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not holds():  # noqa: ASYNC110  # what is waited for happens behind a network
            await asyncio.sleep(0.005)


async def test_each_line_is_a_message_and_the_answer_is_shown(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address):
        terminal.types("/baocao", "", "Quầy: mở")
        await until(lambda: len(bot.arrived) == 2)
        await bot.says("Đã nhận báo cáo.")
        await until(lambda: terminal.screen)

    assert [(i.sender, i.chat, i.sender_name) for i in bot.arrived] == [
        ("dv-01", "dv-01", "Vĩnh Yên")
    ] * 2
    assert [i.text for i in bot.arrived] == ["/baocao", "Quầy: mở"]
    assert terminal.screen == ["Giao Ban:\nĐã nhận báo cáo.\n"]


async def test_lines_that_go_on_are_one_message(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address):
        terminal.types("Quầy: mở\\", "Trực: 6/14\\", "Trực tiếp: 12", "gửi", "chưa xong\\")

    assert [i.text for i in bot.arrived] == ["Quầy: mở\nTrực: 6/14\nTrực tiếp: 12", "gửi"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Không phát sinh", "/khongphatsinh"),
        ("khong phat sinh ", "/khongphatsinh"),
        ("không phát sinh hồ sơ", "không phát sinh hồ sơ"),
    ],
)
async def test_typing_what_stands_on_a_button_is_tapping_it(typed, said, tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()
    nothing, skip = Button("Không phát sinh", "/khongphatsinh"), Button("Bỏ qua", "bỏ qua")

    async with running(bot) as address, talking(terminal, address):
        await bot.says("Đề nghị báo cáo.", nothing, skip)
        await until(lambda: terminal.screen)
        terminal.types(typed)

    assert terminal.screen == ["Giao Ban:\nĐề nghị báo cáo.\n[Không phát sinh] [Bỏ qua]\n"]
    assert [i.text for i in bot.arrived] == [said]


async def test_buttons_of_an_older_message_are_only_words(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address):
        await bot.says("Đóng danh sách?", Button("Đóng", "/dong"))
        await bot.says("Quầy hôm nay thế nào?")
        await until(lambda: len(terminal.screen) == 2)
        terminal.types("đóng")

    assert [i.text for i in bot.arrived] == ["đóng"]


async def test_it_begins_with_the_newest_messages_of_the_chat(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()
    for n in range(9):
        await bot.says(f"Tin {n}")
    await bot.says("Tin của đơn vị khác", chat="dv-02")

    async with running(bot) as address, talking(terminal, address):
        await until(lambda: len(terminal.screen) == 5)
        await bot.says("Tin mới")
        await until(lambda: len(terminal.screen) == 6)

    shown = [text.splitlines()[1] for text in terminal.screen]
    assert shown == ["Tin 4", "Tin 5", "Tin 6", "Tin 7", "Tin 8", "Tin mới"]


async def test_in_a_group_a_person_speaks_to_the_group(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address, chat="nhom-1", group=True):
        terminal.types("/chuabaocao")

    assert [(i.sender, i.chat, i.in_group) for i in bot.arrived] == [("dv-01", "nhom-1", True)]


@pytest.mark.parametrize("end", ["/thoat", " /Thoát "])
async def test_thoat_ends_after_all_is_sent(end, tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address) as task:
        terminal.types("Quầy: mở", end, "không gửi nữa")
        await asyncio.wait_for(task, SOON)

    assert [i.text for i in bot.arrived] == ["Quầy: mở"]
    assert terminal.screen == []


async def test_a_message_that_is_refused_is_told_and_the_next_goes_through(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, address):
        terminal.types("x" * 70_000, "Quầy: mở")

    assert terminal.screen == ["Tin nhắn quá dài, đề nghị gửi ngắn hơn."]
    assert [i.text for i in bot.arrived] == ["Quầy: mở"]


async def test_a_message_the_bot_could_not_keep_is_repeated_with_its_id(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()
    bot.failures = 2

    async with running(bot) as address, talking(terminal, address):
        terminal.types("Quầy: mở")
        await until(lambda: len(bot.arrived) == 3)

    assert len({i.update_id for i in bot.arrived}) == 1
    assert terminal.screen == [
        f"Giao Ban tại {address} chưa ghi nhận được tin nhắn. Tin chưa gửi được sẽ tự gửi lại."
    ]


async def test_a_bot_that_comes_back_gets_what_was_typed_meanwhile(tmp_path):
    gone, terminal = Bot(tmp_path), Terminal()
    async with running(gone) as address:
        port = int(address.rpartition(":")[2])
    back = Bot(tmp_path, port)

    async with talking(terminal, address):
        terminal.types("Quầy: mở")
        await until(lambda: terminal.screen)
        async with running(back):
            await until(lambda: back.arrived)
            await back.says("Đã nhận báo cáo.")
            await until(lambda: len(terminal.screen) == 2)

    lost, answered = terminal.screen[:2]
    assert lost == (
        f"Chưa kết nối được với Giao Ban tại {address}. Đề nghị chạy lệnh giaoban run. "
        "Tin chưa gửi được sẽ tự gửi lại."
    )
    assert answered == "Giao Ban:\nĐã nhận báo cáo.\n"
    assert [i.text for i in back.arrived] == ["Quầy: mở"]


async def test_leaving_while_the_bot_is_gone_says_what_is_uncertain(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()
    async with running(bot) as address:
        pass

    async with talking(terminal, address):
        terminal.types("Quầy: mở", "/thoat")

    lost, uncertain = terminal.screen
    assert lost.startswith("Chưa kết nối được")
    assert uncertain.startswith("Có tin chưa rõ đã đến hay chưa.")


async def test_two_conversations_never_use_the_same_ids(tmp_path):
    bot = Bot(tmp_path)

    async with running(bot) as address:
        for _ in range(2):
            terminal = Terminal()
            async with talking(terminal, address):
                terminal.types("Quầy: mở", "gửi")

    assert len({i.update_id for i in bot.arrived}) == 4


async def test_a_wrong_address_ends_with_one_line(tmp_path):
    bot, terminal = Bot(tmp_path), Terminal()

    async with running(bot) as address, talking(terminal, f"{address}/khac") as task:
        await asyncio.wait_for(task, SOON)

    assert terminal.screen == [f"Tại {address}/khac không phải là Giao Ban."]


async def test_lines_are_read_without_their_ends():
    reading, writing = os.pipe()
    os.write(writing, "Quầy: mở\r\n\ncuối cùng".encode())
    os.close(writing)

    with os.fdopen(reading, encoding="utf-8", newline="") as file:
        lines = [line async for line in lines_of(file)]

    assert lines == ["Quầy: mở", "", "cuối cùng"]


async def test_thoat_ends_the_program_while_the_keyboard_is_still_read(tmp_path):
    bot = Bot(tmp_path)
    program = """if True:
        import asyncio, sys
        from bot.chat import stdin_lines, talk
        said = dict(sender="dv-01", chat="dv-01", name="", typed=stdin_lines(), show=print)
        asyncio.run(talk(sys.argv[1], **said))
    """

    async with running(bot) as address:
        person = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "utf8", "-W", "error", "-c", program, address),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        person.stdin.write(b"Qu\xe1\xba\xa7y: m\xe1\xbb\x9f \xff\n/thoat\n")
        code = await asyncio.wait_for(person.wait(), SOON)  # its standard input is still open
        out, err = await person.communicate()

    assert (code, out, err) == (0, b"", b"")
    assert [i.text for i in bot.arrived] == ["Quầy: mở \ufffd"]
