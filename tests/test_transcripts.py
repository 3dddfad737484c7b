"""Whole conversations, as people have them: tests/transcripts/*.txt, lines in and lines out.

    @ 2020-04-15 15:00                        the clock moves, and the bot does what is due
    + TS01: focal_point of VP-VY-TS01         somebody joins, or a group is bound
    + A: code for deputy of VP-VY until 2020-04-14     an invitation that nobody has used yet
    TS01> 6/14                                somebody writes; "{A}" stands for a code, "{a×100}"
        | 5                                   for a hundred letters, "\\u200b" for a letter
    TS01< Đã nhận …                           what the bot answers, whole, with its buttons
        | [Gửi]
    % messages can be edited                  from here on, as in Telegram
    % messages are counted                    from here on, and there are no buttons, as on Zalo
    TS01~ 6/13                                somebody changes what they last wrote
    TS01* Gửi                                 somebody taps a button of the newest message with it
    TS01= Đã nhận …                           the bot changes the message that was tapped
    TS01! Nút này đã cũ …                     the bot says it in passing
    Nhóm/Lan> /tonghop                        Lan writes in a group

With UPDATE_TRANSCRIPTS=1 in the environment the bot's lines are written anew instead of compared:
read the difference before you keep it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import COUNTED, World, opened

from bot.core.messaging import Outbound
from storage.database import Database

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.txt"))

_JOINS = re.compile(r"\+ (.+): (\w+) of (\S+)")
_CODE = re.compile(r"\+ (.+): code for (\w+) of (\S+?)(?: until (\S+))?")
_SAYS = re.compile(r"([^#@+|<>]+)> ?(.*)", re.DOTALL)
_TAPS = re.compile(r"([^#@+|<>*]+)\* (.+)")
_EDITS = re.compile(r"([^#@+|<>~]+)~ ?(.*)", re.DOTALL)
_BOT = re.compile(r"[^#@+|<>*~=!]+[<=!]")
_EDITABLE = "% messages can be edited"
_COUNTED = "% messages are counted"
_MANY = re.compile(r"\{(.)×(\d+)\}")
_LETTER = re.compile(r"\\u([0-9a-f]{4})")


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def write(file: Path, script: str) -> None:
    file.write_text(script, encoding="utf-8")


def blocks(script: str) -> Iterator[str]:
    """The lines of a script, each with its continuation lines; what the bot said is left out."""
    found: list[str] = []
    for line in script.splitlines():
        if line.lstrip().startswith("|"):
            found[-1] += "\n" + line.lstrip()[1:].removeprefix(" ")
        else:
            found.append(line)
    return (block for block in found if not _BOT.match(block))


def written(who: str, arrow: str, said: str) -> str:
    """A message as it stands in a transcript."""
    first, *more = said.split("\n")
    lines = [f"{who}{arrow} {first}", *(f"    | {line}" for line in more)]
    return "\n".join(line.rstrip() for line in lines)


def shown(message: Outbound) -> str:
    """A message of the bot with its buttons on a line of their own."""
    buttons = " ".join(f"[{button.label}]" for button in message.buttons)
    return f"{message.text}\n{buttons}" if buttons else message.text


class Stage:
    """Plays a script in a world, and writes down what is said."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, str] = {}
        self._seen = 0
        self._editable = False
        self._said = 0

    async def play(self, block: str) -> str:
        """Do what one block of the script says; return it with all that the bot then said."""
        if block.startswith("@"):
            await self._world.at(block[1:].strip())
        elif found := _CODE.fullmatch(block):
            name, role, unit, until = found.groups()
            self._codes[name] = await self._world.code(unit, role, until=until)
        elif found := _JOINS.fullmatch(block):
            who, role, unit = found.groups()
            await self._world.joins(who, unit, role)
            self._seen = len(self._world.channel.sent)
        elif block.startswith("%"):
            self._change_channel(block)
        elif found := _EDITS.fullmatch(block):
            await self._world.edits(found.group(1), str(self._said), found.group(2))
            block = written(found.group(1), "~", found.group(2))
        elif found := _TAPS.fullmatch(block):
            chat, _, by = found.group(1).partition("/")
            await self._world.taps(chat, found.group(2), by=by or None)
        elif found := _SAYS.fullmatch(block):
            await self._say(*found.groups())
            block = written(found.group(1), ">", found.group(2))
        else:
            assert not block or block.startswith("#"), f"not understood: {block}"
        return "\n".join([block, *self._answers()])

    def _change_channel(self, block: str) -> None:
        if block == _COUNTED:
            self._world.channel.abilities = COUNTED
        else:
            assert block == _EDITABLE, block
            self._editable = True

    async def _say(self, who: str, said: str) -> None:
        chat, _, by = who.partition("/")
        said = _MANY.sub(lambda m: m.group(1) * int(m.group(2)), said)
        said = _LETTER.sub(lambda m: chr(int(m.group(1), 16)), said)
        for name, code in self._codes.items():
            said = said.replace(f"{{{name}}}", code)
        self._said += 1
        message_id = str(self._said) if self._editable else ""
        await self._world.says(chat, said, by=by or None, message_id=message_id)

    def _answers(self) -> list[str]:
        new = self._world.channel.sent[self._seen :]
        self._seen += len(new)
        return [written(message.chat, _arrow(message), shown(message)) for message in new]


def _arrow(message: Outbound) -> str:
    if message.passing:
        return "!"
    return "=" if message.edits else "<"


async def played(script: str, database: Database) -> str:
    """The script with what the bot really says."""
    start = re.search(r"^@ (.+)$", script, re.MULTILINE)
    assert start, "a transcript begins at a time"
    stage = Stage(await opened(database, start=start.group(1)))
    return "\n".join([await stage.play(block) for block in blocks(script)]) + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_the_conversation_goes_as_written(file: Path, database: Database):
    script = read(file)

    conversation = await played(script, database)

    if "UPDATE_TRANSCRIPTS" in os.environ:
        write(file, conversation)
    else:
        assert conversation == script


def test_a_whole_form_needs_at_most_three_messages_of_the_bot():
    script = read(FOLDER / "whole_form.txt")

    heard = re.findall(r"^TS01< (.*)$", script, re.MULTILINE)
    receipt = next(n for n, line in enumerate(heard, 1) if line.startswith("Đã nhận báo cáo"))

    assert receipt <= 3
