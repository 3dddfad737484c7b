"""A small office that talks: the bot as it is wired to run, on a real database.

The messenger is a stand-in, which delivers at once what the relay would send at its pace, and the
clock stands still until it is moved.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import Bot, build, office_of
from bot.clock import Clock
from bot.config import Config, Local
from bot.core.directory import Directory, UnitRow, read_directory
from bot.core.messaging import (
    Abilities,
    Fate,
    FateUnknown,
    Inbound,
    Kind,
    Outbound,
    PersonGone,
    Receive,
    SendError,
    Tap,
)
from bot.core.office import Office
from bot.core.periods import Down
from bot.core.quota import Quota
from bot.profile import profile_settings
from bot.relay import AtOffice, as_carried
from handlers.undelivered import undelivered
from storage import outbox
from storage.database import Database
from storage.office import invitation, invite, join_group, keep_directory, units_on
from storage.outbox import Queued, Settled
from storage.punctuality import add_outage

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CHANNEL = "fake"
COUNTED = Abilities(
    2000, buttons=False, drops_repeats=False, pictures_by_url=True, at_once=1, quota=Quota()
)
"""What a messenger can do on which messages are counted, as on Zalo."""

_OFFERS = AtOffice("Văn phòng UBND tỉnh")

UNITS = (
    *("VP", "VP-VPUB", "VP-TTHCC", "VP-STP"),
    *("VP-VY", "VP-VY-TS01", "VP-VY-LB02", "VP-PY", "VP-PY-XH05", "VP-LT", "VP-LT-XH09"),
)
"""Of the example directory: the office that sums up (aggregate), one body that counts and one that
is counted inside it, three districts, and two communes called Xuân Hòa."""


def moment(said: str) -> datetime:
    """The local time of "2020-04-15 15:00"."""
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


@cache
def vinh_phuc() -> Office:
    """The office of the profile; its calendar takes a while to load."""
    return office_of(profile_settings("vinh-phuc"), 2020)


@cache
def some_units() -> list[UnitRow]:
    """The units of this small office, as the example directory has them."""
    file = resources.files("bot").joinpath("examples/vinh-phuc-2020-units.csv")
    found = read_directory(file.read_text(encoding="utf-8"))
    assert isinstance(found, Directory)
    return [unit for unit in found.units if unit.code in UNITS]


def whole_form(**figures: int | str) -> str:
    """A report in one message that says "gửi" at its end; a figure that is not given is 0.

    Names of figures: those of the form's fields, such as `received_direct`.
    """
    payments = (
        {"Thanh toán trực tuyến": figures["online_payments"]}
        if ("online_payments" in figures)
        else {}
    )
    given = {
        "Quầy": figures.get("counter_status", "mở"),
        "Cán bộ trực": f"{figures.get('staff_on_duty', 6)}/{figures.get('staff_total', 14)}",
        "Niêm yết": "có",
        "Phòng dịch": "đủ",
        **{name: figures.get(field, 0) for field, name in _FIGURES.items()},
        **payments,
        "Khó khăn": figures.get("issues", "không"),
    }
    return "\n".join([*(f"{name}: {value}" for name, value in given.items()), "gửi"])


_FIGURES = {
    "received_direct": "Nhận trực tiếp",
    "received_online": "Nhận trực tuyến",
    "received_postal": "Nhận qua bưu chính",
    "resolved_on_time": "Trả đúng hạn",
    "resolved_late": "Trả quá hạn",
    "pending": "Đang giải quyết",
    "overdue": "Quá hạn chưa trả",
    "urgent_received": "Cấp thiết nhận",
    "urgent_resolved": "Cấp thiết xong",
}


class FakeChannel:
    """Keeps what it carried, in order; whoever is in `left` can no longer be reached.

    Attributes:
        fault: what befalls a message; None for nothing.
    """

    abilities = Abilities(4096, buttons=True, drops_repeats=False, edits=True)

    caught_up = asyncio.Event()

    def __init__(self, name: str = CHANNEL, title: str = "Zalo") -> None:
        self.name, self.title = name, title
        self.sent: list[Outbound] = []
        self.left: set[str] = set()
        self.fault: Callable[[Outbound], SendError | None] = lambda _: None

    async def listen(self, receive: Receive) -> None:
        """Nothing comes this way: the world passes on what people say."""

    async def send(self, message: Outbound, content: bytes | None = None) -> str:  # noqa: ARG002
        if message.chat in self.left:
            raise PersonGone("left")
        if fault := self.fault(message):
            raise fault
        self.sent.append(message)
        return str(len(self.sent))


@dataclass
class World:
    """People, groups and the clock around one running bot.

    Attributes:
        second: another messenger, which runs once it is opened.
    """

    bot: Bot
    channel: FakeChannel
    second: FakeChannel = field(default_factory=lambda: FakeChannel("second", "Telegram"))
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    async def at(self, said: str) -> None:
        """Move the clock to a local time, handle what has arrived, do what is due, send it."""
        self.bot.clock.set(moment(said))
        await self.bot.wake(self.bot.clock.now())
        await self._quiet()

    async def was_down(self, since: str, until: str) -> None:
        """The bot is started again after a time in which it did not run."""
        async with self.bot.database.session() as session:
            await add_outage(session, moment(since), moment(until))
        down = (Down(moment(since), moment(until)),)
        office = replace(self.bot.office, outages=down)
        clock = Clock(office.zone, start=moment(until), stepped=True)
        self.bot = build(Config(local=Local(enabled=False)), self.bot.database, office, clock)
        self.bot.channels[CHANNEL] = self.channel
        await self.at(until)

    def opens_second(self) -> FakeChannel:
        """Let the second messenger run beside the first."""
        self.bot.channels[self.second.name] = self.second
        return self.second

    async def says_there(self, chat: str, said: str) -> list[str]:
        """Somebody writes to the bot on the second messenger; what it answers there."""
        before = len(self.second.sent)
        await self.arrives(chat, said, on=self.second.name)
        await self._quiet()
        return [m.text for m in self.second.sent[before:] if m.chat == chat]

    async def says(self, chat: str, said: str, *, by: str | None = None, **more: Any) -> list[str]:
        """Somebody writes to the bot, in the group `chat` if `by` names them; what it answers."""
        await self.arrives(chat, said, by=by, **more)
        heard = len(self.heard(chat))
        await self._quiet()
        return self.heard(chat)[heard:]

    async def taps(
        self, chat: str, label: str, *, by: str | None = None, on: Outbound | None = None
    ) -> list[Outbound]:
        """Somebody taps a button, on the newest message that shows it; what the bot then sends."""
        shown = on or self.showing(chat, label)
        number = [button.label for button in shown.buttons].index(label)
        await self.bot.writer.accept(
            [
                Inbound(
                    channel=CHANNEL,
                    update_id=str(self._numbers()),
                    chat=chat,
                    sender=by or chat,
                    text="",
                    in_group=by is not None,
                    message_id=str(self.channel.sent.index(shown) + 1),
                    kind=Kind.TAPPED,
                    tap=Tap("tap", shown.screen, number),
                )
            ]
        )
        before = len(self.channel.sent)
        await self._quiet()
        return self.channel.sent[before:]

    def showing(self, chat: str, label: str) -> Outbound:
        """The newest message of a chat that shows a button with this label."""
        shown = [m for m in self.channel.sent if m.chat == chat and not m.passing]
        return next(m for m in reversed(shown) if label in [b.label for b in m.buttons])

    async def edits(self, chat: str, message_id: str, said: str) -> list[str]:
        """Somebody changes what they wrote; what the bot answers."""
        await self.arrives(chat, said, message_id=message_id, kind=Kind.EDITED)
        heard = len(self.heard(chat))
        await self._quiet()
        return self.heard(chat)[heard:]

    async def presence(
        self, chat: str, kind: str, *, in_group: bool = False, said: str = ""
    ) -> None:
        """Somebody blocks the bot or comes back, a group removes it, lets it in or moves."""
        by = "ai đó" if in_group else None
        await self.arrives(chat, said, by=by, kind=Kind(kind))
        await self._quiet()

    async def reports(self, chat: str, **figures: int | str) -> None:
        """Somebody reports in one message, and confirms it if the bot doubts it."""
        [answer] = await self.says(chat, whole_form(**figures))
        if "Đã nhận" not in answer:
            [answer] = await self.says(chat, "gửi")
        assert "Đã nhận" in answer, answer

    async def arrives(
        self,
        chat: str,
        said: str,
        *,
        by: str | None = None,
        update_id: str = "",
        on: str = CHANNEL,
        **more: Any,
    ) -> None:
        """A message reaches the bot, which does not handle it yet."""
        inbound = Inbound(
            **more,
            channel=on,
            update_id=update_id or str(self._numbers()),
            chat=chat,
            sender=by or chat,
            sender_name=by or chat,
            text=said,
            in_group=by is not None,
        )
        await self.bot.writer.accept([inbound])

    async def code(self, unit: str, role: str, *, until: str | None = None) -> str:
        """An invitation to a duty, or of a group, valid for 30 days unless said otherwise."""
        now = self.bot.clock.now()
        expires_at = moment(until) if until else now + timedelta(days=30)
        async with self.bot.database.session() as session:
            ids = {u.code: u.id for u in await units_on(session, now.date())}
            return await invite(session, unit_id=ids[unit], role=role, expires_at=expires_at)

    async def joins(self, chat: str, unit: str, role: str = "focal_point") -> None:
        """Somebody takes up a duty, or a group is bound, by an invitation."""
        await self.all_join((chat, unit, role))

    async def all_join(self, *people: tuple[str, str, str]) -> None:
        """Join as (chat, unit, role) say, all at once; a chat with the role "group" is bound."""
        for chat, unit, role in people:
            code = await self.code(unit, role)
            if role == "group":
                await self._bind(chat, code)
            else:
                await self.arrives(chat, f"/start {code}")
        before = len(self.channel.sent)
        await self._quiet()
        welcomes = [message.text for message in self.channel.sent[before:]]
        assert len(welcomes) == sum(role != "group" for _, _, role in people), welcomes
        assert all("Đã đăng ký" in w for w in welcomes), welcomes

    async def _bind(self, chat: str, code: str) -> None:
        """Bind a group as if an admin had accepted it long ago; nobody is told of it."""
        async with self.bot.database.session() as session:
            found = await invitation(session, code)
            assert found
            now = self.bot.clock.now()
            await join_group(session, found, channel=CHANNEL, chat=chat, now=now)

    async def shows_code(self, chat: str, unit: str, **more: Any) -> list[str]:
        """A group shows a fresh code of a unit; what it is answered. An admin must accept it."""
        code = await self.code(unit, "group")
        return await self.says(chat, f"/ketnoi {code}", by="chánh văn phòng", **more)

    def heard(self, chat: str) -> list[str]:
        """All that the bot said in a chat so far."""
        return [m.text for m in self.channel.sent if m.chat == chat]

    async def news(self, said: str) -> list[tuple[str, str]]:
        """Move the clock; what the bot then said of its own, as (chat, text) by chat."""
        before = len(self.channel.sent)
        await self.at(said)
        return sorted(((m.chat, m.text) for m in self.channel.sent[before:]), key=lambda m: m[0])

    async def sql(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        """Ask the database directly, past all our code."""
        async with self.bot.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(statement), values)]

    async def damage(self, statement: str, **values: object) -> None:
        """Change the database behind the bot's back."""
        async with self.bot.database.write() as connection:
            await connection.execute(text(statement), values)

    async def _quiet(self) -> None:
        """Handle what has arrived, and deliver what is due in the order of the queue."""
        await self.bot.writer.drain()
        now = self.bot.clock.now()
        async with self.bot.database.session() as session:
            connection = await session.connection()
            channels = [self.channel.name, self.second.name]
            while taken := await outbox.take(connection, channels=channels, now=now, limit=100):
                await outbox.settle(
                    connection, [await self._sent(session, queued) for queued in taken], now=now
                )

    async def _sent(self, session: AsyncSession, queued: Queued) -> Settled:
        on_second = queued.message.channel == self.second.name
        channel = self.second if on_second else self.channel
        try:
            carried = as_carried(queued.message, channel.abilities, _OFFERS)
            external_id = await channel.send(carried)
        except SendError as error:
            await undelivered(session, queued, error, now=self.bot.clock.now())
            unknown = isinstance(error, FateUnknown)
            return Settled(queued.id, Fate.UNKNOWN if unknown else Fate.GONE)
        return Settled(queued.id, Fate.SENT, external_id=external_id)


async def opened(database: Database, *, start: str = "2020-04-13 08:00") -> World:
    """An office of some units, wired as it runs, at a moment; nobody has joined yet."""
    async with database.session() as session:
        await keep_directory(session, some_units(), since=date(2020, 4, 1))
    office = vinh_phuc()
    clock = Clock(office.zone, start=moment(start), stepped=True)
    bot = build(Config(local=Local(enabled=False)), database, office, clock)
    channel = FakeChannel()
    bot.channels[CHANNEL] = channel
    await bot.wake(clock.now())
    return World(bot, channel)
