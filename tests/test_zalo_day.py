"""A whole day of the province on Zalo comes to what the same day on Telegram comes to.

All 170 units; as many bots as the planner says; the committee's group on Zalo. What the day costs
in messages is counted and printed.
"""

import asyncio
import json
import re
import sqlite3
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest
from botapi import BotApi
from telegram_crowd import TelegramMessenger, telegram_settings
from zalo_crowd import ZaloMessenger, zalo_settings
from zaloapi import ZaloApi

from bot.config import load
from bot.demo.conductor import FIRST, Stage, bot_running, invited, play_week, prepare
from bot.demo.diary import Diary
from bot.plan import planned

pytestmark = pytest.mark.minutes(2)

SEED = 2020
PATIENCE = 1800.0  # seconds for both days, on a machine that is busy with other tests
COMMITTEE = "nhom-VP.doc"
AT_MOST_OUT, AT_MOST_BOTH = 2, 3
_DIGEST = "TỔNG HỢP BÁO CÁO NGÀY"
_RECEIPT = re.compile(r"^Đã nhận (?:báo cáo|bản sửa).* Mã (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was played.

    Attributes:
        bots: how many carried it.
    """

    folder: Path
    bots: int
    refused: int

    def rows(self, query: str, *values: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "giaoban.db")) as database:
            return database.execute(query, values).fetchall()

    def saw(self, address: str) -> list[str]:
        lines = Diary.opened(self.folder / "people" / f"{address}.jsonl").lines
        return [line.text for line in lines if line.kind == "saw"]

    def receipts(self) -> Mapping[str, Sequence[str]]:
        people = sorted(p.stem for p in (self.folder / "people").iterdir())
        return {p: [r[1] for t in self.saw(p) if (r := _RECEIPT.search(t))] for p in people}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Day]:
    """The same day over each messenger, both at the same time."""
    folder = tmp_path_factory.mktemp("days")
    return asyncio.run(_played(folder))


async def _played(folder: Path) -> dict[str, Day]:
    example = resources.files("bot") / "examples" / "vinh-phuc-2020-units.csv"
    with resources.as_file(example) as units:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as playing:
            telegram = playing.create_task(_over_telegram(Stage(folder / "telegram", units)))
            zalo = playing.create_task(_over_zalo(Stage(folder / "zalo", units)))
    return {"telegram": telegram.result(), "zalo": zalo.result()}


async def _over_telegram(stage: Stage) -> Day:
    await prepare(stage)
    async with BotApi(now=lambda: _simulated(stage), hurry=100) as api:
        bot = api.bot("giaoban_bot", name="Giao Ban")
        messenger = TelegramMessenger(api, bot, invited(stage, seed=SEED))
        await messenger.add_bot()
        _configure(stage, telegram_settings(api, bot))
        await _play(stage, messenger)
        return Day(stage.folder, 1, api.counts("4"))


async def _over_zalo(stage: Stage) -> Day:
    await prepare(stage)
    async with ZaloApi(now=lambda: _simulated(stage), hurry=10) as api:
        plan = (await planned(load(stage.config))).plan.larger
        bots = [api.bot(f"Bot Giao Ban {n}") for n in range(1, plan.bots + 1)]
        for bot in bots:
            bot.quota(3000, both_ways=True)
        messenger = ZaloMessenger(api, bots, invited(stage, seed=SEED))
        _configure(stage, zalo_settings(api, bots))
        await _play(stage, messenger)
        refused = [c for c in api.calls if c.error_code not in (0, 408, None)]
        webhooks = [c for c in refused if c.method == "getWebhookInfo"]
        return Day(stage.folder, len(bots), len(refused) - len(webhooks))


async def _play(stage: Stage, messenger: TelegramMessenger | ZaloMessenger) -> None:
    async with bot_running(stage) as base_url:
        await play_week(stage, base_url, messenger, seed=SEED, show=_unheard, last=FIRST)


def _configure(stage: Stage, settings: str) -> None:
    with stage.config.open("a", encoding="utf-8") as config:
        config.write(settings)


def _simulated(stage: Stage) -> datetime:
    """Return the time that the conductor has come to."""
    if stage.clock.exists():
        return datetime.fromisoformat(stage.clock.read_text(encoding="utf-8"))
    return datetime.fromisoformat(f"{FIRST}T07:00+07:00")


def _unheard(line: str) -> None:
    """What the conductor tells of the day is not what is tested."""


def test_zalo_refuses_nothing_that_the_bot_asks_in_a_day(days: dict[str, Day]):
    assert days["zalo"].refused == 0


def test_the_day_has_the_same_figures_and_fingerprint_as_on_telegram(days: dict[str, Day]):
    query = "SELECT kind, period, edition, body, sha256 FROM snapshot ORDER BY 1, 2, 3"

    snapshots = days["telegram"].rows(query)

    statuses = Counter(e["status"] for e in json.loads(str(snapshots[0][3]))["entries"])
    assert statuses["on_time"] > 100
    assert days["zalo"].rows(query) == snapshots


def test_the_committee_reads_the_same_digest(days: dict[str, Day]):
    on_telegram, *_ = [t for t in days["telegram"].saw(COMMITTEE) if t.startswith(_DIGEST)]
    on_zalo, *_ = [t for t in days["zalo"].saw(COMMITTEE) if t.startswith(_DIGEST)]

    assert on_zalo.partition("\nCó thể gắn thẻ bot")[0] == on_telegram


def test_everybody_gets_the_same_receipts(days: dict[str, Day]):
    receipts = days["telegram"].receipts()

    assert sum(map(len, receipts.values())) > 150
    assert days["zalo"].receipts() == receipts


def test_a_report_costs_two_messages_of_the_bot_and_one_of_the_unit(
    days: dict[str, Day], capsys: pytest.CaptureFixture[str]
):
    costs = _costs(days["zalo"])
    out, both = [o for o, _ in costs.values()], [o + i for o, i in costs.values()]
    at_once = {u: c for u, c in costs.items() if c[1] == 1}

    with capsys.disabled():
        print(
            f"\nZalo, một ngày, {len(costs)} đơn vị, {days['zalo'].bots} bot, không kể tin nhắc: "
            f"gửi đi trung bình {statistics.mean(out):.2f}, trung vị {statistics.median(out):g}, "
            f"nhiều nhất {max(out)}; cả hai chiều trung bình {statistics.mean(both):.2f}, "
            f"trung vị {statistics.median(both):g}, nhiều nhất {max(both)}; "
            f"{len(at_once)} đơn vị báo cáo bằng một tin; số còn lại có sửa, ghi sai, bị hỏi lại "
            f"hoặc không báo cáo."
        )

    assert len(at_once) > len(costs) * 0.6
    assert statistics.median(out) <= AT_MOST_OUT
    assert statistics.median(both) <= AT_MOST_BOTH
    assert max(o for o, _ in at_once.values()) <= AT_MOST_OUT
    assert max(o + i for o, i in at_once.values()) <= AT_MOST_BOTH


def _costs(day: Day) -> dict[str, tuple[int, int]]:
    """Return for each unit the messages out and in, after all had joined.

    Left out are reminders, and the question to who sums others why the sum differs.
    """
    of_chat = dict(
        day.rows(
            "SELECT address.channel || address.external_id, unit.code FROM address"
            " JOIN duty USING (person_id) JOIN unit ON unit.id = duty.unit_id"
            " WHERE duty.role IN ('focal_point', 'deputy')"
        )
    )
    joined = f"{FIRST.isoformat()} 02:00"  # 9h00 in UTC
    sent = day.rows(
        "SELECT channel || chat FROM outbox WHERE fate = 'sent' AND NOT in_group"
        " AND due_at > ? AND key NOT LIKE 'reminder_%' AND key NOT LIKE 'sums@%'",
        joined,
    )
    heard = day.rows("SELECT channel || chat FROM inbox WHERE received_at > ?", joined)
    out = Counter(of_chat[chat] for (chat,) in sent if chat in of_chat)
    back = Counter(of_chat[chat] for (chat,) in heard if chat in of_chat)
    return {str(unit): (out[unit], back[unit]) for unit in out.keys() | back.keys()}
