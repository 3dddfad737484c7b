"""Events as Zalo posts them: signed, repeated until answered, and only what concerns the bot."""

import json
import logging
from datetime import UTC, datetime

import pytest
from accounts import account
from contract import Desk, listening, until
from zalooa import Fault

from bot.channels.zalo_oa_health import Account, Health, account_in, look_up
from bot.channels.zalo_oa_webhook import Hook, signature
from bot.core.messaging import Kind

SENT = datetime(2020, 4, 15, 8, 0, 0, 123000, tzinfo=UTC)


async def heard(database, *events):
    """What arrives of events that are all answered with 200."""
    desk = Desk()
    async with account(database) as here, listening(here.channel, desk.receive):
        await here.channel.caught_up.wait()
        for event in events:
            made = event(here.zalo) if callable(event) else event
            assert await here.zalo.posts_once(made) == 200
    return desk.arrived


def said(name: str, sender: str = "lan", **more):
    return lambda zalo: zalo.event(name, sender=sender, **more)


async def test_a_message_tells_who_said_it_and_when(database):
    [inbound] = await heard(database, said("user_send_text", text="3 hồ sơ", msg_id="m77"))

    assert (inbound.chat, inbound.sender, inbound.text) == ("lan", "lan", "3 hồ sơ")
    assert (inbound.update_id, inbound.message_id) == ("m77", "m77")
    assert (inbound.kind, inbound.sent_at) == (Kind.SAID, SENT)


@pytest.mark.parametrize(
    ("name", "attachment"),
    [
        ("user_send_image", "photo"),
        ("user_send_file", "document"),
        ("user_send_audio", "voice"),
        ("user_send_video", "video"),
        ("user_send_sticker", "sticker"),
        ("user_send_location", "location"),
        ("user_send_business_card", "contact"),
        ("user_send_link", ""),
    ],
)
async def test_what_comes_instead_of_words_is_named(database, name, attachment):
    [inbound] = await heard(database, said(name, text="chú thích", attachments=[{"type": "x"}]))

    assert (inbound.attachment, inbound.text) == (attachment, "chú thích")


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("/tonghop 15/4", "/tonghop 15/4"),
        ("  /tonghop\n15/4", "/tonghop\n15/4"),
        ("@UBND tỉnh Vĩnh Phúc /tonghop", "/tonghop"),
        ("[@4711] /ketnoi AB12", "/ketnoi AB12"),
        ("Chiều nay họp nhé", None),
        ("Xem mục a/b giúp tôi", None),
        ("@Lan họp ngày 12/4 nhé", None),
        ("@Lan họp /4 người", None),
        ("/ 4", None),
        ("", None),
    ],
)
async def test_in_a_group_only_commands_are_kept(database, text, arrives):
    event = said("user_send_group_text", recipient="g1", text=text)

    arrived = await heard(database, event)

    assert [i.text for i in arrived] == ([] if arrives is None else [arrives])
    assert all((i.chat, i.sender, i.in_group) == ("g1", "lan", True) for i in arrived)


@pytest.mark.parametrize(
    "more",
    [
        {"recipient": {"id": "oa", "group_id": "g1"}},
        {"group_info": {"group_id": "g1", "group_name": "Ban Chỉ đạo"}},
        {"recipient": {"id": "g1"}},
    ],
)
async def test_the_group_is_found_wherever_zalo_names_it(database, more):
    [inbound] = await heard(
        database, lambda zalo: zalo.event("user_send_group_text", sender="lan", text="/x") | more
    )

    assert inbound.chat == "g1"
    assert inbound.group_title in ("", "Ban Chỉ đạo")


async def test_a_picture_among_people_in_a_group_is_not_kept(database):
    event = said("user_send_group_image", recipient="g1", text="ảnh chụp quầy")

    assert await heard(database, event) == []


@pytest.mark.parametrize(("name", "kind"), [("follow", Kind.CAME), ("unfollow", Kind.LEFT)])
async def test_following_is_coming_and_unfollowing_is_leaving(database, name, kind):
    event = {"event_name": name, "follower": {"id": "lan"}, "timestamp": "1586937600123"}

    first, again = await heard(database, event, event | {"num_retry": "1"})

    assert (first.kind, first.chat, first.sender, first.sent_at) == (kind, "lan", "lan", SENT)
    assert again.update_id == first.update_id


@pytest.mark.parametrize(
    "name",
    [
        *("oa_send_text", "oa_send_group_text", "oa_send_group_file", "user_seen_message"),
        *("user_join_group", "user_received_message", "anonymous_send_text", "user_send_hologram"),
        *("", "follow_me", "người dùng"),
    ],
)
async def test_what_is_none_of_the_bot_s_business_is_answered_and_kept_nowhere(database, name):
    assert await heard(database, said(name, text="Bí mật")) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"event_name": "user_send_text"},
        {"event_name": "user_send_text", "sender": {"id": ""}, "message": {"text": "Bí mật"}},
        {"event_name": "user_send_text", "sender": "lan", "message": {"text": "Bí mật"}},
        {"event_name": "user_send_text", "sender": {"id": "lan"}, "message": "Bí mật"},
        {"event_name": "follow", "follower": "lan"},
    ],
)
async def test_an_event_that_cannot_be_read_is_told_and_not_posted_for_ever(
    database, broken, caplog
):
    [inbound] = await heard(database, broken | {"timestamp": "1"})

    assert inbound.kind is Kind.UNREADABLE
    assert [r.levelno for r in caplog.records if r.name.startswith("bot.")].count(
        logging.ERROR
    ) >= 1
    assert "Bí mật" not in caplog.text


@pytest.mark.parametrize("timestamp", ["", "soon", "9" * 30])
async def test_a_time_that_cannot_be_read_is_left_to_the_arrival(database, timestamp):
    [inbound] = await heard(
        database,
        lambda zalo: (
            zalo.event("user_send_text", sender="lan", text="x") | {"timestamp": timestamp}
        ),
    )

    assert inbound.sent_at is None


async def test_ids_may_be_numbers_and_stay_text(database):
    event = {
        "event_name": "user_send_text",
        "sender": {"id": 5},
        "message": {"msg_id": 7, "text": "x"},
        "timestamp": 1586937600123,
    }

    [inbound] = await heard(database, event)

    assert (inbound.sender, inbound.update_id, inbound.sent_at) == ("5", "7", SENT)


# The signature


def test_the_signature_is_a_plain_hash_over_the_raw_body():
    hook = Hook("/x", "1234", "secret")

    assert signature(hook, b'{"a": 1}', "99") == (
        # printf '1234{"a": 1}99secret' | sha256sum
        "faf70f5593a99af9d5a01cca730218b535d3c9ebb5d954dbd353df5f23601072"
    )
    assert "secret" not in repr(hook)


@pytest.mark.parametrize("prefix", ["", "mac="])
async def test_zalo_s_signature_is_known_with_and_without_its_prefix(database, prefix):
    async with account(database) as here, listening(here.channel, Desk().receive):
        await here.channel.caught_up.wait()
        event = here.zalo.event("user_send_text", sender="lan", text="Đã nhận 👍")

        assert await here.zalo.posts(event, prefix=prefix) == [200]


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        (b'{"timestamp":"1"}', ""),
        (b'{"timestamp":"1"}', "mac="),
        (b'{"timestamp":"1"}', "0" * 64),
        (b'{"timestamp":"1"}', "bí mật".encode().decode("latin-1")),
        (b"{", "0" * 64),
        (b"[1]", "0" * 64),
        (b"[" * 50_000, "0" * 64),
        (b'{"timestamp":null}', "0" * 64),
        (b"\xff\xfe", "0" * 64),
    ],
)
async def test_a_post_of_a_stranger_is_not_taken(database, body, signed):
    desk = Desk()

    async with account(database) as here, listening(here.channel, desk.receive):
        await here.channel.caught_up.wait()
        headers = {"X-ZEvent-Signature": signed} if signed else {}
        assert await here.zalo.posts_raw(body, headers) == 401

    assert desk.arrived == []


async def test_another_secret_or_a_changed_body_is_not_taken(database):
    desk = Desk()

    async with account(database) as here, listening(here.channel, desk.receive):
        await here.channel.caught_up.wait()
        event = here.zalo.event("user_send_text", sender="lan", text="x")
        assert await here.zalo.posts_once(event, secret="another") == 401  # noqa: S106
        body = json.dumps(event).encode()
        good = signature(Hook("", here.zalo.app_id, here.zalo.oa_secret), body, event["timestamp"])
        headers = {"X-ZEvent-Signature": good}
        assert await here.zalo.posts_raw(body + b" ", headers) == 401
        assert await here.zalo.posts_raw(body, headers) == 200

    assert [i.text for i in desk.arrived] == ["x"]


# Posted again


async def test_what_could_not_be_kept_is_posted_again_and_told_once(database, caplog):
    desk = Desk(failures=3)

    async with account(database) as here, listening(here.channel, desk.receive):
        await here.channel.caught_up.wait()
        event = here.zalo.event("user_send_text", sender="lan", text="Điện thoại 0912345678")
        statuses = await here.zalo.posts(event)

    assert statuses == [503, 503, 503, 200]
    assert len({i.update_id for i in desk.arrived}) == 1
    kept = [r.levelno for r in caplog.records if "could not be kept" in r.getMessage()]
    assert kept == [logging.ERROR, logging.WARNING]
    assert "0912345678" not in caplog.text


# Health


async def test_the_account_is_told_by_its_name_and_type(database):
    async with account(database) as here:
        before = await look_up(here.grants, api_url=here.zalo.base, now=here.watch())
        async with listening(here.channel, Desk().receive):
            await _until_authorised(here)
        here.zalo.account["oa_type"] = 4
        health = await look_up(here.grants, api_url=here.zalo.base, now=here.watch())

    assert before == Health(None)
    assert health.account == Account("UBND tỉnh Vĩnh Phúc", state_agency=True, verified=True)
    assert health.failure == ""


async def test_looking_renews_nothing_and_says_what_zalo_answers(database):
    async with account(database) as here:
        async with listening(here.channel, Desk().receive):
            await _until_authorised(here)
        refreshes = here.zalo.counts("/v4/oa/access_token")
        here.zalo.fails("/v2.0/oa/getoa", Fault.error(-216))
        refused = await look_up(here.grants, api_url=here.zalo.base, now=here.watch())
        here.watch.passes(hours=26)
        late = await look_up(here.grants, api_url=here.zalo.base, now=here.watch())

    assert refused.failure == "mã lỗi -216"
    assert (late.account, late.failure) == (None, "")
    assert here.zalo.counts("/v4/oa/access_token") == refreshes


@pytest.mark.parametrize("told", [None, [], {}, {"name": ""}])
def test_an_account_that_is_not_described_is_none(told):
    assert account_in(told) is None


async def _until_authorised(here) -> None:
    """Listening alone authorises the bot, so that trouble shows before something is to be sent."""
    await until(lambda: here.zalo.counts("/v4/oa/access_token"))
    await here.channel.close()
