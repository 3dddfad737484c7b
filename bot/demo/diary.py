"""A person's own record of what they said and saw: append-only, and the witness of the tests."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.local_client import Seen


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a diary.

    Attributes:
        kind: "said" before it leaves, "taken" when the bot has it, "saw" what the bot sent.
        ref: the id of the person's message, or the bot's id of its own.
    """

    kind: str
    ref: str
    at: datetime
    text: str = ""
    key: str = ""
    buttons: tuple[str, ...] = ()


@dataclass
class Diary:
    """The record of one person, on disk and in memory."""

    path: Path
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def opened(cls, path: Path) -> "Diary":
        """Return the diary in a file; a last line torn by a crash was never read by anybody."""
        diary = cls(path)
        if path.exists():
            whole, _, torn = path.read_text(encoding="utf-8").rpartition("\n")
            diary.lines = [_line(json.loads(line)) for line in whole.splitlines()]
            if torn:
                path.write_text(whole + "\n", encoding="utf-8")
        return diary

    def say(self, ref: str, text: str, at: datetime) -> None:
        """Write down a message before it leaves."""
        self._add(Line("said", ref, at, text))

    def taken(self, ref: str, at: datetime) -> None:
        """Write down that the bot has the message for good."""
        self._add(Line("taken", ref, at))

    def saw(self, message: Seen, at: datetime) -> None:
        """Write down what the bot sent."""
        says = tuple(b.says for b in message.buttons)
        self._add(Line("saw", str(message.id), at, message.text, message.key, says))

    @property
    def last_seen(self) -> int:
        """Return the bot's id of the last message seen; 0 before the first."""
        return max((int(x.ref) for x in self.lines if x.kind == "saw"), default=0)

    @property
    def unanswered(self) -> Line | None:
        """Return the message that left but was not confirmed: say it again with the same id."""
        taken = {x.ref for x in self.lines if x.kind == "taken"}
        return next((x for x in self.lines if x.kind == "said" and x.ref not in taken), None)

    def since(self, moment: datetime) -> Sequence[Line]:
        """Return the lines from a moment on."""
        return [x for x in self.lines if x.at >= moment]

    def _add(self, line: Line) -> None:
        self.lines.append(line)
        # One write a line: what is in the file was whole before the process could die.
        with self.path.open("ab", buffering=0) as file:
            file.write(_json(line))
            os.fdatasync(file.fileno())


def _json(line: Line) -> bytes:
    data: dict[str, Any] = {"kind": line.kind, "ref": line.ref, "at": line.at.isoformat()}
    if line.text:
        data |= {"text": line.text}
    if line.kind == "saw":
        data |= {"key": line.key, "buttons": list(line.buttons)}
    return (json.dumps(data, ensure_ascii=False) + "\n").encode()


def _line(data: dict[str, Any]) -> Line:
    return Line(
        kind=data["kind"],
        ref=data["ref"],
        at=datetime.fromisoformat(data["at"]),
        text=data.get("text", ""),
        key=data.get("key", ""),
        buttons=tuple(data.get("buttons", ())),
    )
