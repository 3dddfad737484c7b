"""What an admin reads when a message did not arrive, or perhaps did not."""

import pytest
from world import CHANNEL, World

from bot.core.messaging import FateUnknown, NotSetUp, Outbound, SendError
from handlers.undelivered import undelivered
from storage.outbox import Queued

PROMPT = "prompt@2020-04-13/VP-VY-TS01/fake/Lan"
DIGEST = "digest@2020-04-13/1/fake/nhóm"


async def ends(world: World, key: str, chat: str, error: SendError) -> Outbound:
    """A message to a chat ends badly; what the admin is then told."""
    message = Outbound(key, CHANNEL, chat, "…", in_group=key.startswith("digest"))
    now = world.bot.clock.now()
    async with world.bot.database.session() as session:
        await undelivered(session, Queued(12, 1, message), error, now=now)
    await world.at("2020-04-13 08:01")
    return world.channel.sent[-1]


async def people(world: World) -> None:
    await world.all_join(
        ("quản trị", "VP", "admin"),
        ("Lan", "VP-VY-TS01", "focal_point"),
        ("nhóm", "VP", "group"),
    )
    await world.damage("UPDATE group_chat SET title = 'Ban Chỉ đạo'")


async def test_of_a_send_of_unknown_fate_an_admin_is_told_what_it_was_and_settles_it_with_a_tap(
    world: World,
):
    await people(world)

    alarm = await ends(world, DIGEST, "nhóm", FateUnknown("ReadTimeout"))

    assert alarm.chat == "quản trị"
    assert alarm.text == (
        "Chưa rõ Tổng hợp ngày 13/4 đã đến nhóm «Ban Chỉ đạo» hay chưa. Đề nghị xem tại nơi nhận. "
        "Đã đến thì gõ /daden 12; chưa đến, cần gửi lại thì gõ /guilai 12. "
        "(Mã tin: digest@2020-04-13/1/fake/nhóm)"
    )
    assert [(b.label, b.says) for b in alarm.buttons] == [
        ("Đã đến", "/daden 12"),
        ("Gửi lại", "/guilai 12"),
    ]


async def test_of_a_refused_message_an_admin_is_told_what_it_was_for_whom_and_why(world: World):
    await people(world)

    alarm = await ends(world, PROMPT, "Lan", SendError("quá giờ đăng"))

    assert alarm.text == (
        "Không gửi được mẫu báo cáo ngày 13/4 của Phường Tích Sơn đến Lan (Phường Tích Sơn): "
        "quá giờ đăng. Đề nghị kiểm tra kênh gửi. (Mã tin: prompt@2020-04-13/VP-VY-TS01/fake/Lan)"
    )
    assert alarm.buttons == ()


@pytest.mark.parametrize(
    ("key", "to"),
    [("reply/fake/88", "người chưa đăng ký"), ("digest@2020-04-13/2/fake/ai", "nhóm chưa kết nối")],
)
async def test_whoever_is_not_known_is_named_as_such(key: str, to: str, world: World):
    await people(world)

    alarm = await ends(world, key, "ai", SendError("Bad Request"))

    assert f"đến {to}: Bad Request" in alarm.text


async def test_an_alarm_that_does_not_arrive_raises_no_alarm(world: World):
    await people(world)

    last = await ends(world, f"undelivered/{DIGEST}/fake/quản trị", "quản trị", SendError("no"))

    assert "Đã đăng ký" in last.text


@pytest.mark.parametrize(
    ("error", "by"),
    [
        (FateUnknown("408"), CHANNEL),
        (NotSetUp("token"), "other"),
        (SendError("Bad Request"), CHANNEL),
    ],
)
async def test_an_admin_who_has_another_way_is_not_told_by_the_channel_that_must_be_mended(
    error: SendError, by: str, world: World
):
    await people(world)
    await world.damage(
        "INSERT INTO address (person_id, channel, external_id, valid_from, last_used_at) "
        "SELECT person_id, 'other', 'quản trị', valid_from, '2020-01-01' FROM address "
        "WHERE external_id = 'quản trị'"
    )

    await ends(world, DIGEST, "nhóm", error)

    told = "key LIKE 'undelivered/%' OR key LIKE 'setup@%'"
    assert set(await world.sql(f"SELECT channel FROM outbox WHERE {told}")) == {(by,)}  # noqa: S608
