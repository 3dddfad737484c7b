"""The check-up where an office goes by Zalo: on a real database file and the stand-ins of Zalo."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from world import UNITS, World, moment, opened
from zaloapi import Bot, ZaloApi
from zalooa import ZaloOa

from bot.channels.zalo_oa_health import Account, Health
from bot.config import Config
from bot.core.grant import TokenPair
from bot.doctor import Finding, examine
from bot.doctor_zalo_oa import oa_finding
from bot.profile import profile_settings
from storage.database import Database
from storage.grants import KeptGrants
from storage.office import keep_settings

SECRET = "a-secret-of-the-office"  # noqa: S105
PUBLIC = {"public_url": "https://giaoban.vinhphuc.gov.vn", "link_secret": SECRET}
OA = {"enabled": True, "app_id": "4711", "app_secret": SECRET, "webhook_secret": SECRET}
AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
PAIR = TokenPair("access", "refresh", AT + timedelta(hours=20), AT)


@pytest.fixture
async def api() -> AsyncIterator[ZaloApi]:
    async with ZaloApi(hurry=100) as server:
        yield server


@pytest.fixture
def bot(api: ZaloApi) -> Bot:
    return api.bot("Bot Giao Ban")


@pytest.fixture
async def world(database: Database) -> World:
    """All units have a focal point; it is Monday 13 April 2020, 8 in the morning."""
    async with database.session() as session:
        await keep_settings(session, profile_settings("vinh-phuc"))
    world = await opened(database)
    await world.all_join(*((f"đầu mối {unit}", unit, "focal_point") for unit in UNITS[1:]))
    return world


def settings(path: Path, api: ZaloApi, *bots: Bot, now: str = "08:01", **more: Any) -> Config:
    tokens = [bot.token for bot in bots]
    return Config(
        storage={"url": f"sqlite+aiosqlite:///{path}"},
        clock={"start": f"2020-04-13T{now}:00+07:00"},
        local={"enabled": False},
        zalo={"enabled": True, "tokens": tokens, "api_url": api.base, **more.pop("zalo", {})},
        **more,
    )


def about(findings: list[Finding], what: str) -> Finding:
    [found] = [finding for finding in findings if finding.about.startswith(what)]
    return found


async def on_zalo(world: World, bot: Bot, unit: str, title: str = "", **group: object) -> None:
    """Whoever has joined, or a group that is bound now, is on Zalo and not on the stand-in."""
    channel = f"zalo-{bot.number}"
    await world.damage("UPDATE address SET channel = :channel", channel=channel)
    if title:
        await world.damage(
            "INSERT INTO group_chat"
            " (channel, chat, thread, title, unit_id, by_hand, gone_since, valid_from)"
            " SELECT :channel, :title, '', :title, id, :by_hand, :gone, '2020-04-01'"
            " FROM unit WHERE code = :unit",
            **{"channel": channel, "by_hand": False, "gone": None, **group},
            title=title,
            unit=unit,
        )


async def test_where_all_is_in_order_every_line_about_zalo_says_so(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    await on_zalo(world, bot, "VP", "Ban Chỉ đạo")
    second = api.bot("Bot Giao Ban 2")

    findings = await examine(settings(database_path, api, bot, second, web=PUBLIC))

    assert [str(finding) for finding in findings[6:]] == [
        "✓ Chưa rõ đã gửi: 0 tin",
        "✓ Chờ đăng tay: 0 bản",
        (
            "✓ Địa chỉ công khai: https://giaoban.vinhphuc.gov.vn, được chuyển tiếp về "
            "127.0.0.1:8040, liên kết mở được 7 ngày"
        ),
        "✓ Kênh nội bộ: không dùng",
        (f"✓ Zalo {bot.number}: Bot Giao Ban (127.0.0.1), nhận tin bằng polling, chưa có tin đến"),
        f"✓ Zalo {bot.number}, quyền: được vào nhóm",
        f"✓ Zalo {bot.number}, hạn mức: tháng này 0/3.000 tin (0%), 10/50 người, 1/3 nhóm",
        (
            f"✓ Zalo {second.number}: Bot Giao Ban 2 (127.0.0.1), nhận tin bằng polling, "
            "chưa có tin đến"
        ),
        f"✓ Zalo {second.number}, quyền: được vào nhóm",
        f"✓ Zalo {second.number}, hạn mức: tháng này 0/3.000 tin (0%), 0/50 người, 0/3 nhóm",
        (
            "✓ Nhóm Ban Chỉ đạo (Tỉnh Vĩnh Phúc): bot đăng; Zalo không cho hỏi bot còn trong "
            "nhóm hay không"
        ),
        "✓ Telegram: không dùng",
    ]


async def test_it_asks_zalo_for_no_updates_and_changes_nothing_there(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    bot.sets_webhook_elsewhere("https://noi-khac.vn/secret")

    found = await examine(settings(database_path, api, bot))

    assert {call.method for call in api.calls} == {"getMe", "getWebhookInfo"}
    first = next(f for f in found if f.about == f"Zalo {bot.number}")
    assert not first.ok
    assert "đang được chuyển đến noi-khac.vn" in first.says


async def test_what_was_sent_and_heard_this_month_counts_and_when_it_was_last_heard_is_told(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    channel = f"zalo-{bot.number}"
    await world.damage("UPDATE outbox SET channel = :channel", channel=channel)
    await world.damage("UPDATE inbox SET channel = :channel", channel=channel)

    found = await examine(settings(database_path, api, bot, zalo={"messages": 24, "reserve": 4}))

    first = next(f for f in found if f.about == f"Zalo {bot.number}")
    quota = about(found, f"Zalo {bot.number}, hạn mức")
    assert first.says.endswith("tin đến gần nhất 8h00 13/4/2020")
    assert quota.says.startswith("tháng này 20/24 tin (83%), ")
    assert [detail.partition(":")[0] for detail in quota.details] == ["Tin", "Tin"]


async def test_by_webhook_the_address_of_each_bot_is_expected(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    by_webhook = {"mode": "webhook", "webhook_secret": SECRET}
    bot.sets_webhook_elsewhere(f"{PUBLIC['public_url']}/zalo/{bot.number}")

    posted = await examine(settings(database_path, api, bot, web=PUBLIC, zalo=by_webhook))
    without = await examine(settings(database_path, api, bot, zalo=by_webhook))

    first = next(f for f in posted if f.about == f"Zalo {bot.number}")
    assert first.ok
    assert "nhận tin bằng webhook tại giaoban.vinhphuc.gov.vn" in first.says
    assert str(about(without, "Zalo")) == (
        '✗ Zalo: khi [zalo] mode = "webhook" phải có [web] public_url. Đề nghị ghi vào cấu hình'
    )


async def test_a_bot_with_a_wrong_token_hides_no_other_and_no_secret_is_shown(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    second, token = api.bot("Bot Hai"), bot.token
    config = settings(database_path, api, bot, second)
    bot.revoke_token()

    found = await examine(config)

    by_name = {f.about: f for f in found}
    assert by_name[f"Zalo {bot.number}"].says.startswith("Mã (token) của bot Zalo không đúng")
    assert by_name[f"Zalo {second.number}"].ok
    assert token.partition(":")[2] not in "\n".join(map(str, found))


async def test_a_zalo_that_has_a_fault_is_named_by_its_host(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    api.down(True)

    found = await examine(settings(database_path, api, bot))

    by_name = {f.about: f.says for f in found}
    assert by_name[f"Zalo {bot.number}"].startswith("không hỏi được Zalo tại 127.0.0.1 (")
    assert by_name[f"Zalo {bot.number}, hạn mức"].startswith("tháng này 0/3.000 tin")


@pytest.mark.parametrize(("minutes", "ok"), [(29, True), (31, False)], ids=["soon", "late"])
async def test_a_post_that_waits_for_a_hand_longer_than_half_an_hour_needs_somebody(
    api: ZaloApi, bot: Bot, world: World, database_path: Path, minutes: int, ok: bool
):
    await world.joins("Trực ban", "VP", "office")
    await on_zalo(world, bot, "VP", "Chống dịch", by_hand=True, channel="hand")
    await world.damage(
        "INSERT INTO hand_post (key, group_id, person_id, given_at)"
        " SELECT 'digest@2020-04-13/1/hand/x', g.id, p.id, '2020-04-13 01:00:00'"
        " FROM group_chat g, person p WHERE p.name = 'Trực ban'"
    )

    found = await examine(settings(database_path, api, bot, now=f"08:{minutes}"))

    waits = about(found, "Chờ đăng tay")
    assert waits.ok == ok
    assert waits.says.startswith("1 bản")
    assert waits.details == ("số 1: nhóm «Chống dịch», giao Trực ban từ 8h00 13/4/2020",)
    assert ok or waits.says.endswith(
        "Đề nghị nhắc người được giao đăng vào nhóm rồi gõ cho bot: đã đăng và số"
    )
    assert str(about(found, "Nhóm")) == "✓ Nhóm Chống dịch (Tỉnh Vĩnh Phúc): Trực ban đăng"


async def test_a_group_that_nobody_can_post_to_is_marked_with_what_to_do(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    await on_zalo(world, bot, "VP", "Ban Chỉ đạo", by_hand=True)

    found = about(await examine(settings(database_path, api, bot)), "Nhóm")

    assert not found.ok
    assert found.says.endswith("Đề nghị mời cán bộ tổng hợp hoặc quản trị tham gia")


async def test_a_group_that_the_bot_left_is_named_with_who_posts_there_and_how_to_keep_it_so(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    await world.joins("Lan", "VP", "admin")
    await on_zalo(world, bot, "VP", "Ban Chỉ đạo", gone="2020-04-13 01:00:00")

    found = about(await examine(settings(database_path, api, bot)), "Nhóm")

    assert str(found) == (
        "✗ Nhóm Ban Chỉ đạo (Tỉnh Vĩnh Phúc): bot không còn trong nhóm từ 8h00 13/4/2020, "
        "Lan đăng. Đề nghị thêm lại bot, hoặc gõ cho bot: /nhom 1 tay"
    )


async def test_a_group_of_a_bot_that_is_no_longer_in_the_settings_is_named(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    await on_zalo(world, bot, "VP", "Ban Chỉ đạo")

    found = about(await examine(settings(database_path, api, api.bot("Bot khác"))), "Nhóm")

    assert not found.ok
    assert found.says.startswith(f"kênh zalo-{bot.number} không có trong cấu hình")
    assert found.says.endswith("/nhom 1 tay")


async def test_without_a_database_zalo_is_asked_all_the_same(
    api: ZaloApi, bot: Bot, tmp_path: Path
):
    found = await examine(settings(tmp_path / "none.db", api, bot, web=PUBLIC, zalo_oa=OA))

    zalo = [f for f in found if f.about.startswith("Zalo")]
    assert [f.ok for f in zalo] == [True, True]
    assert not found[0].ok


async def test_an_official_account_is_told_with_its_name_and_how_long_it_may_be_used(
    api: ZaloApi, bot: Bot, world: World, database_path: Path
):
    async with ZaloOa() as zalo:
        oa = {**OA, "app_id": zalo.app_id, "api_url": zalo.base, "oauth_url": zalo.base}
        config = settings(database_path, api, bot, web=PUBLIC, zalo_oa=oa)
        before = about(await examine(config), "Zalo OA")
        now = datetime.now(UTC)
        dead = TokenPair("no token", "r", now + timedelta(hours=1), now)
        await KeptGrants(world.bot.database, "zalo-oa").keep(dead, instead_of=None)
        refused = about(await examine(config), "Zalo OA")

    assert before.says.startswith("bot chưa được cấp quyền. Đề nghị quản trị viên OA cấp quyền")
    assert not refused.ok
    assert refused.says.startswith("không hỏi được Zalo tại 127.0.0.1 (")


@pytest.mark.parametrize(
    ("health", "ok", "says"),
    [
        (
            Health(PAIR, Account("OA Vĩnh Phúc", state_agency=False, verified=True)),
            True,
            "OA Vĩnh Phúc, quyền đến 12h00 6/10/2026, bot tự gia hạn",
        ),
        (Health(PAIR), True, "Zalo không cho biết tên, quyền đến 12h00 6/10/2026"),
        (Health(PAIR, failure="code -216"), False, "(code -216)"),
        (
            Health(TokenPair("a", "r", AT, AT - timedelta(hours=25))),
            False,
            "quyền cần gia hạn từ 16h00 5/10/2026. Chạy: giaoban run để gia hạn",
        ),
        (
            Health(TokenPair("a", "r", AT, AT, dead_since=AT)),
            False,
            "quyền đã hết từ 16h00 5/10/2026. Quản trị viên OA cần cấp quyền lại",
        ),
    ],
    ids=["in order", "nameless", "silent", "to be renewed", "dead"],
)
def test_of_an_official_account_it_is_told_what_to_do(health: Health, ok: bool, says: str):
    zone = moment("2020-04-13 08:00").tzinfo

    found = oa_finding(health, api_url="https://openapi.zalo.me", now=AT, zone=zone)

    assert found.ok == ok
    assert says in found.says


def test_an_account_of_a_state_agency_or_without_a_badge_is_marked():
    account = Account("OA", state_agency=True, verified=False)

    found = oa_finding(Health(PAIR, account), api_url="https://x", now=AT, zone=None)

    assert not found.ok
    assert [detail.split()[1:3] for detail in found.details] == [["chưa", "xác"], ["loại", "cơ"]]
