"""Any order of what may happen to a report, played by people on two messengers and by the clock.

What must come of it is worked out here from nothing but the list of what happened (DESIGN §5), and
compared with what the wired bot has in its database after every step.
"""

import asyncio
import shutil
from collections.abc import Coroutine
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from life_oracle import LOCK, Event, Oracle
from world import World, opened, whole_form

from bot.core.rollup import Entry
from handlers.editions import editions_of
from storage.database import Database
from storage.reports import entries_of

T = TypeVar("T")

UNIT, DAY, WRITTEN = "VP-VY-TS01", date(2020, 4, 15), "VP-VY-TS01 15/4"
FOCAL_POINT, DEPUTY, COORDINATOR, ADMIN = "TS01", "Dự phòng", "Phụ trách", "Quản trị"
MOMENTS = [
    *("2020-04-15 15:00", "2020-04-15 16:30", "2020-04-15 16:31", "2020-04-15 17:00"),
    *("2020-04-15 18:30", "2020-04-16 08:59", "2020-04-16 09:00", "2020-04-16 09:01"),
    *("2020-04-16 17:00", "2020-04-17 08:59", "2020-04-17 09:00", "2020-04-17 15:59"),
    *("2020-04-17 16:00", "2020-04-17 17:00"),
]
LOCKED = MOMENTS.index("2020-04-16 09:00") + 1


class Life(RuleBasedStateMachine):
    """A unit with a focal point and a deputy on two messengers, its coordinator and the admin."""

    empty: Path
    folder: Path
    number = count()

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.events: list[Event] = []
        self.figures = count(1)
        self.passed = 0
        self.approval = False

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()

    def run(self, play: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(play)

    @initialize(
        approval=st.booleans(),
        start=st.sampled_from([LOCKED, LOCKED, 0, LOCKED + 3]),
        reported=st.sampled_from(["in time", "late", "never"]),
    )
    def the_office_opens(self, approval: bool, start: int, reported: str) -> None:
        """Most of the life of a report begins with its lock."""
        path = self.folder / f"{next(self.number)}.db"
        shutil.copy(self.empty, path)
        self.database = Database(f"sqlite+aiosqlite:///{path}")
        self.approval = approval
        self.world: World = self.run(self._opened())
        self._passes(1 if reported == "in time" else 3)
        if reported != "never":
            self._unit_sends(FOCAL_POINT)
        if start > self.passed:
            self._passes(start - self.passed)

    async def _opened(self) -> World:
        world = await opened(self.database, start="2020-04-15 08:00")
        world.opens_second()
        await world.all_join(
            (FOCAL_POINT, UNIT, "focal_point"),
            (COORDINATOR, "VP-VY", "coordinator"),
            (ADMIN, "VP", "admin"),
            ("Nhóm", "VP-VY", "group"),
        )
        await world.says_there(DEPUTY, f"/start {await world.code(UNIT, 'deputy')}")
        if self.approval:
            await world.says(ADMIN, "/duyet bật")
        return world

    # What happens

    @property
    def now(self) -> datetime:
        return self.world.bot.clock.now()

    @property
    def stands(self) -> Oracle:
        return Oracle(self.events, approval=self.approval)

    @property
    def may_change(self) -> bool:
        return self.stands.open(self.now) and not self.stands.exempt

    def happened(self, what: str, by: str, figure: int = 0) -> None:
        self.events.append(Event(what, self.now, by, figure))
        if self.now >= LOCK:
            self._has_an_edition()

    def says(self, who: str, said: str) -> str:
        """What the bot answers to somebody, on the messenger that they use."""
        here = self.world.says_there if who == DEPUTY else self.world.says
        return "\n".join(self.run(here(who, said)))

    @precondition(lambda self: self.passed < len(MOMENTS))
    @rule(steps=st.integers(1, 3))
    def time_passes(self, steps: int) -> None:
        self._passes(steps)

    def _passes(self, steps: int) -> None:
        until = min(self.passed + steps, len(MOMENTS))
        for said in MOMENTS[self.passed : until]:
            self.run(self.world.at(said))
        self.passed = until

    @rule(who=st.sampled_from([FOCAL_POINT, DEPUTY]))
    def somebody_begins(self, who: str) -> None:
        before = self.stands
        self.says(who, "/baocao 15/4")
        if self.may_change:
            answer = self.says(who, f"trực tiếp {next(self.figures)}")
            assert "báo cáo ngày 15/4" in answer, answer
            if not before.sendings:
                self.happened("draft", who)

    @rule(who=st.sampled_from([FOCAL_POINT, DEPUTY]))
    def the_unit_sends(self, who: str) -> None:
        self._unit_sends(who)

    def _unit_sends(self, who: str) -> None:
        figure = next(self.figures)
        answer = self._sends(who, figure)
        assert ("Đã nhận" in answer) is self.may_change, answer
        if self.may_change:
            self.happened("send", who, figure)

    def _sends(self, who: str, figure: int) -> str:
        """Send the whole form, or a correction of what was sent, and confirm what is doubted."""
        if self.stands.sendings:
            self.says(who, f"/sua 15/4 trực tiếp {figure}")
            return self.says(who, "gửi")
        answer = self.says(who, "/baocao 15/4")
        if not self.may_change:
            return answer  # a form would now be about the next day
        answer = self.says(who, whole_form(received_direct=figure))
        return answer if "Đã nhận" in answer else self.says(who, "gửi")

    @rule()
    def both_send_the_same_at_once(self) -> None:
        """One report comes of it, whichever messenger is read first."""
        figure, people = next(self.figures), (FOCAL_POINT, DEPUTY)
        sent = bool(self.stands.sendings)
        said = f"/sua 15/4 trực tiếp {figure}" if sent else whole_form(received_direct=figure)
        if not sent and not self.may_change:
            return
        for who in () if sent else people:
            self.says(who, "/baocao 15/4")
        heard = [self._at_once(said), self._at_once("gửi")]
        assert any("Đã nhận" in h for h in heard) is self.may_change, heard
        if self.may_change:
            self.happened("send", "either", figure)

    def _at_once(self, said: str) -> str:
        """Both say it, one of them twice over the wire, before the bot reads any of it."""
        first, second = self.world.channel, self.world.second
        before = len(first.sent), len(second.sent)

        async def play() -> None:
            for _ in range(2):
                again = f"again/{said}/{self.now}"
                await self.world.arrives(FOCAL_POINT, said, update_id=again)
            await self.world.arrives(DEPUTY, said, on=second.name)
            await self.world.at(f"{self.now:%Y-%m-%d %H:%M}")

        self.run(play())
        new = [*first.sent[before[0] :], *second.sent[before[1] :]]
        return "\n".join(m.text for m in new)

    @rule(who=st.sampled_from([COORDINATOR, ADMIN]))
    def somebody_enters_for_the_unit(self, who: str) -> None:
        answer = self.says(who, f"/nhapthay {WRITTEN} vì đơn vị mất mạng")
        assert ("Anh/chị nhập thay" in answer) is self.may_change, answer
        if self.may_change:
            figure = next(self.figures)
            answer = self._sends(who, figure)
            assert "Nhập thay, lý do: đơn vị mất mạng" in answer, answer
            self.happened("enter for", who, figure)

    @rule(who=st.sampled_from([COORDINATOR, ADMIN]))
    def the_report_is_returned(self, who: str) -> None:
        answer = self.says(who, f"/tralai {WRITTEN} vì số chưa khớp")
        may = self.may_change and bool(self.stands.sendings)
        assert ("Đã trả lại" in answer) is may, answer
        if may:
            self.happened("return", who)

    @precondition(lambda self: self.now >= LOCK)
    @rule(who=st.sampled_from([FOCAL_POINT, DEPUTY]))
    def the_report_is_reopened_and_sent(self, who: str) -> None:
        self._reopens()
        self._unit_sends(who)

    @rule()
    def the_report_is_reopened(self) -> None:
        self._reopens()

    def _reopens(self) -> None:
        answer = self.says(ADMIN, f"/molai {WRITTEN} vì nhập nhầm")
        assert ("Đã mở lại" in answer) is (self.now >= LOCK), answer
        if self.now >= LOCK:
            self.happened("reopen", ADMIN)

    @rule(who=st.sampled_from([COORDINATOR, ADMIN]))
    def the_unit_is_excused(self, who: str) -> None:
        answer = self.says(who, f"/miencho {WRITTEN} vì cả phường cách ly")
        assert ("được tạm miễn báo cáo ngày 15/4. Lý do" in answer) is self.may_change, answer
        if self.may_change:
            self.happened("exempt", who)

    @rule(who=st.sampled_from([COORDINATOR, ADMIN]))
    def the_exemption_is_lifted(self, who: str) -> None:
        answer = self.says(who, f"/miencho bỏ {WRITTEN}")
        may = self.stands.exempt and self.stands.open(self.now)
        assert ("Đã bỏ miễn" in answer) is may, answer
        if may:
            self.happened("lift", who)

    @rule()
    def the_district_approves(self) -> None:
        answer = self.says(COORDINATOR, f"/duyet {WRITTEN}")
        may = self.stands.awaits and not self.stands.exempt
        assert ("Đã duyệt 1 báo cáo" in answer) is may, answer
        if may:
            self.happened("approve", COORDINATOR)

    # What must be so at any time

    @invariant()
    def the_report_stands_as_the_table_says(self) -> None:
        entry, oracle = self.run(self._entry()), self.stands

        assert (entry.expected, entry.received, entry.on_time and entry.received) == (
            oracle.expected,
            oracle.received,
            oracle.on_time,
        )
        assert entry.in_totals is oracle.in_totals
        assert entry.status == oracle.status
        assert (entry.awaits and entry.received) is (oracle.awaits and oracle.received)
        assert bool(entry.entered_by) is self._entered_last()
        figure = oracle.sendings[-1].figure if oracle.sendings else None
        assert (entry.answers or {}).get("received_direct") == figure

    def _entered_last(self) -> bool:
        return bool(self.stands.sendings) and self.stands.sendings[-1].what == "enter for"

    async def _entry(self) -> Entry:
        async with self.database.read() as connection:
            entries = await entries_of(connection, DAY, form_id="daily_one_stop")
        [entry] = [e for e in entries if e.unit == UNIT]
        return entry

    @invariant()
    def there_is_one_report_and_its_history_is_whole(self) -> None:
        rows = self.run(
            self.world.sql(
                "SELECT v.number, p.name, v.channel, v.reason, v.for_another, r.revisions"
                " FROM revision v JOIN report r ON r.id = v.report_id"
                " JOIN person p ON p.id = v.person_id ORDER BY v.number"
            )
        )
        sendings = self.stands.sendings
        assert [row[0] for row in rows] == list(range(1, len(sendings) + 1))
        assert {row[5] for row in rows} <= {len(sendings)}
        for (_, name, channel, reason, for_another, _), event in zip(rows, sendings, strict=True):
            entered = event.what == "enter for"
            assert (bool(for_another), reason) == (entered, "đơn vị mất mạng" if entered else "")
            assert name == event.by or event.by == "either"
            assert (channel == "second") is (name == DEPUTY)

    @invariant()
    def everything_is_on_the_record(self) -> None:
        rows = self.run(
            self.world.sql(
                "SELECT a.what, p.name, json_extract(a.detail, '$.reason'),"
                " json_extract(a.detail, '$.revision')"
                " FROM audit_event a JOIN person p ON p.id = a.person_id"
                " WHERE a.subject = :subject AND a.what <> 'entering for the unit' ORDER BY a.id",
                subject=f"{UNIT}/{DAY.isoformat()}",
            )
        )
        told = [e for e in self.events if e.what != "draft"]
        assert [(what, name) for what, name, _, _ in rows] == [
            (self._recorded_as(e), rows[n][1] if e.by == "either" else e.by)
            for n, e in enumerate(told)
        ]
        numbers = [
            number for what, _, _, number in rows if what in ("report sent", "report corrected")
        ]
        assert numbers == list(range(1, len(numbers) + 1))
        asked = ("report returned", "report reopened", "unit exempted")
        assert all(reason for what, _, reason, _ in rows if what in asked)

    def _recorded_as(self, event: Event) -> str:
        first = bool(self.stands.sendings) and event is self.stands.sendings[0]
        sent = "report sent" if first else "report corrected"
        return {
            "send": sent,
            "enter for": sent,
            "return": "report returned",
            "reopen": "report reopened",
            "exempt": "unit exempted",
            "lift": "exemption lifted",
            "approve": "report approved",
        }[event.what]

    def _has_an_edition(self) -> None:
        """After the lock every change has an edition, as soon as the clock has ticked."""
        self.run(self.world.at(f"{self.now:%Y-%m-%d %H:%M}"))
        frozen, entry = self.run(self._newest_edition()), self.run(self._entry())

        assert (frozen.expected, frozen.answers) == (entry.expected, entry.answers)

    async def _newest_edition(self) -> Entry:
        async with self.database.session() as session:
            editions = await editions_of(session, DAY)
        [entry] = [e for e in editions[-1].entries if e.unit == UNIT]
        return entry


def test_a_report_stands_as_its_history_says_whatever_the_order(
    empty_database: Path, tmp_path: Path
):
    Life.empty, Life.folder = empty_database, tmp_path

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making it short takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
