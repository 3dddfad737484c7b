"""The command line as a person uses it: what it says, and how it ends."""

import contextlib
import csv
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_port
from typer.testing import CliRunner, Result

from bot.cli import app

pytestmark = pytest.mark.minutes(1)

EXAMPLE = Path(__file__).parents[1] / "bot" / "examples" / "vinh-phuc-2020-units.csv"
GIAOBAN = (sys.executable, "-c", "from bot.cli import main; main()")
SOON = 180.0  # for one command, on a machine that is busy with other tests
COMMANDS = (
    [], ["run"], ["init"], ["migrate"], ["units"], ["units", "import"], ["digest"], ["weekly"],
    ["chat"], ["doctor"], ["demo"],
)  # fmt: skip
HEAVY = {
    "aiogram",
    "telegram",
    "sqlalchemy",
    "sqlmodel",
    "aiohttp",
    "pydantic",
    "docxtpl",
    "alembic",
}

HEADER = "unit_code,name,level,parent_code,gso_code,aliases,reports,counts,counted_in"
ROOT = "VP,Tỉnh Vĩnh Phúc,province,,26,,no,aggregate,"
COMMUNE = "VP-X,Xã Quang Sơn,commune,VP,,quang son,yes,own,"


def giaoban(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a directory, as a person does."""
    return subprocess.run(
        [*GIAOBAN, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=SOON,
        check=False,
    )


def invoke(folder: Path, *arguments: str, **environment: str) -> Result:
    """The same without a process of its own, which takes seconds to start."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(app, arguments, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refusal(result: Result | subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a command failed."""
    code = result.exit_code if isinstance(result, Result) else result.returncode
    assert code != 0
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory after `giaoban init`; copied, never used."""
    folder = tmp_path_factory.mktemp("ready")
    assert invoke(folder, "init").exit_code == 0
    return folder


@pytest.fixture
def folder(ready: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready, tmp_path / "office"))


def write(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / "units.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def units_in(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "var" / "giaoban.db")
    names = connection.execute("SELECT name FROM unit_version WHERE valid_until IS NULL")
    found = [name for (name,) in names]
    connection.close()
    return found


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "var" / "giaoban.db")
    with connection:
        connection.executescript(statement)
    connection.close()


def codes_in(path: Path) -> list[tuple[str, str, str]]:
    """Return unit, duty and what to type, of each invitation."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return [(r["mã đơn vị"], r["vai trò"], r["gõ cho bot"]) for r in rows]


def test_the_commands_explain_themselves_without_loading_anything_heavy():
    program = f"""
import sys
from bot.cli import app
for words in {COMMANDS!r}:
    try:
        app([*words, "--help"])
    except SystemExit as end:
        assert end.code == 0, words
    print("loaded:", *sorted({HEAVY!r} & sys.modules.keys()))
"""

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    ).stdout

    loaded = [line for line in shown.splitlines() if line.startswith("loaded:")]
    assert shown.count("Usage:") == len(loaded) == len(COMMANDS)
    assert loaded[0].strip() == "loaded:"
    # Typer needs pydantic to explain options; nothing of ours is loaded for it.
    assert set(loaded) <= {"loaded:", "loaded: pydantic"}


def test_each_invitation_names_a_zalo_bot_with_room(tmp_path: Path):
    giaoban(tmp_path, "init")
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[zalo]\nenabled = true\npeople = 100\n")
        config.write('tokens = ["11:a", "22:b", "33:c"]\n')

    giaoban(tmp_path, "units", "import", str(EXAMPLE), "--invites", "codes.csv")

    with (tmp_path / "codes.csv").open(encoding="utf-8-sig", newline="") as file:
        named = Counter(row["bot Zalo số"] for row in csv.DictReader(file))
    assert {number: named[number] for number in ("11", "22", "33")} == dict.fromkeys(
        ("11", "22", "33"), 100
    )
    assert named[""] == named.total() - 300


def test_the_first_steps_as_a_newcomer_types_them(tmp_path: Path):
    began = giaoban(tmp_path, "init")
    again = giaoban(tmp_path, "init")
    imported = giaoban(tmp_path, "units", "import", str(EXAMPLE), "--invites", "out/codes.csv")

    assert (began.returncode, began.stderr) == (0, "")
    assert "giaoban units import" in began.stdout
    assert "đã có thông tin cơ quan" in refusal(again)
    assert (imported.returncode, imported.stderr) == (0, "")
    assert "170 đơn vị" in imported.stdout
    codes = codes_in(tmp_path / "out" / "codes.csv")
    assert len({typed for _, _, typed in codes}) == len(codes) > 340
    assert [role for unit, role, _ in codes if unit == "VP"] == [
        "phụ trách đôn đốc",
        "nhóm nhận bản tổng hợp",
        "thành viên Ban Chỉ đạo",
        "cán bộ tổng hợp",
        "quản trị",
    ]


def test_init_keeps_the_settings_file_that_is_there(tmp_path: Path):
    mine = "# của tôi\n[log]\nlevel = 'error'\n"
    (tmp_path / "config.toml").write_text(mine, encoding="utf-8")

    invoke(tmp_path, "init")

    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == mine


def test_init_names_the_profiles_there_are(tmp_path: Path):
    line = refusal(invoke(tmp_path, "init", "--profile", "ha-noi"))

    assert "ha-noi" in line
    assert "vinh-phuc" in line
    assert list(tmp_path.iterdir()) == []


def test_migrate_may_be_run_at_any_time(folder: Path, tmp_path: Path):
    shutil.copy(folder / "config.toml", tmp_path)

    kept = invoke(folder, "migrate")
    made = invoke(tmp_path, "migrate")

    assert (kept.exit_code, made.exit_code) == (0, 0)
    assert "giaoban init" in refusal(invoke(tmp_path, "digest", "--day", "2020-04-15"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["migrate"],
        ["units", "import", str(EXAMPLE)],
        ["digest", "--day", "2020-04-15"],
        ["weekly", "--week", "2020-W16"],
        ["chat", "--as", "VP-X"],
        ["doctor"],
    ],
    ids=" ".join,
)
def test_without_a_settings_file_a_command_says_how_to_get_one(
    tmp_path: Path, arguments: list[str]
):
    line = refusal(invoke(tmp_path, *arguments))

    assert "config.toml" in line
    assert "giaoban init" in line


def test_an_unknown_key_stops_the_start_and_is_named(folder: Path):
    (folder / "config.toml").write_text("[relay]\nper_secnod = 3\n", encoding="utf-8")

    assert "[relay] per_secnod" in refusal(invoke(folder, "run"))
    variable = invoke(folder, "run", GIAOBAN_LOCAL__PROT="1")
    assert "GIAOBAN_LOCAL__PROT" in refusal(variable)


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ([HEADER, ROOT, "VP-X,Xã,commune,VP-9,,,yes,own,"], "Dòng 3", "VP-9"),
        ([HEADER, ROOT, COMMUNE, COMMUNE], "Dòng 4", "VP-X"),
        ([HEADER.replace("gso_code", "gso"), ROOT, COMMUNE], "Dòng 1", "gso_code"),
        ([HEADER, ROOT, "VP-X,Xã Quang Sơn,commune,VP"], "Dòng 3", "9 ô"),
        ([HEADER, ROOT, "VP-X,,commune,VP,,,yes,own,"], "Dòng 3", "thiếu tên"),
        ([HEADER, ROOT, "VP-X,Xã,ward,VP,,,yes,own,"], "Dòng 3", "ward"),
        ([HEADER, ROOT, "VP-X,Xã,commune,VP,,,maybe,own,"], "Dòng 3", "maybe"),
        ([HEADER, ROOT, "VP-X,Xã,commune,VP,,,yes,inside,"], "Dòng 3", "counted_in"),
        ([HEADER, ROOT, 'VP-X,"Xã,commune,VP,,,yes,own,'], "Dòng 3", "CSV"),
        ([HEADER, ROOT, "VP-X,Xã,commune,,,,yes,own,"], "Dòng 3", "cấp trên"),
        ([HEADER], "Dòng 1", "chưa có đơn vị"),
        ([""], "Dòng 1", "thiếu cột"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_directory_with_a_wrong_line_is_refused_whole_and_the_line_is_named(
    folder: Path, lines: list[str], where: str, what: str
):
    file = write(folder, *lines)

    result = invoke(folder, "units", "import", str(file), "--invites", "codes.csv")

    first, *_, last = result.stderr.splitlines()
    assert result.exit_code == 1
    assert first.startswith(f"{where}: ")
    assert what in first
    assert last == "Chưa nạp đơn vị nào. Đề nghị sửa tệp rồi nạp lại."
    assert units_in(folder) == []
    assert not (folder / "codes.csv").exists()


def test_a_directory_in_another_encoding_is_refused_and_the_line_is_named(folder: Path):
    file = write(folder, HEADER, ROOT, COMMUNE, encoding="utf-16")
    broken = folder / "broken.csv"
    broken.write_bytes(f"{HEADER}\n{ROOT}\nVP-X,X".encode() + b"\xe3 Quang\n")

    utf16 = invoke(folder, "units", "import", str(file))
    ansi = invoke(folder, "units", "import", str(broken))

    assert utf16.stderr.startswith("Dòng 1: có ký tự không phải mã UTF-8")
    assert ansi.stderr.startswith("Dòng 3: có ký tự không phải mã UTF-8")
    assert units_in(folder) == []


@pytest.mark.parametrize(("separator", "encoding", "end"), [
    (",", "utf-8", "\n"), (";", "utf-8-sig", "\r\n"), (",", "utf-8-sig", "\r\n"),
])  # fmt: skip
def test_a_directory_may_come_from_excel(folder: Path, separator: str, encoding: str, end: str):
    lines = [line.replace(",", separator) for line in (HEADER, ROOT, COMMUNE)]
    file = write(folder, *lines, encoding=encoding, end=end)

    result = invoke(folder, "units", "import", str(file))

    assert result.exit_code == 0, result.stderr
    assert units_in(folder) == ["Tỉnh Vĩnh Phúc", "Xã Quang Sơn"]


def test_a_directory_file_that_cannot_be_read_is_named(folder: Path):
    assert "none.csv" in refusal(invoke(folder, "units", "import", "none.csv"))
    assert "var" in refusal(invoke(folder, "units", "import", "var"))


def test_a_directory_of_another_office_is_refused(folder: Path):
    file = write(folder, HEADER, ROOT.replace("VP", "HN"), COMMUNE.replace("VP", "HN"))

    line = refusal(invoke(folder, "units", "import", str(file)))

    assert "HN" in line
    assert "VP" in line
    assert units_in(folder) == []


def test_invitations_that_cannot_be_written_leave_the_directory_as_it_was(folder: Path):
    file = write(folder, HEADER, ROOT, COMMUNE)
    (folder / "taken").touch()

    line = refusal(invoke(folder, "units", "import", str(file), "--invites", "taken/codes.csv"))

    assert "taken" in line
    assert units_in(folder) == []


def test_importing_again_invites_only_to_duties_that_nobody_holds(folder: Path):
    file = write(folder, HEADER, ROOT, COMMUNE)
    order = ("units", "import", str(file), "--invites", "codes.csv")
    invoke(folder, *order)
    before = codes_in(folder / "codes.csv")
    change(
        folder,
        """
        INSERT INTO person VALUES (1, 'Bình', '2020-04-01'), (2, 'Cúc', '2020-04-01');
        INSERT INTO address (person_id, channel, external_id, last_used_at, valid_from, valid_until)
        VALUES (1, 'local', 'bình', '2020-04-01', '2020-04-01', NULL),
               (2, 'local', 'cúc', '2020-04-01', '2020-04-01', '2020-04-02');
        INSERT INTO duty (person_id, unit_id, role, valid_from)
        SELECT 1, id, 'focal_point', '2020-04-01' FROM unit WHERE code = 'VP-X'
        UNION SELECT 2, id, 'deputy', '2020-04-01' FROM unit WHERE code = 'VP-X';
        INSERT INTO group_chat (channel, chat, unit_id, valid_from)
        SELECT 'local', 'nhóm', id, '2020-04-01' FROM unit WHERE code = 'VP';
        """,
    )

    invoke(folder, *order)

    duties = {(unit, role) for unit, role, _ in codes_in(folder / "codes.csv")}
    held = {("VP-X", "đầu mối báo cáo"), ("VP", "nhóm nhận bản tổng hợp")}
    assert {(unit, role) for unit, role, _ in before} - duties == held
    # Cúc has left every channel: nobody can be asked in her place.
    assert ("VP-X", "đầu mối dự phòng") in duties


def test_the_directory_of_a_past_day_cannot_be_changed(folder: Path):
    first = write(folder, HEADER, ROOT, COMMUNE)
    invoke(folder, "units", "import", str(first), "--since", "2020-04-10")
    renamed = write(folder, HEADER, ROOT, COMMUNE.replace("Xã", "Phường"))

    line = refusal(invoke(folder, "units", "import", str(renamed), "--since", "2020-04-12"))

    assert "chỉ đổi được từ ngày" in line
    assert units_in(folder) == ["Tỉnh Vĩnh Phúc", "Xã Quang Sơn"]


def test_what_is_not_a_day_is_shown_an_example(folder: Path):
    assert "2020-04-15" in refusal(invoke(folder, "digest", "--day", "15/4"))
    assert "2020-04-15" in refusal(
        invoke(folder, "units", "import", str(EXAMPLE), "--since", "mai")
    )


def test_a_digest_before_there_is_one_says_so(folder: Path):
    line = refusal(invoke(folder, "digest", "--day", "2020-04-15"))

    assert line == "Chưa có bản tổng hợp ngày 2020-04-15."


def test_a_weekly_report_of_an_open_week_says_when_it_closes(folder: Path):
    line = refusal(invoke(folder, "weekly", "--week", "2020-W16", "--out", "."))

    assert "2020-W16" in line
    assert "09h00 17/04/2020" in line
    assert list(folder.glob("*.docx")) == []


@pytest.mark.parametrize("week", ["2020-W60", "W16", "tuần này", "../W16", ""])
def test_what_is_not_a_week_is_shown_an_example(folder: Path, week: str):
    assert "2020-W16" in refusal(invoke(folder, "weekly", "--week", week))


def test_a_file_that_is_no_database_is_said_to_be_none(folder: Path):
    (folder / "var" / "giaoban.db").write_text("Kính gửi: " * 200, encoding="utf-8")

    for arguments in (["migrate"], ["digest", "--day", "2020-04-15"]):
        assert "cơ sở dữ liệu" in refusal(invoke(folder, *arguments))


def test_the_check_up_ends_as_a_failure_when_somebody_must_do_something(folder: Path):
    before = invoke(folder, "doctor")
    invoke(folder, "units", "import", str(write(folder, HEADER, ROOT)))
    with running(folder):
        beside = giaoban(folder, "doctor")

    assert before.exit_code == 1
    assert "✗ Bot: chưa chạy lần nào. Chạy: giaoban run" in before.stdout.splitlines()
    assert before.stdout.endswith("Kết luận: 2 mục cần xem (dấu ✗).\n")
    assert (beside.returncode, beside.stderr) == (0, ""), beside.stdout
    assert beside.stdout.endswith("Kết luận: tất cả đều được.\n")


def test_the_plan_of_bots_needs_a_directory_and_nothing_else(folder: Path):
    before = invoke(folder, "doctor", "--plan")
    invoke(folder, "units", "import", str(write(folder, HEADER, ROOT, COMMUNE)))
    after = invoke(folder, "doctor", "--plan")

    assert "giaoban units import" in refusal(before)
    assert after.exit_code == 0
    assert "\nCần chuẩn bị 1 bot Zalo, 1 tài khoản\n" in after.stdout


@contextlib.contextmanager
def running(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The bot runs inside, on a port of its own."""
    port = free_port()
    bot = subprocess.Popen(
        [*GIAOBAN, "run"],
        cwd=folder,
        env={**os.environ, "GIAOBAN_LOCAL__PORT": str(port)},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        until_it_answers(bot, port)
        yield bot
    finally:
        bot.kill()
        bot.communicate()


def until_it_answers(bot: "subprocess.Popen[str]", port: int) -> None:
    give_up = time.monotonic() + SOON
    while time.monotonic() < give_up and bot.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/health")
            assert json.load(connection.getresponse()) == {"ok": True}
            return
        time.sleep(0.05)
    raise AssertionError("the bot did not start")


def test_a_running_bot_keeps_others_out_lets_them_read_and_stops_cleanly_when_told(folder: Path):
    with running(folder) as bot:
        second = refusal(invoke(folder, "run"))
        importing = refusal(invoke(folder, "units", "import", str(EXAMPLE)))
        migrating = refusal(invoke(folder, "migrate"))
        reading = refusal(invoke(folder, "digest", "--day", "2020-04-15"))
        bot.send_signal(signal.SIGTERM)
        _, log = bot.communicate(timeout=SOON)

    assert second == importing == migrating
    assert "đang dùng cơ sở dữ liệu" in second
    assert "Chưa có bản tổng hợp" in reading
    assert bot.returncode == 0
    assert "Traceback" not in log
    assert "ERROR" not in log
    assert not (folder / "var" / "giaoban.db-wal").exists()  # it was closed in order
