"""What goes wrong between outbox and Telegram: each fault has its end, and others are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from botapi import Fault
from contract import SOON
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from telegrams import Office, gateway_for, office

from bot.channels.telegram import TelegramChannel
from bot.core.messaging import Fate, Outbound, Repeat, SendError
from bot.relay import Pace, Relay
from storage import outbox
from storage.database import Database
from storage.outbox import Queued
from storage.tables import OutboxMessage

FAST = Pace(per_second=500, chat_seconds=0.01, group_seconds=0.01, in_flight=4)
OTHERS = [f"Người {n}" for n in range(6)]


class Told:
    """Notes whom the relay had to tell of a bad end."""

    def __init__(self) -> None:
        self.of: list[str] = []

    async def __call__(self, _: AsyncSession, queued: Queued, error: SendError) -> None:
        self.of.append(f"{queued.message.key}: {type(error).__name__}")


@asynccontextmanager
async def relayed(database: Database, here: Office) -> AsyncIterator[Told]:
    """The relay sends what is queued, over the gateway."""
    gateway, told = gateway_for(here.api.base, here.bot.token, read_timeout=0.5), Told()
    channel = TelegramChannel(here.bot.token, gateway, api_url=here.api.base)
    relay = Relay(
        database, {"telegram": channel}, pace=FAST, now=lambda: datetime.now(UTC), trouble=told
    )
    running = asyncio.create_task(relay.run())
    try:
        yield told
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await gateway.close()


async def ends(database: Database) -> dict[str, str]:
    async with database.read_session() as session:
        return dict((await session.exec(select(OutboxMessage.key, OutboxMessage.fate))).all())


async def played(database: Database, here: Office, fault: Fault, *, repeat: Repeat) -> Told:
    """The first message to Lan meets a fault; another to her and one to each other follow."""
    for name in OTHERS:
        await here.api.person(name).opens(here.bot.link(""))
    here.api.fails("sendMessage", with_=fault, where=lambda call: call["text"] == "Lan 1")
    people = {"Lan 1": here.lan, "Lan 2": here.lan, **{n: here.api.person(n) for n in OTHERS}}
    messages = [
        Outbound(key, "telegram", str(person.id), key, repeat=repeat)
        for key, person in people.items()
    ]
    async with relayed(database, here) as told:
        async with database.write() as connection:
            await outbox.enqueue(connection, messages, now=datetime.now(UTC))
        async with asyncio.timeout(SOON):
            while {Fate.PENDING, Fate.SENDING} & set((await ends(database)).values()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    return told


def seen_by(here: Office, name: str) -> list[str]:
    return [m.text for m in here.api.person(name).sees(here.bot) if not m.from_me]


UNCLEAR = {
    "500": Fault.server_error(500),
    "reset before it was handled": Fault.reset_before(),
    "reset after it was handled": Fault.reset_after(),
    "an answer that is no JSON": Fault.malformed(),
    "a connection that freezes": Fault.frozen(),
}
ARRIVED_ALL_THE_SAME = ("reset after it was handled", "an answer that is no JSON")


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_a_private_message_without_a_clear_answer_is_sent_once_more(
    fault: str, database: Database
):
    async with office() as here:
        told = await played(database, here, UNCLEAR[fault], repeat=Repeat.ONCE)

        copies = seen_by(here, here.lan.name)
        others = [seen_by(here, name) for name in OTHERS]

    assert set((await ends(database)).values()) == {Fate.SENT}
    assert copies in (["Lan 1", "Lan 2"], ["Lan 1", "Lan 1", "Lan 2"])
    assert (len(copies) == 3) == (fault in ARRIVED_ALL_THE_SAME)
    assert others == [[name] for name in OTHERS]
    assert told.of == []


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_a_post_without_a_clear_answer_is_never_repeated_and_somebody_is_told(
    fault: str, database: Database
):
    async with office() as here:
        told = await played(database, here, UNCLEAR[fault], repeat=Repeat.ASK)

        copies = seen_by(here, here.lan.name)
        others = [seen_by(here, name) for name in OTHERS]

    fates = await ends(database)
    assert fates.pop("Lan 1") == Fate.UNKNOWN
    assert set(fates.values()) == {Fate.SENT}
    assert copies == (["Lan 1", "Lan 2"] if fault in ARRIVED_ALL_THE_SAME else ["Lan 2"])
    assert others == [[name] for name in OTHERS]
    assert told.of == ["Lan 1: FateUnknown"]


async def test_a_flood_halts_all_for_as_long_as_telegram_says_and_loses_nothing(
    database: Database,
):
    async with office() as here:
        told = await played(database, here, Fault.flood(2), repeat=Repeat.ASK)

        [refused] = [call for call in here.api.calls if call.status == 429]
        after = [c.at - refused.at for c in here.api.calls if c.at > refused.at + 0.3]

    assert set((await ends(database)).values()) == {Fate.SENT}
    assert after
    assert min(after) >= 2
    assert told.of == []
