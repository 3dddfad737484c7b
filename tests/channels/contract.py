"""What every channel must keep, whatever messenger is behind it.

An adapter's test gives a channel that does not listen yet and a `Person` at the other end of its
messenger (or of the messenger's stand-in), and runs all of `PROMISES` on them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import pytest

from bot.core.messaging import Button, Channel, Inbound, Outbound, Receive, SendError
from bot.core.text import utf16_length

SOON = 10.0  # seconds after which a promise counts as broken
A_MOMENT = 0.2  # seconds in which something that must not happen would have happened


class Person(Protocol):
    """Somebody who uses the messenger in a private chat with the bot.

    Attributes:
        chat: the chat's id, by which the bot writes to the person.
    """

    chat: str

    async def say(self, text: str) -> None:
        """Say it as a person does; return when the messenger knows that the bot has it.

        A messenger repeats by itself what the bot did not acknowledge.
        """

    async def sees(self, count: int) -> Sequence[tuple[str, Sequence[str]]]:
        """Wait until there are so many messages of the bot; return texts and buttons' labels."""


class Desk:
    """A receiver that keeps what it was passed, and fails or waits when told to."""

    def __init__(self, *, failures: int = 0) -> None:
        self.batches: list[list[Inbound]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._failures = failures

    async def receive(self, batch: Sequence[Inbound]) -> None:
        self.batches.append(list(batch))
        await self.open.wait()
        if self._failures:
            self._failures -= 1
            raise OSError("the disk is full")

    @property
    def arrived(self) -> list[Inbound]:
        return [inbound for batch in self.batches for inbound in batch]


@asynccontextmanager
async def listening(channel: Channel, receive: Receive) -> AsyncIterator[None]:
    """The channel listens inside, and has stopped without a fault after it."""
    task = asyncio.create_task(channel.listen(receive))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def outbound(channel: Channel, chat: str, text: str = "Đã nhận báo cáo.", **more) -> Outbound:
    return Outbound(
        **{"key": f"reply/{text}", "channel": channel.name, **more}, chat=chat, text=text
    )


async def what_a_person_says_arrives_word_for_word(channel: Channel, person: Person):
    said = "Quầy: mở\nTrực 6/14; <b>&amp;</b> 👍"
    desk = Desk()

    async with listening(channel, desk.receive):
        await person.say(said)

    [inbound] = desk.arrived
    assert inbound.text == said
    assert inbound.channel == channel.name
    assert inbound.chat == inbound.sender == person.chat
    assert not inbound.in_group
    assert inbound.sent_at is None or inbound.sent_at.tzinfo is not None


async def messages_of_one_person_keep_their_order(channel: Channel, person: Person):
    texts = [f"Tin {n}" for n in range(5)]
    desk = Desk()

    async with listening(channel, desk.receive):
        for text in texts:
            await person.say(text)

    assert [inbound.text for inbound in desk.arrived] == texts
    assert len({inbound.update_id for inbound in desk.arrived}) == len(texts)


async def nothing_is_acknowledged_before_it_is_durable(channel: Channel, person: Person):
    desk = Desk()
    desk.open.clear()

    async with listening(channel, desk.receive):
        saying = asyncio.create_task(person.say("Không phát sinh"))
        await until(lambda: desk.batches)
        await asyncio.sleep(A_MOMENT)
        acknowledged_early = saying.done()
        desk.open.set()
        await asyncio.wait_for(saying, SOON)

    assert not acknowledged_early


async def what_could_not_be_kept_comes_again_under_the_same_id(channel: Channel, person: Person):
    desk = Desk(failures=1)

    async with listening(channel, desk.receive):
        await asyncio.wait_for(person.say("Không phát sinh"), SOON)

    first, *repeats = desk.arrived
    assert repeats == [first]


async def the_bot_is_seen_as_it_wrote(channel: Channel, person: Person):
    texts = ["Tổng hợp báo cáo ngày\n\n1. Vĩnh Yên: <mở> & 100% *_`[x](y)", "Đã nhận 👍"]

    async with listening(channel, Desk().receive):
        ids = [await channel.send(outbound(channel, person.chat, text)) for text in texts]
        seen = await asyncio.wait_for(person.sees(2), SOON)

    assert [text for text, _ in seen] == texts
    assert len(set(ids)) == 2


async def the_longest_text_arrives_whole_and_a_longer_one_is_refused(
    channel: Channel, person: Person
):
    longest = "ệ" * (channel.abilities.longest_text - 2) + "👍"
    assert utf16_length(longest) == channel.abilities.longest_text

    async with listening(channel, Desk().receive):
        await channel.send(outbound(channel, person.chat, longest, key="longest"))
        with pytest.raises(SendError):
            await channel.send(outbound(channel, person.chat, longest + "x", key="longer"))
        seen = await asyncio.wait_for(person.sees(1), SOON)

    assert [text for text, _ in seen] == [longest]


async def buttons_are_seen_where_the_channel_has_them(channel: Channel, person: Person):
    buttons = (Button("Gửi", "gửi"), Button("Hủy", "hủy"))

    async with listening(channel, Desk().receive):
        await channel.send(outbound(channel, person.chat, buttons=buttons))
        [(_, labels)] = await asyncio.wait_for(person.sees(1), SOON)

    assert list(labels) == (["Gửi", "Hủy"] if channel.abilities.buttons else [])


async def a_channel_that_drops_repeats_delivers_a_key_once(channel: Channel, person: Person):
    if not channel.abilities.drops_repeats:
        pytest.skip("the channel does not claim it")
    digest, later = outbound(channel, person.chat, "Tổng hợp"), outbound(channel, person.chat)

    async with listening(channel, Desk().receive):
        first, again = await channel.send(digest), await channel.send(digest)
        await channel.send(later)
        seen = await asyncio.wait_for(person.sees(2), SOON)

    assert again == first
    assert [text for text, _ in seen] == [digest.text, later.text]


async def listening_ends_when_cancelled_and_can_begin_again(channel: Channel, person: Person):
    desk = Desk()

    for text in ("trước", "sau"):
        async with listening(channel, desk.receive):
            await person.say(text)

    assert [inbound.text for inbound in desk.arrived] == ["trước", "sau"]


async def it_says_when_it_has_passed_on_all_that_was_said_before(channel: Channel, person: Person):
    desk = Desk()
    saying = asyncio.create_task(person.say("Không phát sinh"))
    await asyncio.sleep(A_MOMENT)

    async with listening(channel, desk.receive):
        await asyncio.wait_for(channel.caught_up.wait(), SOON)
        await asyncio.wait_for(saying, SOON)

    assert [inbound.text for inbound in desk.arrived] == ["Không phát sinh"]


async def until(holds: Callable[[], object]) -> None:
    """Return once it holds."""
    async with asyncio.timeout(SOON):
        while not holds():  # noqa: ASYNC110  # what is waited for happens behind a network
            await asyncio.sleep(0.005)


PROMISES: Sequence[Callable[[Channel, Person], Awaitable[None]]] = (
    what_a_person_says_arrives_word_for_word,
    messages_of_one_person_keep_their_order,
    nothing_is_acknowledged_before_it_is_durable,
    what_could_not_be_kept_comes_again_under_the_same_id,
    the_bot_is_seen_as_it_wrote,
    the_longest_text_arrives_whole_and_a_longer_one_is_refused,
    buttons_are_seen_where_the_channel_has_them,
    a_channel_that_drops_repeats_delivers_a_key_once,
    listening_ends_when_cancelled_and_can_begin_again,
    it_says_when_it_has_passed_on_all_that_was_said_before,
)
