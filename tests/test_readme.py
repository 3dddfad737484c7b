"""What README and guide promise: commands are typed as they stand there, screens are real."""

import asyncio
import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from botapi import Bot, BotApi, Seen

pytestmark = pytest.mark.minutes(1)

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/huong-dan-su-dung.md").read_text(encoding="utf-8")
TRANSCRIPTS = [f.read_text(encoding="utf-8") for f in (ROOT / "tests/transcripts").glob("*.txt")]
SOON = 180.0  # on a machine that is busy with other tests

_TRIAL = README.partition("## Telegram: from BotFather")[2].partition("\n## ")[0]
SETTING_UP, LOOKING, ASKING, POSTING = (
    [line.strip() for line in block.strip().splitlines()]
    for block in re.findall(r"```sh\n(.*?)```", _TRIAL, re.DOTALL)
)
[SETTINGS] = [dedent(block) for block in re.findall(r"```toml\n(.*?) *```", _TRIAL, re.DOTALL)]
[REPORT] = ["\n".join(re.findall(r"^ +> (.*)$", _TRIAL, re.MULTILINE))]


@pytest.mark.parametrize("screen", re.findall(r"```text\n(.*?)```", README + GUIDE, re.DOTALL))
def test_a_screen_is_one_that_a_transcript_shows(screen: str):
    assert any(screen in transcript for transcript in TRANSCRIPTS)


async def test_the_way_from_botfather_to_the_first_digest_leads_there(tmp_path: Path):
    """Word for word, but for the seconds that nobody needs to wait here."""
    trial = Trial(tmp_path)
    async with BotApi() as api:
        bot = api.bot("giaoban_bot", name="Giao Ban")
        await trial.sets_up(api.base, bot)
        doctor = await trial.types(LOOKING[0])
        admin, focal_point = api.person("Quản trị"), api.person("Nguyễn Thị Lan")
        group = api.group("Chống dịch CORONA", owner=admin)

        async with trial.running(ASKING[0], "14:50:00", "14:59:40"):
            await admin.opens(trial.invited("Tỉnh Vĩnh Phúc", "quản trị", "liên kết Telegram"))
            await focal_point.opens(
                trial.invited("Phường Tích Sơn", "đầu mối báo cáo", "liên kết Telegram")
            )
            await admin.adds(bot, group)
            await admin.says(
                group, trial.invited("Tỉnh Vĩnh Phúc", "nhóm nhận bản tổng hợp", "gõ cho bot")
            )
            await shown(admin, bot, "đề nghị kết nối")
            await admin.taps(bot, "Chấp nhận")
            await shown(admin, group, "Nhóm đã kết nối")
            await shown(focal_point, bot, "báo cáo ngày 15/4")
            await focal_point.says(bot, REPORT)
            await shown(focal_point, bot, "Đúng thì gõ GỬI")
            await focal_point.taps(bot, "Gửi")
            receipt = await shown(focal_point, bot, "Đã nhận báo cáo")
        async with trial.running(POSTING[0], "16:59:30", "16:59:55"):
            digest = await shown(admin, group, "TỔNG HỢP BÁO CÁO NGÀY 15/4/2020")
            tap = await admin.taps(group, "Quá hạn (1 đơn vị)")
            details = await tap.answer(timeout=SOON)

    assert "@giaoban_bot" in doctor
    assert "Mã " in receipt.text
    assert "Báo cáo: 1/" in digest.text
    assert details
    assert "P. Tích Sơn" in details.text


async def shown(person, chat, text: str) -> Seen:
    """Wait until a person's screen shows a message of the bot with these words."""
    async with asyncio.timeout(SOON):
        while True:
            for message in reversed(person.sees(chat)):
                if not message.from_me and text in message.text:
                    return message
            await asyncio.sleep(0.02)


class Trial:
    """Somebody at the office's machine who does what the README says, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "bot").symlink_to(ROOT / "bot")
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "giaoban").symlink_to(Path(sys.executable).parent / "giaoban")
        self._folder = folder
        self._environment = {**os.environ, "GIAOBAN_LOCAL__ENABLED": "false"}

    async def sets_up(self, api: str, bot: Bot) -> None:
        self._environment["GIAOBAN_TELEGRAM__API_URL"] = api
        await self.types(" && ".join(SETTING_UP))
        self._folder /= "thu"
        (self._folder / "token.txt").write_text(f"{bot.token}\n", encoding="utf-8")
        with (self._folder / "config.toml").open("a", encoding="utf-8") as config:
            config.write(SETTINGS)

    async def types(self, command: str) -> str:
        typed = await asyncio.create_subprocess_shell(
            command,
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(typed.communicate(), SOON)
        return said.decode()

    def invited(self, unit: str, role: str, column: str) -> str:
        with (self._folder / "ma-moi.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = [r for r in csv.DictReader(file) if (r["đơn vị"], r["vai trò"]) == (unit, role)]
        return rows[0][column]

    def running(self, command: str, said: str, sooner: str) -> "Running":
        assert said in command
        return Running(command.replace(said, sooner), self._folder, self._environment)


class Running:
    """The bot runs inside, and is stopped by Ctrl+C after it."""

    def __init__(self, command: str, folder: Path, environment: dict[str, str]) -> None:
        self._start = asyncio.create_subprocess_shell(
            f"exec env {command}", cwd=folder, env=environment, stderr=subprocess.PIPE
        )

    async def __aenter__(self) -> None:
        self._process = await self._start

    async def __aexit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        _, log = await asyncio.wait_for(self._process.communicate(), SOON)
        assert self._process.returncode == 0, log.decode()
