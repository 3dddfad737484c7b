"""The benchmark compares like with like; how fast it goes is for `make bench`, never for a test."""

import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from benchmarks.dialogue_steps import (
    AT,
    ONE_BY_ONE,
    WAYS,
    WHOLE_FORM,
    Play,
    Rates,
    Way,
    conditions,
    giaoban,
    measure,
    plain,
    prepare,
    rate,
    said_by,
    table,
)
from bot.app import office_of
from bot.core.messaging import Inbound
from bot.core.office import Office
from bot.profile import profile_settings
from storage.database import Database

PEOPLE = 3
HALF_WAY = Way("half way", ONE_BY_ONE.says[:5])


@pytest.fixture(scope="module")
def office() -> Office:
    return office_of(profile_settings("vinh-phuc"), AT.year)


@pytest.fixture
async def seed(tmp_path: Path, office: Office) -> Path:
    path = tmp_path / "seed.db"
    await prepare(path, office, PEOPLE)
    return path


async def rows_after(
    play: Play, seed: Path, office: Office, said: Sequence[Inbound]
) -> dict[str, list[tuple]]:
    """All rows of all tables after a bot has heard what was said, on a copy of the seed."""
    path = Path(shutil.copy(seed, seed.with_name(f"{play.__name__}.db")))
    database = Database(f"sqlite+aiosqlite:///{path}")
    await play(database, office, said)
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()  # noqa: S608
            for name in SQLModel.metadata.tables
        }


@pytest.mark.parametrize("way", [*WAYS, HALF_WAY], ids=lambda way: way.name)
async def test_both_bots_keep_the_same_rows(way: Way, seed: Path, office: Office):
    said = said_by(PEOPLE, way, AT)

    ours = await rows_after(giaoban, seed, office, said)
    theirs = await rows_after(plain, seed, office, said)

    assert ours == theirs
    assert len(ours["outbox"]) == PEOPLE * (1 + len(way.says))


async def test_both_bots_handle_an_update_only_once(seed: Path, office: Office):
    said = said_by(PEOPLE, WHOLE_FORM, AT)
    once = {play: await rows_after(play, seed, office, said) for play in (giaoban, plain)}

    twice = {play: await rows_after(play, seed, office, said * 2) for play in (giaoban, plain)}

    assert twice == once


async def test_people_who_could_not_report_are_not_measured(seed: Path, office: Office):
    unsent = Way("unsent", WHOLE_FORM.says[:-1])

    with pytest.raises(RuntimeError, match="unsent: 0 of 3 people could report"):
        await rate(giaoban, seed, office, unsent, PEOPLE)


async def test_a_run_measures_both_bots_in_every_way(tmp_path: Path):
    measured = await measure(tmp_path, steps=30)

    assert [r.way for r in measured] == [way.name for way in WAYS]
    assert all(r.giaoban > 0 and r.plain > 0 for r in measured)


def test_the_table_ends_with_the_verdict_of_the_slowest_way():
    measured = [Rates("whole form", 1600, 100), Rates("one by one", 1499, 300)]

    assert table(measured).splitlines() == [
        "way to report   Giao Ban, steps/s   plain, steps/s   ratio",
        "whole form                  1,600              100    16.0",
        "one by one                  1,499              300     5.0",
        "",
        "budget: ratio at least 5: NOT kept",
        "budget: at least 1,500 steps/s: NOT kept",
    ]


def test_the_budget_is_kept_to_the_dot():
    kept = table([Rates("whole form", 1500, 300)])

    assert "NOT" not in kept


def test_what_the_rates_depend_on_is_named():
    assert re.fullmatch(
        r"\d+ cores, load [\d.]+, Python 3[\d.]+, SQLite 3[\d.]+ \(WAL, synchronous=FULL\), "
        r"batches of 100, medians of 3 rounds\n",
        conditions(),
    )
