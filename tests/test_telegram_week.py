"""A week over Telegram, by polling and by webhook, comes to what the built-in messenger comes to.

The same people play the demo's week three times, with the bot as a process apart; over Telegram it
speaks HTTP with the stand-in of the Bot API.
"""

import asyncio
import csv
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest
from botapi import BotApi
from ports import free_port
from telegram_crowd import TelegramMessenger, telegram_settings

from bot.channels.local_client import LocalClient
from bot.demo.conductor import FIRST, Stage, bot_running, invited, play_week, prepare

pytestmark = pytest.mark.minutes(3)

SEED = 406  # with these units somebody answers in each manner, and one only question by question
BODIES = {
    *("VP", "VP-VPUB", "VP-TTHCC", "VP-SNV", "VP-STP", "VP-SKHDT", "VP-STC", "VP-SCT"),
    *("VP-SNN", "VP-SGTVT", "VP-SXD", "VP-STNMT", "VP-SYT", "VP-BHXH", "VP-CTHUE"),
}
DISTRICTS = ("VP-VY", "VP-PY")
GROUPS = ("nhom-VP", "nhom-VP-VY", "nhom-VP-PY")
PATIENCE = 1800.0  # seconds for all weeks, on a machine that is busy with other tests
OVER_TELEGRAM = ("polling", "webhook")
_RECEIPT = re.compile(
    r"^Đã nhận (?:báo cáo|bản sửa).* Mã (\w+)(?:, thay bản mã \w+)?\.$", re.MULTILINE
)
_FIGURES = re.compile(r"^(?:Báo cáo|Nhận|Trả|Đang giải quyết|Quá hạn chưa trả): .*$", re.MULTILINE)
_DIGEST = re.compile(r"^(?:TỔNG HỢP BÁO CÁO|BỔ SUNG TỔNG HỢP) NGÀY (\S+)")


@dataclass(frozen=True, slots=True)
class Week:
    """A week that was played.

    Attributes:
        calls: of the bot at the stand-in, by method; none over the built-in messenger.
        refused: how many of them were.
    """

    folder: Path
    calls: Counter[str]
    refused: int

    def diaries(self) -> Iterator[tuple[str, list[dict[str, str]]]]:
        for path in sorted((self.folder / "people").iterdir()):
            yield path.stem, [json.loads(line) for line in path.read_text().splitlines()]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "giaoban.db")) as database:
            return database.execute(query).fetchall()


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Week]:
    """The same week over each messenger, all at the same time."""
    folder = tmp_path_factory.mktemp("weeks")
    units = _few_units(folder / "units.csv")
    return asyncio.run(_played(folder, units))


async def _played(folder: Path, units: Path) -> dict[str, Week]:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as playing:
        local = playing.create_task(_over_local(Stage(folder / "local", units)))
        telegram = [
            playing.create_task(_over_telegram(Stage(folder / mode, units), mode))
            for mode in OVER_TELEGRAM
        ]
    played = [local, *telegram]
    return dict(zip(("local", *OVER_TELEGRAM), (p.result() for p in played), strict=True))


async def _over_local(stage: Stage) -> Week:
    await prepare(stage)
    async with bot_running(stage) as base_url, LocalClient(base_url) as client:
        await play_week(stage, base_url, client, seed=SEED, show=_unheard)
    return Week(stage.folder, Counter(), 0)


async def _over_telegram(stage: Stage, mode: str) -> Week:
    await prepare(stage)
    async with BotApi(now=lambda: _simulated(stage), hurry=100) as api:
        bot = api.bot("giaoban_bot", name="Giao Ban")
        messenger = TelegramMessenger(api, bot, invited(stage, seed=SEED))
        await messenger.add_bot()
        port = free_port() if mode == "webhook" else None
        with stage.config.open("a", encoding="utf-8") as config:
            config.write(telegram_settings(api, bot, webhook_port=port))
        async with bot_running(stage) as base_url:
            await play_week(stage, base_url, messenger, seed=SEED, show=_unheard)
        calls = Counter(call.method for call in api.calls)
        return Week(stage.folder, calls, api.counts("4"))


def _simulated(stage: Stage) -> datetime:
    """Return the time that the conductor has come to."""
    if stage.clock.exists():
        return datetime.fromisoformat(stage.clock.read_text(encoding="utf-8"))
    return datetime.fromisoformat(f"{FIRST}T07:00+07:00")


def _few_units(file: Path) -> Path:
    """Write the directory of some bodies of the province and two districts with their communes."""
    example = resources.files("bot") / "examples" / "vinh-phuc-2020-units.csv"
    header, *rows = csv.reader(example.read_text(encoding="utf-8-sig").splitlines())
    kept = [r for r in rows if r[0] in BODIES or r[0].startswith(DISTRICTS)]
    with file.open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([header, *kept])
    return file


def _unheard(line: str) -> None:
    """What the conductor tells of the days is not what is tested."""


def test_updates_come_the_way_that_was_set(weeks: dict[str, Week]):
    polling, webhook = weeks["polling"].calls, weeks["webhook"].calls

    assert polling["getUpdates"] > 100
    assert not polling["setWebhook"]
    assert webhook["setWebhook"] == 1
    assert not webhook["getUpdates"]


@pytest.mark.parametrize("mode", OVER_TELEGRAM)
def test_telegram_refuses_nothing_that_the_bot_asks_in_a_week(weeks: dict[str, Week], mode: str):
    assert weeks[mode].refused == 0
    assert weeks[mode].calls["editMessageText"] > 50


def test_somebody_answers_in_each_manner(weeks: dict[str, Week]):
    statuses = Counter(
        entry["status"]
        for (body,) in weeks["local"].rows("SELECT body FROM snapshot WHERE kind = 'day'")
        for entry in json.loads(str(body))["entries"]
    )

    assert {"on_time", "late", "corrected", "missing"} <= statuses.keys()


@pytest.mark.parametrize("mode", OVER_TELEGRAM)
def test_each_day_and_the_week_have_the_same_figures_and_fingerprint(
    weeks: dict[str, Week], mode: str
):
    query = "SELECT kind, period, edition, body, sha256 FROM snapshot ORDER BY 1, 2, 3"

    snapshots = weeks["local"].rows(query)

    assert [period for kind, period, *_ in snapshots if kind == "week"] == ["2020-W16"]
    assert weeks[mode].rows(query) == snapshots


@pytest.mark.parametrize("mode", OVER_TELEGRAM)
def test_everybody_gets_the_same_receipts_on_the_same_days(weeks: dict[str, Week], mode: str):
    receipts = _receipts(weeks["local"])

    assert len(receipts) > 100
    assert _receipts(weeks[mode]) == receipts


@pytest.mark.parametrize("mode", OVER_TELEGRAM)
@pytest.mark.parametrize("group", GROUPS)
def test_a_group_reads_the_same_digests_and_the_figures_of_each_update_at_the_head_of_the_post(
    weeks: dict[str, Week], mode: str, group: str
):
    posted, edited = _digests(weeks["local"], group), _digests(weeks[mode], group)

    assert len(posted) == 6
    assert max(map(len, posted.values())) > 1
    assert {day: seen[0] for day, seen in edited.items()} == {d: p[0] for d, p in posted.items()}
    for day, (first, *updates) in posted.items():
        for update, post in zip(updates, edited[day][1:], strict=True):
            head, _, body = post.partition("TỔNG HỢP LÚC 17h00\n\n")
            assert first.endswith(body)
            assert _FIGURES.findall(head) == _FIGURES.findall(update)


def _receipts(week: Week) -> dict[tuple[str, str], list[str]]:
    """Return the codes of the receipts that each person saw, by person and day."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for person, lines in week.diaries():
        for line in lines:
            if line["kind"] == "saw" and (receipt := _RECEIPT.search(line["text"])):
                found[person, line["at"][:10]].append(receipt[1])
    return found


def _digests(week: Week, group: str) -> dict[str, list[str]]:
    """Return what a group saw of each day's digest, the oldest first: the post and its updates."""
    found: dict[str, list[str]] = {}
    for line in dict(week.diaries())[f"{group}.doc"]:
        if line["kind"] == "saw" and (day := _DIGEST.match(line["text"])):
            found.setdefault(day[1], []).append(line["text"])
    return found
