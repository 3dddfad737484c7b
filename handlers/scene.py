"""What every use case is given, and how it answers."""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import messages
from bot.core.desk import Step
from bot.core.messages import Says
from bot.core.messaging import (
    LONGEST_CAPTION,
    LONGEST_PART,
    LONGEST_PASSING,
    Channels,
    Kind,
    Outbound,
    Priority,
    Repeat,
)
from bot.core.office import Office
from bot.core.text import split_parts, utf16_length
from storage.conversations import Case
from storage.outbox import enqueue


@dataclass(frozen=True, slots=True)
class Scene:
    """One update to be handled, the office it belongs to, and the time.

    Attributes:
        argument: what stands after the command word, as typed; "" when nothing does.
        now: aware local time.
        channels: those that run, by name.
    """

    office: Office
    case: Case
    now: datetime
    argument: str = ""
    channels: Channels = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        """Whether messages are counted where this was said."""
        return self.counts(self.case.inbound.channel)

    def counts(self, channel: str) -> bool:
        """Whether messages are counted on a channel."""
        there = self.channels.get(channel)
        return there is not None and there.abilities.quota is not None

    @property
    def has_draft(self) -> bool:
        """Whether the person has a report half entered that can still be sent."""
        days = {p.day for p in self.office.open_periods(self.now)}
        return any(days & papers.drafts.keys() for papers in self.case.papers.values())


def reply(scene: Scene, says: Says) -> tuple[Outbound, ...]:
    """Return the answer to an update, in parts when it is long; the last carries the buttons.

    The answer to a tap takes the place of what was tapped; that to a tap in a group goes to who
    tapped, and leaves the group's post as it is. A review takes the place of the question or the
    review before it, unless something else was said since.
    """
    inbound, shown = scene.case.inbound, scene.case.shown
    first = Outbound(
        key=f"reply/{inbound.channel}/{inbound.update_id}",
        channel=inbound.channel,
        chat=inbound.chat,
        text=says.text,
        buttons=says.buttons,
        numbered=says.numbered,
        in_group=inbound.in_group,
        thread=inbound.thread,
    )
    if inbound.tap is None:
        return in_parts(replace(first, edits=_place_of(scene.case, says)))
    tapped = replace(first, tap=inbound.tap.id)
    if says.passing:
        return (replace(tapped, passing=True, buttons=()),)
    if inbound.in_group:
        return _to_who_tapped(scene, tapped)
    return in_parts(replace(tapped, edits=shown.posted if shown else None))


def _to_who_tapped(scene: Scene, tapped: Outbound) -> tuple[Outbound, ...]:
    """Return the details that somebody asked for by a tap in a group, which all in it may see.

    What is short is shown in passing; more of it goes to a private chat, which the bot may not
    begin with somebody whom it does not know.
    """
    inbound = scene.case.inbound
    if len(tapped.text) <= LONGEST_PASSING:
        return (replace(tapped, passing=True, buttons=()),)
    told = replace(tapped, key=f"{tapped.key}/tap", passing=True, buttons=())
    if scene.case.person_id is None:
        return (replace(told, text=messages.beginning_of(tapped.text, inbound.text).text),)
    private = replace(tapped, chat=inbound.sender, in_group=False, thread="", tap=None)
    return replace(told, text=messages.answered_privately().text), *in_parts(private)


def _place_of(case: Case, says: Says) -> str | None:
    """Return the key of the message whose place the answer to a typed message takes."""
    asked = case.cursor.step in (Step.QUESTION, Step.GAPS, Step.REVIEW, Step.REASON)
    goes_on = asked or case.inbound.kind is Kind.EDITED
    return case.posted if says.stays and goes_on and case.posted_last else None


def aside(scene: Scene, says: Says) -> tuple[Outbound, ...]:
    """Return an answer that interrupts a report, with a word that the report is kept."""
    if scene.case.inbound.in_group or says.passing or not scene.has_draft:
        return reply(scene, says)
    return reply(scene, replace(says, text=f"{says.text}\n\n{messages.draft_waits()}"))


async def answer(session: AsyncSession, scene: Scene, says: Says) -> None:
    """Queue an answer in the session of a rare use case."""
    await enqueue(await session.connection(), aside(scene, says), now=scene.now)


def in_parts(message: Outbound) -> tuple[Outbound, ...]:
    """Return the message in parts that every channel carries; each waits for the one before."""
    texts = split_parts(unicodedata.normalize("NFC", message.text), LONGEST_PART)
    if message.file and utf16_length(message.text) > LONGEST_CAPTION:
        texts = ["", *texts]  # the file goes first, alone
    keys = [message.key, *(f"{message.key}/{n}" for n in range(2, len(texts) + 1))]
    return tuple(
        replace(
            message,
            key=key,
            text=text,
            buttons=message.buttons if n == len(texts) - 1 else (),
            numbered=message.numbered and n == len(texts) - 1,
            after=keys[n - 1] if n else message.after,
            file=None if n else message.file,
            edits=None if n else message.edits,
            tap=None if n else message.tap,
        )
        for n, (key, text) in enumerate(zip(keys, texts, strict=True))
    )


def notice(
    key: str,
    channel: str,
    chat: str,
    says: Says,
    *,
    in_group: bool = False,
    thread: str = "",
    priority: Priority = Priority.PROMPT,
    repeat: Repeat = Repeat.ONCE,
    useful_until: datetime | None = None,
    asks: str | None = None,
) -> tuple[Outbound, ...]:
    """Return a message that nobody asked for: a prompt, a reminder, a digest."""
    return in_parts(
        Outbound(
            key=f"{key}/{channel}/{chat}",
            channel=channel,
            chat=chat,
            text=says.text,
            buttons=says.buttons,
            in_group=in_group,
            thread=thread,
            priority=priority,
            repeat=repeat,
            useful_until=useful_until,
            asks=asks,
        )
    )


def asked_of(unit: str, day: date) -> str:
    """Return what a prompt or reminder asks for: the report of a unit for a day."""
    return f"{unit}/{day.isoformat()}"
