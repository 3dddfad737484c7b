"""The roof: who may hold the database, what stops a start, what runs when the clock is moved."""

import asyncio
import os
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from ports import free_port
from pydantic import SecretStr
from sqlalchemy.exc import DatabaseError

from bot.app import CannotStart, build, office_of, only_writer, opened, run
from bot.channels.local_client import LocalClient
from bot.config import Clock, Config, Local, Relay, Storage, Web
from bot.core.directory import UnitRow
from bot.core.messaging import Outbound
from bot.core.office import OfficeError
from bot.core.rollup import Counts
from bot.profile import profile_settings
from storage import outbox
from storage.database import Database
from storage.files import keep_file
from storage.migrate import upgrade
from storage.office import invite, keep_directory, keep_settings, units_on

START = datetime.fromisoformat("2020-04-15T08:00+07:00")
SOON = 20.0


def config_for(path: Path, **more: Any) -> Config:
    """Settings of a bot whose clock is moved from outside and that sends without a pause."""
    fast = Relay(per_second=1e6, per_chat_seconds=1e-6, per_group_seconds=1e-6)
    mailbox = path.parent / "mail" / "box.jsonl"
    parts = {
        "storage": Storage(url=f"sqlite+aiosqlite:///{path}"),
        "local": Local(port=free_port(), mailbox=mailbox),
        "relay": fast,
        "clock": Clock(start=START, stepped=True),
    }
    return Config(**{**parts, **more})


@pytest.fixture
async def office(database: Database, database_path: Path) -> Config:
    """An office of a province and one commune."""
    units = [
        UnitRow("VP", "Tỉnh Vĩnh Phúc", "province", None, "", (), False, Counts.AGGREGATE, None),
        UnitRow("VP-X", "Xã Quang Sơn", "commune", "VP", "", (), True, Counts.OWN, None),
    ]
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
        await keep_directory(session, units, since=date(2020, 4, 1))
    return config_for(database_path)


async def code_for(database: Database, unit: str, role: str) -> str:
    async with database.session() as session:
        ids = {u.code: u.id for u in await units_on(session, START.date())}
        until = START + timedelta(days=30)
        return await invite(session, unit_id=ids[unit], role=role, expires_at=until)


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[str]:
    """The bot runs inside as `giaoban run` lets it, and has stopped as it was told after it."""
    address = f"http://{config.local.host}:{config.local.port}"
    task = asyncio.create_task(run(config))
    try:
        await answers(address, task)
        yield address
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, SOON)


async def answers(address: str, bot: "asyncio.Task[None]") -> None:
    async with ClientSession() as client, asyncio.timeout(SOON):
        while not bot.done():
            try:
                await client.get(f"{address}/health")
                return
            except ClientError:
                await asyncio.sleep(0.01)


async def post(address: str, path: str, **body: Any) -> Any:
    async with ClientSession() as client, client.post(f"{address}{path}", json=body) as response:
        return await response.json()


def test_the_database_belongs_to_one_process_and_is_free_after_it(tmp_path: Path):
    config = config_for(tmp_path / "giaoban.db")

    with (
        only_writer(config),
        pytest.raises(CannotStart, match="đang dùng cơ sở dữ liệu"),
        only_writer(config),
    ):
        pass

    with only_writer(config):
        pass


def test_another_name_of_the_same_database_is_no_way_around_the_lock(tmp_path: Path):
    (tmp_path / "alias.db").symlink_to(tmp_path / "real.db")
    one, other = (config_for(tmp_path / name) for name in ("real.db", "alias.db"))

    with only_writer(one), pytest.raises(CannotStart), only_writer(other):
        pass


def test_two_databases_do_not_get_in_each_other_s_way(tmp_path: Path):
    with only_writer(config_for(tmp_path / "a.db")), only_writer(config_for(tmp_path / "b.db")):
        pass


def test_an_office_without_settings_cannot_start():
    with pytest.raises(CannotStart, match="giaoban init"):
        office_of({}, 2020)


def test_a_wrong_setting_of_the_office_is_named():
    settings = {**profile_settings("vinh-phuc"), "times.cut_off": "25:00"}

    with pytest.raises(OfficeError, match=r"times\.cut_off"):
        office_of(settings, 2020)


async def test_a_missing_database_stops_the_start(tmp_path: Path):
    with pytest.raises(CannotStart, match="giaoban migrate"):
        async with opened(config_for(tmp_path / "none.db")):
            pass

    assert not (tmp_path / "none.db").exists()


async def test_an_old_schema_stops_the_start(tmp_path: Path):
    (tmp_path / "old.db").touch()

    with pytest.raises(CannotStart, match="giaoban migrate"):
        async with opened(config_for(tmp_path / "old.db")):
            pass


async def test_a_database_without_an_office_stops_the_start(tmp_path: Path):
    config = config_for(tmp_path / "empty.db")
    upgrade(config.storage.url)

    with pytest.raises(CannotStart, match="giaoban init"):
        async with opened(config):
            pass


async def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path):
    (tmp_path / "text.db").write_text("Kính gửi: " * 200, encoding="utf-8")

    with pytest.raises(DatabaseError, match="not a database"):
        async with opened(config_for(tmp_path / "text.db")):
            pass


async def test_a_broken_mailbox_stops_the_start_and_is_named(office: Config):
    office.local.mailbox.parent.mkdir()
    office.local.mailbox.write_text("không phải JSON\n", encoding="utf-8")

    async with opened(office) as (database, found, clock):
        with pytest.raises(CannotStart, match=r"box\.jsonl"):
            build(office, database, found, clock)


async def test_a_port_that_is_taken_stops_the_start_and_is_named(office: Config):
    with socket.socket() as taken:
        taken.bind((office.local.host, office.local.port))
        taken.listen()

        with pytest.raises(CannotStart, match=f"local.*{office.local.port}"):
            await run(office)


async def test_the_bot_answers_does_what_is_due_and_stops_when_told(
    office: Config, database: Database
):
    code = await code_for(database, "VP-X", "focal_point")

    async with running(office) as address, LocalClient(address) as client:
        await client.say("x", "x", "1", f"/start {code}", "Bình")
        await post(address, "/clock", now="2020-04-15T14:59:00+07:00")
        welcome = await client.messages("x")
        shown = await post(address, "/clock", now="2020-04-15T15:00:00+07:00")
        prompt = await client.messages("x", after=welcome[-1].id)

    assert "Xã Quang Sơn" in welcome[0].text
    assert shown == {"now": "2020-04-15T15:00:00+07:00"}
    assert [m.key for m in prompt] == ["prompt@2020-04-15/VP-X/local/x"]


def web_on(port: int) -> Web:
    url = f"http://127.0.0.1:{port}"
    return Web(public_url=url, port=port, link_secret=SecretStr("mot-chuoi-bi-mat-dai"))


async def test_a_link_in_a_message_opens_its_file_while_the_bot_runs(
    office: Config, database: Database
):
    config = office.model_copy(update={"web": web_on(free_port())})
    async with database.write() as connection:
        paper = await keep_file(connection, b"PK", "tuan.docx", now=START)
        week = Outbound("week", "local", "x", "Báo cáo tuần", file=paper)
        await outbox.enqueue(connection, [week], now=START)

    async with running(config) as address, LocalClient(address) as client:
        await post(address, "/quiet")
        [seen] = await client.messages("x")
        url = re.search(r"https?://\S+", seen.text)
        assert url is not None
        async with ClientSession() as browser, browser.get(url.group()) as response:
            opened_body = await response.read()

    assert seen.text == (f"Báo cáo tuần\n\nTệp tuan.docx: {url.group()} (mở được đến 8h00 22/4)")
    assert opened_body == b"PK"


async def test_without_a_public_address_a_message_says_where_to_get_its_file(
    office: Config, database: Database
):
    async with database.write() as connection:
        paper = await keep_file(connection, b"PK", "tuan.docx", now=START)
        week = Outbound("week", "local", "x", "Báo cáo tuần", file=paper)
        await outbox.enqueue(connection, [week], now=START)

    async with running(office) as address, LocalClient(address) as client:
        await post(address, "/quiet")
        [seen] = await client.messages("x")

    assert seen.text == ("Báo cáo tuần\n\nTệp tuan.docx: đề nghị nhận tại Văn phòng UBND tỉnh.")


async def test_a_taken_port_of_the_public_address_stops_the_start_and_is_named(office: Config):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart, match=rf"\[web\].*{port}"):
            await run(office.model_copy(update={"web": web_on(port)}))


async def test_what_was_said_before_a_stop_is_remembered_after_the_next_start(
    office: Config, database: Database
):
    code = await code_for(database, "VP-X", "focal_point")

    async with running(office) as address, LocalClient(address) as client:
        await client.say("x", "x", "1", f"/start {code}", "Bình")
    async with running(office) as address, LocalClient(address) as client:
        await client.say("x", "x", "1", f"/start {code}", "Bình")  # it heard no answer
        await post(address, "/quiet")
        seen = await client.messages("x")

    assert len(seen) == 1


async def test_a_running_bot_lets_no_second_one_start(office: Config):
    async with running(office):
        with pytest.raises(CannotStart, match="đang dùng"):
            await run(office)


async def test_without_a_stepped_clock_nobody_can_move_it(office: Config):
    config = office.model_copy(update={"clock": Clock(start=START)})

    async with running(config) as address, ClientSession() as client:
        moved = await client.post(f"{address}/clock", json={"now": START.isoformat()})
        waited = await client.post(f"{address}/quiet")

    assert (moved.status, waited.status) == (404, 404)
