"""The check-up, on a real database file and the stand-in of the Bot API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from botapi import Bot, BotApi, Fault, Group
from world import UNITS, World, moment, opened

from bot.app import only_writer
from bot.config import Config
from bot.doctor import Finding, conclusion, examine
from bot.profile import profile_settings
from storage.database import Database
from storage.office import invitation, join_group, keep_settings

OTHER_TOKEN = "123456:wrong-token-of-the-right-shape"  # noqa: S105
HOOK = "http://127.0.0.1:9/telegram"
WEBHOOK = {"mode": "webhook", "webhook_url": HOOK, "webhook_secret": "a-secret-of-the-office"}


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(hurry=100) as server:
        yield server


@pytest.fixture
def bot(api: BotApi) -> Bot:
    return api.bot("giaoban_bot", name="Giao Ban")


@pytest.fixture
async def world(database: Database) -> World:
    """All units have a focal point; it is Monday 13 April 2020, 8 in the morning."""
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    world = await opened(database)
    await world.all_join(*((f"đầu mối {unit}", unit, "focal_point") for unit in UNITS[1:]))
    return world


@pytest.fixture
async def group(api: BotApi, bot: Bot, world: World) -> Group:
    """The group of the committee, bound in its topic."""
    lan = api.person("Nguyễn Thị Lan")
    group = api.group("Ban Chỉ đạo", owner=lan, forum=True)
    await lan.adds(bot, group)
    typed = await world.code("VP", "group")
    async with world.bot.database.session() as session:
        code = await invitation(session, typed)
        assert code
        await join_group(
            session,
            code,
            channel="telegram",
            chat=str(group.id),
            thread=str(group.topic("Báo cáo").id),
            title="Tên cũ",
            now=moment("2020-04-13 08:00"),
        )
    bot.updates.forget_all()
    return group


def settings(database_path: Path, api: BotApi, bot: Bot, now: str = "08:01", **telegram) -> Config:
    return Config(
        storage={"url": f"sqlite+aiosqlite:///{database_path}"},
        clock={"start": f"2020-04-13T{now}:00+07:00"},
        telegram={"enabled": True, "token": bot.token, "api_url": api.base, **telegram},
    )


def about(findings: list[Finding], what: str) -> Finding:
    [found] = [finding for finding in findings if finding.about == what]
    return found


def written(database_path: Path) -> list[bytes]:
    """The database with its log."""
    return [
        database_path.with_name(f"{database_path.name}{end}").read_bytes() for end in ("", "-wal")
    ]


async def webhook_set(api: BotApi, bot: Bot, url: str) -> None:
    address = f"{api.base}/bot{bot.token}/setWebhook"
    async with ClientSession() as somebody, somebody.post(address, json={"url": url}) as answer:
        assert answer.status == 200


async def test_where_all_is_in_order_every_line_says_so(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    findings = await examine(settings(database_path, api, bot))

    database, *rest = map(str, findings)
    assert database.startswith(f"✓ Cơ sở dữ liệu: {database_path}, ")
    assert rest == [
        "✓ Cơ quan: tỉnh Vĩnh Phúc, 11 đơn vị",
        "✓ Đầu mối: đủ cho 10 đơn vị phải báo cáo",
        "✓ Bot: đang chạy",
        "✓ Tin đến: 0 tin chờ xử lý, 0 tin bị lỗi",
        "✓ Tin đi: 0 tin chờ gửi",
        "✓ Chưa rõ đã gửi: 0 tin",
        "✓ Chờ đăng tay: 0 bản",
        "✓ Kênh nội bộ: http://127.0.0.1:8020",
        "✓ Zalo: không dùng",
        "✓ Telegram: @giaoban_bot, nhận tin bằng polling, 0 tin chờ",
        "✓ Quyền của bot: được vào nhóm, trong nhóm chỉ đọc lệnh",
        "✓ Nhóm Ban Chỉ đạo (Tỉnh Vĩnh Phúc): bot là thành viên, được đăng tin, chủ đề 2",
    ]
    assert conclusion(findings) == "Kết luận: tất cả đều được."


async def test_it_looks_while_the_bot_runs_and_changes_nothing(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    config = settings(database_path, api, bot)
    before = written(database_path)

    with only_writer(config):
        await examine(config)

    assert written(database_path) == before
    assert all(call.method.startswith("get") for call in api.calls)
    assert api.counts(method="getUpdates") == 0


async def test_each_message_of_unknown_fate_is_listed_without_its_words(
    api: BotApi, bot: Bot, world: World, database_path: Path
):
    await world.damage(
        "UPDATE outbox SET fate = 'unknown', failure = 'ReadTimeout',"
        " settled_at = '2020-04-13 01:00:00' WHERE id IN (1, 2)"
    )
    digest = "digest@2020-04-13/1/telegram/-100"
    await world.damage("UPDATE outbox SET in_group = 1, key = :key WHERE id = 2", key=digest)
    await world.damage("UPDATE outbox SET channel = 'telegram', chat = '-100' WHERE id = 2")
    await world.damage(
        "INSERT INTO group_chat (channel, chat, thread, title, unit_id, valid_from)"
        " SELECT 'telegram', '-100', '', 'Ban Chỉ đạo', id, '2020-04-01' FROM unit LIMIT 1"
    )
    [(reply,)] = await world.sql("SELECT key FROM outbox WHERE id = 1")
    since = "từ 8h00 13/4/2020, ReadTimeout"

    found = about(await examine(settings(database_path, api, bot)), "Chưa rõ đã gửi")

    assert not found.ok
    assert found.details == (
        f"số 1: tin trả lời, đến đầu mối VP-VPUB (Văn phòng UBND tỉnh), {since} ({reply})",
        f"số 2: Tổng hợp ngày 13/4, đến nhóm «Ban Chỉ đạo», {since} ({digest})",
    )


async def test_what_waits_too_long_or_was_set_aside_needs_somebody(
    api: BotApi, bot: Bot, world: World, database_path: Path
):
    await world.damage("UPDATE outbox SET fate = 'pending' WHERE id = 1")
    await world.damage("UPDATE inbox SET state = 'failed' WHERE id = 1")
    config = settings(database_path, api, bot, now="08:14")
    later = settings(database_path, api, bot, now="10:59")

    soon, late = await examine(config), await examine(later)

    assert str(about(soon, "Tin đi")) == "✓ Tin đi: 1 tin chờ gửi, lâu nhất 14 phút"
    assert str(about(late, "Tin đi")).startswith("✗ Tin đi: 1 tin chờ gửi, lâu nhất 2 giờ. ")
    assert "1 tin bị lỗi" in about(soon, "Tin đến").says
    assert not about(soon, "Tin đến").ok


async def test_a_bot_that_has_stopped_is_noticed(
    api: BotApi, bot: Bot, world: World, database_path: Path
):
    found = about(await examine(settings(database_path, api, bot, now="09:00")), "Bot")

    assert str(found) == "✗ Bot: ngừng từ 8h00 13/4/2020. Chạy: giaoban run"


async def test_units_whose_people_cannot_be_reached_are_counted(
    api: BotApi, bot: Bot, world: World, database_path: Path
):
    await world.damage("UPDATE address SET gone_since = '2020-04-13' WHERE id <= 2")

    found = about(await examine(settings(database_path, api, bot)), "Đầu mối")

    assert not found.ok
    assert found.says.startswith("2 trong 10 đơn vị phải báo cáo chưa có ai nhận được tin")


@pytest.mark.parametrize("telegram", [{}, WEBHOOK], ids=["polling", "webhook"])
async def test_a_webhook_that_somebody_left_is_named_with_what_to_do(
    api: BotApi, bot: Bot, world: World, database_path: Path, telegram: dict[str, str]
):
    await webhook_set(api, bot, "http://elsewhere.invalid/secret-path")

    found = about(await examine(settings(database_path, api, bot, **telegram)), "Telegram")

    assert not found.ok
    assert "đang được chuyển đến elsewhere.invalid" in found.says
    assert "giaoban run --take-over" in found.says
    assert "secret-path" not in found.says


async def test_a_webhook_that_fails_is_told_with_telegrams_own_words(
    api: BotApi, bot: Bot, world: World, database_path: Path
):
    config = settings(database_path, api, bot, **WEBHOOK)
    unset = about(await examine(config), "Telegram")
    await webhook_set(api, bot, HOOK)
    empty = about(await examine(config), "Telegram")
    await api.person("Lan").opens(bot.link(""))
    while not api.webhook(bot).settings.last_error:  # noqa: ASYNC110  # behind a network
        await asyncio.sleep(0.01)
    failing = about(await examine(config), "Telegram")

    assert "webhook chưa được đặt" in unset.says
    assert str(empty) == "✓ Telegram: @giaoban_bot, nhận tin bằng webhook tại 127.0.0.1, 0 tin chờ"
    assert not failing.ok
    assert "1 tin chờ, lỗi gần nhất" in failing.says
    assert failing.says.endswith(": Connection refused")


async def test_a_wrong_token_is_one_line_and_the_rest_is_still_told(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    for token in (OTHER_TOKEN, "no token at all"):
        findings = await examine(settings(database_path, api, bot, token=token))

        *rest, last = findings
        assert last.about == "Telegram"
        assert last.says.startswith("Mã (token) của bot Telegram không đúng")
        assert all(finding.ok for finding in rest)
        assert conclusion(findings) == "Kết luận: 1 mục cần xem (dấu ✗)."


async def test_an_unreachable_telegram_is_named_by_its_host_without_the_token(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    nowhere = {"api_url": "http://127.0.0.1:9", "proxy": ""}
    behind = {"api_url": "https://api.telegram.org", "proxy": "http://an:mat@127.0.0.1:9"}
    for way, host in ((nowhere, "127.0.0.1"), (behind, "api.telegram.org (qua proxy 127.0.0.1)")):
        findings = await examine(settings(database_path, api, bot, **way))

        *rest, last = findings
        assert not last.ok
        assert last.says.startswith(f"{host} không trả lời")
        assert all(finding.ok for finding in rest)
        assert not any(secret in str(last) for secret in (bot.token, "mat"))


async def test_a_group_from_which_the_bot_was_removed_is_named(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    await api.person("Nguyễn Thị Lan").kicks(bot, group)

    *_, found = await examine(settings(database_path, api, bot))

    assert not found.ok
    assert found.about == "Nhóm Tên cũ (Tỉnh Vĩnh Phúc)"
    assert found.says.startswith("bot đã bị đưa ra khỏi nhóm. Đề nghị thêm lại bot")


async def test_in_a_group_that_got_another_id_the_bot_is_found_there(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    await api.person("Nguyễn Thị Lan").promotes(bot, group)
    await group.becomes_supergroup()

    *_, found = await examine(settings(database_path, api, bot))

    assert found.ok
    assert found.says.startswith("bot là quản trị viên, được đăng tin")


async def test_a_group_of_which_telegram_says_nothing_does_not_hide_the_others(
    api: BotApi, bot: Bot, group: Group, database_path: Path
):
    api.fails("getChat", with_=Fault.server_error(500))

    *_, rights, found = await examine(settings(database_path, api, bot))

    assert rights.ok
    assert not found.ok
    assert "không hỏi được Telegram" in found.says


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "giaoban migrate"), (b"", "giaoban migrate"), (b"no database " * 99, "không đọc được")],
    ids=["missing", "empty", "broken"],
)
async def test_without_a_database_the_rest_is_still_told(
    api: BotApi, bot: Bot, tmp_path: Path, content: bytes | None, says: str
):
    path = tmp_path / "giaoban.db"
    if content is not None:
        path.write_bytes(content)

    first, *_, telegram, _ = await examine(settings(path, api, bot))

    assert not first.ok
    assert says in first.says
    assert telegram.ok
    assert path.exists() == (content is not None)
