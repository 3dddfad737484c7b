"""The demo as a newcomer runs it: to the end, killed and resumed, and its figures recounted."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from bot.core.dialogue import receipt_code

pytestmark = pytest.mark.minutes(6)

GIAOBAN = [sys.executable, "-c", "from bot.cli import main; main()"]
WEDNESDAY = "2020-04-15"
FLOWS = ("received_direct", "received_online", "received_postal",
         "resolved_on_time", "resolved_late")  # fmt: skip
PATIENCE = 1800.0  # seconds for one demo, on a machine that is busy with other tests
# The bot asks, reminds, collects late reports, posts: a kill at each must lose nothing.
KILLED_AT = (f"{WEDNESDAY}T15:10", f"{WEDNESDAY}T15:30", f"{WEDNESDAY}T16:20", f"{WEDNESDAY}T17:00")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo that ran to its end, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "played"
    done = subprocess.run(
        [*GIAOBAN, "demo", "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same demo, killed several times on Wednesday and resumed each time."""
    folder = tmp_path_factory.mktemp("demo") / "killed"
    command = [*GIAOBAN, "demo", "--folder", str(folder)]
    for moment in KILLED_AT:
        _kill_at(command, folder, moment)
        command = [*GIAOBAN, "demo", "--resume", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return folder


def _kill_at(command: Sequence[str], folder: Path, moment: str) -> None:
    """Run a demo and kill all its processes in the middle of a simulated moment."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    clock = folder / "clock.txt"
    deadline = time.monotonic() + PATIENCE
    while not (clock.exists() and clock.read_text() >= moment):
        assert process.poll() is None, "the demo ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _rows(folder: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "giaoban.db")) as database:
        return database.execute(query, values).fetchall()


def _diaries(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in sorted((folder / "people").iterdir()):
        yield path.stem, [json.loads(line) for line in path.read_text().splitlines()]


def _printed(text: str, pattern: str) -> int:
    """Return the number that a printed text gives, as in "Nhận: 2.734"."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found, (pattern, text)
    return int(found.group(1).replace(".", ""))


def test_the_demo_ends_by_itself_and_says_what_to_try_next(played: tuple[Path, str]):
    folder, shown = played

    assert "TỔNG HỢP BÁO CÁO NGÀY 15/4/2020" in shown
    assert f"giaoban chat --as VP-VY-TS01 --config {folder / 'config.toml'}" in shown
    assert (folder / "bao-cao-tuan-2020-W16.docx").exists()


def test_about_two_hundred_people_answer_each_in_a_manner_of_their_own(played: tuple[Path, str]):
    people = list(_diaries(played[0]))

    assert 190 <= len(people) <= 220
    statuses = Counter(
        entry["status"]
        for (body,) in _rows(played[0], "SELECT body FROM snapshot WHERE kind = 'day'")
        for entry in json.loads(body)["entries"]
    )
    assert {"on_time", "late", "corrected", "missing"} <= statuses.keys()


def test_an_admin_has_bound_all_ten_groups_before_anything_is_asked(played: tuple[Path, str]):
    accepted = _rows(
        played[0],
        "SELECT code, MAX(decided_at) FROM join_request JOIN unit ON unit.id = unit_id"
        " JOIN group_chat USING (channel, chat, unit_id) WHERE accepted GROUP BY code",
    )

    assert len(accepted) == 10
    assert max(at for _, at in accepted) < "2020-04-10 08:00"  # UTC: 15:00 of the first day


def _of_its_own(key: str) -> bool:
    """Whether a message was a reminder, or asked why a sum is not the sum."""
    return "reminder" in key or key.startswith("sums@")


def test_a_report_in_one_message_needs_three_messages_of_the_bot(played: tuple[Path, str]):
    folder, _ = played
    fewest = []
    for unit, diary in _diaries(folder):
        day = [x for x in diary if x["at"].startswith(WEDNESDAY)]
        said = [x for x in day if x["kind"] == "said"]
        if "." not in unit and len(said) == 2 and said[-1]["text"] == "gửi":
            fewest.append(
                sum(x["kind"] == "saw" and not _of_its_own(x.get("key", "")) for x in day)
            )

    assert len(fewest) > 50
    assert max(fewest) <= 3


def test_digest_and_recount_from_the_stored_revisions_agree_to_the_digit(
    played: tuple[Path, str],
):
    folder, shown = played
    ((body, taken_at),) = _rows(
        folder,
        "SELECT body, taken_at FROM snapshot WHERE kind = 'day' AND period = ? AND edition = 1",
        WEDNESDAY,
    )
    assert json.loads(body)["day"] == WEDNESDAY
    ((direct, online, postal, on_time, late, pending, reports),) = _rows(
        folder, _RECOUNT_OF_A_DAY, taken_at, WEDNESDAY
    )
    # Who speaks at 17:00 sharp does so after the clock has posted: the digest cannot hold it.
    # Units that only sum others, or lie inside another, are received but not added up.
    ((received, not_added),) = _rows(
        folder,
        "SELECT COUNT(*), SUM(counts <> 'own') FROM report JOIN unit_version USING (unit_id)"
        " WHERE day = ? AND first_sent_at < ?",
        WEDNESDAY, taken_at,
    )  # fmt: skip

    digest = shown[shown.index("TỔNG HỢP BÁO CÁO NGÀY 15/4/2020") :]
    assert _printed(digest, r"^Nhận: ([\d.]+)") == direct + online + postal
    assert _printed(digest, r"trực tuyến ([\d.]+)") == online
    assert _printed(digest, r"^Trả: ([\d.]+)") == on_time + late
    assert _printed(digest, r"^Đang giải quyết: ([\d.]+)") == pending
    assert _printed(digest, r"^Báo cáo: (\d+)/") == received == reports + not_added


_RECOUNT_OF_A_DAY = """
    SELECT SUM(received_direct), SUM(received_online), SUM(received_postal),
           SUM(resolved_on_time), SUM(resolved_late), SUM(pending), COUNT(*)
    FROM revision
    JOIN (SELECT report_id, MAX(number) AS number FROM revision WHERE sent_at < ?
          GROUP BY report_id) USING (report_id, number)
    JOIN report ON report.id = report_id
    JOIN unit_version USING (unit_id)
    WHERE day = ? AND counts = 'own'
"""


def test_the_groups_messages_the_paper_and_a_recount_of_the_week_agree_to_the_digit(
    played: tuple[Path, str],
):
    folder, _ = played
    units = _recount_of_the_week(folder)
    received = [sum(u[f] for u in units) for f in ("received_online", "received_direct")]
    online, counter = received[0], received[1] + sum(u["received_postal"] for u in units)
    on_time, late, pending, overdue = (
        sum(u[f] for u in units)
        for f in ("resolved_on_time", "resolved_late", "pending", "overdue")
    )

    assert _total_row(folder / "bao-cao-tuan-2020-W16.docx") == {
        "(3)": online + counter,
        "(4)": online,
        "(6)": counter,
        "(7)": on_time + late,
        "(8)": on_time,
        "(9)": late,
        "(10)": pending,
        "(11)": pending - overdue,
        "(12)": overdue,
    }
    posted = _last_posted(folder)
    assert sum(_printed(text, r"^Nhận: ([\d.]+)") for text in posted) == online + counter
    assert sum(_printed(text, r"^Trả: ([\d.]+)") for text in posted) == on_time + late


def _last_posted(folder: Path) -> list[str]:
    """Return what the committee's group saw last of each day of the week: digest or update."""
    diary = dict(_diaries(folder))["nhom-VP.doc"]
    days = ("2020-04-10", "2020-04-13", "2020-04-14", "2020-04-15", "2020-04-16")
    by_day = ([x["text"] for x in diary if f"digest@{d}/" in x.get("key", "")] for d in days)
    return [texts[-1] for texts in by_day]


def _recount_of_the_week(folder: Path) -> list[dict[str, int]]:
    """Recount each unit's week from its newest revisions: flows summed, stocks of the last day."""
    columns = (*FLOWS, "pending", "overdue")
    rows = _rows(
        folder,
        f"""SELECT unit_id, {", ".join(columns)} FROM revision
            JOIN report ON report.id = report_id AND number = revisions
            JOIN unit_version USING (unit_id)
            WHERE counts = 'own' AND day BETWEEN '2020-04-10' AND '2020-04-16'
            ORDER BY day""",  # noqa: S608
    )
    units: dict[int, dict[str, int]] = {}
    for unit, *figures in rows:
        named = dict(zip(columns, figures, strict=True))
        so_far = units.setdefault(unit, dict.fromkeys(columns, 0))
        units[unit] = named | {f: so_far[f] + named[f] for f in FLOWS}
    return list(units.values())


def _total_row(path: Path) -> dict[str, int]:
    """Return the figures of the row "Tổng số" of the appendix by their column numbers."""
    for table in Document(str(path)).tables:
        rows = [[cell.text.strip() for cell in row.cells] for row in table.rows]
        numbers = next((row for row in rows if row[0] == "(1)"), None)
        total = next((row for row in rows if row[1:2] == ["Tổng số"]), None)
        if numbers and total:
            printed = dict(zip(numbers, total, strict=True))
            return {n: int(f.replace(".", "")) for n, f in printed.items() if f[:1].isdigit()}
    raise AssertionError("the appendix has no total")


def test_no_answer_with_a_receipt_is_missing_after_kills(killed: Path):
    kept = {
        receipt_code(unit, date.fromisoformat(day), number): figures
        for unit, day, number, *figures in _rows(killed, _ALL_REVISIONS)
    }
    receipts = 0
    for _, diary in _diaries(killed):
        for seen in (x.get("text", "") for x in diary if x["kind"] == "saw"):
            found = _RECEIPT.search(seen)
            if found:
                code, *figures = found.groups()
                assert kept[code] == [int(f.replace(".", "")) for f in figures], seen
                receipts += 1

    assert receipts > 900
    assert receipts == len(kept)


_RECEIPT = re.compile(
    r"^Đã nhận (?:báo cáo|bản sửa).* Mã (\w+)(?:, thay bản mã \w+)?\.\n"
    r"Nhận ([\d.]+), trả ([\d.]+), đang giải quyết ([\d.]+), quá hạn ([\d.]+)\."
)
_ALL_REVISIONS = """
    SELECT code, day, number, received_direct + received_online + received_postal,
           resolved_on_time + resolved_late, pending, overdue
    FROM revision JOIN report ON report.id = report_id JOIN unit ON unit.id = unit_id
"""


def test_no_message_came_twice_and_none_was_left_unconfirmed_after_kills(killed: Path):
    for unit, diary in _diaries(killed):
        keys = Counter(x["key"] for x in diary if x["kind"] == "saw")
        assert not [k for k, n in keys.items() if n > 1], unit
        said = {x["ref"] for x in diary if x["kind"] == "said"}
        assert said == {x["ref"] for x in diary if x["kind"] == "taken"}


def test_a_week_with_kills_ends_with_the_same_figures_as_one_without(
    played: tuple[Path, str], killed: Path
):
    query = "SELECT kind, period, edition, sha256 FROM snapshot ORDER BY kind, period, edition"

    assert _rows(killed, query) == _rows(played[0], query)
