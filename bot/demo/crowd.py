"""The crowd: all made-up people of the demo, speaking to the bot over the built-in messenger."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.channels.local_client import Seen
from bot.demo.diary import Diary
from bot.demo.people import Mind, Person


class Messenger(Protocol):
    """How people speak and see what the bot sent, as with the built-in messenger's client."""

    async def say(
        self,
        sender: str,
        chat: str,
        message_id: str,
        text: str,
        name: str = "",
        *,
        group: bool = False,
    ) -> None:
        """Return when the bot has the message for good."""

    async def messages(self, chat: str, after: int = 0) -> Sequence[Seen]:
        """Return what the bot sent to the chat after that id, oldest first."""


class Crowd:
    """People with their diaries; each speaks for itself, none knows of another."""

    def __init__(
        self, messenger: Messenger, people: Sequence[Person], mind: Mind, folder: Path
    ) -> None:
        self._messenger = messenger
        self._mind = mind
        folder.mkdir(parents=True, exist_ok=True)
        self._diaries = {p: Diary.opened(folder / f"{p.address}.jsonl") for p in people}

    async def repeat_unanswered(self, now: datetime) -> None:
        """Say again what left before a crash and was not confirmed, with the same id."""
        for person, diary in self._diaries.items():
            lost = diary.unanswered
            if lost is not None:
                await self._deliver(person, diary, lost.ref, lost.text, now)

    async def read(self, now: datetime, people: Iterable[Person] | None = None) -> None:
        """Let people look at their messages."""
        readers = self._diaries if people is None else people
        await asyncio.gather(*(self._read(p, now) for p in readers))

    async def speak(self, now: datetime, people: Iterable[Person] | None = None) -> list[Person]:
        """Let people who have something to say say it, at once; return who spoke."""
        asked = self._diaries if people is None else people
        words = {p: self._mind.next_words(p, self._diaries[p], now) for p in asked}
        speaking = [(p, w) for p, w in words.items() if w is not None]
        await asyncio.gather(*(self._say(p, w, now) for p, w in speaking))
        return [p for p, _ in speaking]

    def with_admins(self, people: Iterable[Person]) -> list[Person]:
        """Return the people and the admins, to whom what others say may bring something to do."""
        admins = (p for p in self._diaries if p.admits)
        return list(dict.fromkeys([*people, *admins]))

    def diary(self, address: str) -> Diary:
        """Return the diary of somebody."""
        return next(d for p, d in self._diaries.items() if p.address == address)

    async def _say(self, person: Person, words: str, now: datetime) -> None:
        diary = self._diaries[person]
        ref = f"{sum(x.kind == 'said' for x in diary.lines) + 1}"
        diary.say(ref, words, now)
        await self._deliver(person, diary, ref, words, now)

    async def _deliver(
        self, person: Person, diary: Diary, ref: str, words: str, now: datetime
    ) -> None:
        in_group = person.group is not None
        await self._messenger.say(
            person.address, person.chat, ref, words, person.address, group=in_group
        )
        diary.taken(ref, now)

    async def _read(self, person: Person, now: datetime) -> None:
        diary = self._diaries[person]
        for message in await self._messenger.messages(person.chat, diary.last_seen):
            diary.saw(message, now)
