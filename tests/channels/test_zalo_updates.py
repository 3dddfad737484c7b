"""What comes in from Zalo, over real HTTP in both ways: what is kept of it, and what is dropped."""

import unicodedata
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from contract import Desk, listening
from zalos import WAYS, Somebody, heard, levels, office, words

from bot.core.messaging import Inbound, Kind

pytestmark = WAYS
MOMENT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
MS = int(MOMENT.timestamp() * 1000)
TEXT = "message.text.received"


@asynccontextmanager
async def at_work(webhook: bool, **more):
    """An office whose bot listens, and what its desk gets."""
    desk = Desk()
    async with office(webhook=webhook, **more) as here, listening(here.channel, desk.receive):
        yield here, desk


def event(name: object = TEXT, **message) -> dict[str, Any]:
    said = {
        "message_id": "9f0e1d2c3b4a5968",
        "date": MS,
        "from": {"id": "c0ffee00c0ffee00", "display_name": "Cán bộ A", "is_bot": False},
        "chat": {"id": "c0ffee00c0ffee00", "chat_type": "PRIVATE"},
        "text": "Không phát sinh",
    }
    return {"event_name": name, "message": {**said, **message}}


def group_text(text: str, **message) -> dict[str, Any]:
    return event(chat={"id": "zgr-00112233", "chat_type": "GROUP"}, text=text, **message)


async def got(webhook: bool, *events: dict[str, Any], **more) -> list[Inbound]:
    """What the bot kept of some events; that it hears what follows is checked."""
    async with at_work(webhook, **more) as (here, desk):
        for each in events:
            await heard(here, lambda each=each: here.bot.hears(each))
        await Somebody(here).say("sau")
    assert desk.arrived[-1].text == "sau"
    return desk.arrived[:-1]


async def test_an_update_says_who_where_when_and_what(webhook):
    [inbound] = await got(webhook, event())

    assert inbound == Inbound(
        inbound.channel,
        "c0ffee00c0ffee00/9f0e1d2c3b4a5968",
        chat="c0ffee00c0ffee00",
        sender="c0ffee00c0ffee00",
        text="Không phát sinh",
        sender_name="Cán bộ A",
        sent_at=MOMENT,
    )


async def test_what_comes_twice_has_the_same_id_and_another_message_has_its_own(webhook):
    async with at_work(webhook) as (here, desk):
        await Somebody(here).say("một")
        await heard(here, here.bot.hears_again)
        await Somebody(here).say("một")

    first, again, other = desk.arrived
    assert again == first
    assert other.update_id != first.update_id


async def test_the_same_number_in_two_chats_is_two_messages_and_each_bot_is_a_channel(webhook):
    one, other = await got(
        webhook, event(), event(chat={"id": "b", "chat_type": "PRIVATE"}, **{"from": {"id": "b"}})
    )

    assert one.update_id != other.update_id
    async with office() as first, office(seed=2) as second:
        assert first.channel.name != second.channel.name


async def test_a_message_without_an_id_is_known_again_by_what_it_says(webhook):
    first, again, other = await got(
        webhook,
        event(message_id=None),
        event(message_id=None),
        event(message_id=None, date=MS + 1),
    )

    assert first == again
    assert first.update_id != other.update_id


async def test_the_bot_does_not_hear_itself(webhook):
    async with at_work(webhook, echoes=True) as (here, desk):
        await here.listens()
        me = {"id": here.bot.id, "display_name": here.bot.name}
        await heard(here, lambda: here.bot.hears(event(**{"from": me})))
        await Somebody(here).say("sau")

    assert words(desk.arrived) == ["sau"]


async def test_other_bots_are_not_heard(webhook):
    other = {"id": "b0", "display_name": "Bot Khác", "is_bot": True}

    alone, in_group = event(**{"from": other}), group_text("/tonghop", **{"from": other})

    assert await got(webhook, alone, in_group) == []


@pytest.mark.parametrize("where", ["photo_url", "photo"])
async def test_a_picture_is_seen_as_one_with_its_caption_as_text(webhook, where):
    picture = {where: "https://anh.example/1.jpg", "caption": "Sổ trực", "text": None}

    [inbound] = await got(webhook, event("message.image.received", **picture))

    assert (inbound.attachment, inbound.text) == ("photo", "Sổ trực")


async def test_whatever_people_send_instead_of_words_is_told_apart(webhook):
    async with at_work(webhook) as (here, desk):
        await here.listens()
        for sends in (
            here.lan.sends_photo,
            here.lan.sends_sticker,
            here.lan.sends_voice,
            here.lan.sends_unsupported,
        ):
            await heard(here, lambda sends=sends: sends(here.bot))

    assert [(i.attachment, i.text) for i in desk.arrived] == [
        ("photo", ""),
        ("sticker", ""),
        ("voice", ""),
        ("unsupported", ""),
    ]
    assert all(i.kind is Kind.SAID and i.chat == here.chat for i in desk.arrived)


@pytest.mark.parametrize(
    "unknown",
    [
        event("message.poll.received"),
        event("message.text.received\nERROR forged"),
        event(None),
        event(["message.text.received"]),
        {"event_name": TEXT, "message": {}},
        {"event_name": TEXT, "message": {"text": "Bí mật", "from": 5, "chat": []}},
        {"event_name": TEXT, "message": {"from": {"id": ""}, "chat": {"id": None}}},
        {"message": {"text": "Bí mật"}},
    ],
)
async def test_what_is_not_known_holds_nobody_up_and_is_not_kept(webhook, unknown, caplog):
    assert await got(webhook, unknown) == []

    assert "forged" not in caplog.text
    assert "Bí mật" not in caplog.text


@pytest.mark.parametrize(
    ("message", "text", "attachment"),
    [
        ({"text": None}, "", ""),
        ({"text": 12}, "", ""),
        ({"text": None, "caption": ["x"]}, "", ""),
        ({"photo_url": {"large": "x"}}, "Không phát sinh", "photo"),
        ({"text": "nửa \ud83d mặt cười"}, "nửa ? mặt cười", ""),
    ],
)
async def test_odd_contents_are_taken_as_far_as_they_go(webhook, message, text, attachment):
    [inbound] = await got(webhook, event(**message))

    assert (inbound.text, inbound.attachment) == (text, attachment)


async def test_half_an_emoji_in_a_name_can_be_kept(webhook):
    sender = {"id": "c0ffee00c0ffee00", "display_name": "Lan \ud83c"}

    [inbound] = await got(webhook, event(**{"from": sender}))

    assert inbound.sender_name.encode() == b"Lan ?"


@pytest.mark.parametrize("given", ["0042", "zgr-1", "1e5", 4711, 0, "xin chào/2"])
async def test_ids_are_strings_whatever_they_look_like(webhook, given):
    same = {"id": given}
    chat = {**same, "chat_type": "PRIVATE"}

    [inbound] = await got(webhook, event(message_id=given, chat=chat, **{"from": same}))

    assert inbound.chat == inbound.sender == str(given)
    assert inbound.update_id == f"{given}/{given}"


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        (MS, MOMENT),
        (MS + 0.0, MOMENT),
        (MS + 123, MOMENT.replace(microsecond=123_000)),
        (MS // 1000, None),  # seconds: in 1970 nobody was on time
        (0, None),
        (-1, None),
        (10**30, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        (str(MS), None),
        (None, None),
        ({}, None),
    ],
)
async def test_a_moment_is_told_in_milliseconds_and_one_that_cannot_be_is_none(
    webhook, date, moment
):
    [inbound] = await got(webhook, event(date=date))

    assert inbound.sent_at == moment


# --- groups


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/tonghop 15/4", "/tonghop 15/4"),
        ("@Bot Giao Ban Tỉnh /tonghop 15/4", "/tonghop 15/4"),
        ("@Bot Giao Ban Tỉnh\n/tonghop", "/tonghop"),
        ("@bot giao ban tỉnh, /tonghop", "/tonghop"),
        ("  @Bot Giao Ban Tỉnh: /tonghop  ", "/tonghop"),
        ("@Bot Giao Ban Tỉnh/tonghop", "/tonghop"),
        (unicodedata.normalize("NFD", "@Bot Giao Ban Tỉnh /ketnoi Mã"), "/ketnoi Mã"),
        ("/ketnoi ABC @Bot Giao Ban Tỉnh", "/ketnoi ABC"),
        ("/ketnoi a@bot.vn", "/ketnoi a@bot.vn"),
        ("@Bot Giao Ban Tỉnh chiều nay họp nhé", None),
        ("@Bot Giao Ban Tỉnh", None),
        ("Trực 6/14 @Bot Giao Ban Tỉnh", None),
        ("@Bot Giao Ban Tỉnh Đoàn /tonghop", None),
        ("", None),
    ],
)
async def test_in_a_group_only_commands_are_kept_and_without_the_bot_s_name(webhook, said, kept):
    arrived = await got(webhook, group_text(said), name="Bot Giao Ban Tỉnh")

    assert [(i.text, i.in_group, i.chat) for i in arrived] == (
        [(kept, True, "zgr-00112233")] if kept else []
    )


async def test_a_name_that_zalo_gives_decomposed_is_known_as_well(webhook):
    name = unicodedata.normalize("NFD", "Bot Giao Ban Tỉnh")

    [inbound] = await got(webhook, group_text("@Bot Giao Ban Tỉnh /tonghop"), name=name)

    assert inbound.text == "/tonghop"


async def test_a_picture_in_a_group_is_kept_only_with_a_command(webhook):
    chat = {"id": "zgr-1", "chat_type": "GROUP"}
    picture = {"photo_url": "https://anh.example/1.jpg", "text": None, "chat": chat}

    arrived = await got(
        webhook,
        event("message.image.received", **picture, caption="@Bot Giao Ban xem này"),
        event("message.image.received", **picture, caption="@Bot Giao Ban /baocao 12"),
    )

    assert [(i.text, i.attachment) for i in arrived] == [("/baocao 12", "photo")]


@pytest.mark.parametrize("kind", ["group", "SUPERGROUP", None, 5])
async def test_a_chat_of_a_kind_that_is_not_known_is_no_private_one(webhook, kind):
    chat = {"id": "zgr-1", "chat_type": kind}

    [inbound] = await got(webhook, event(chat=chat), event(chat=chat, text="/tonghop"))

    assert (inbound.text, inbound.in_group) == ("/tonghop", True)


async def test_people_in_a_group_are_heard_through_the_mention(webhook, caplog):
    async with at_work(webhook) as (here, desk):
        group = here.group()
        await here.listens()
        assert not await here.lan.says(group, "/tonghop")  # Zalo passes nothing on without it
        await heard(here, lambda: here.lan.says(group, "@Bot Giao Ban họp lúc 15h"))
        await heard(here, lambda: here.lan.says(group, "@Bot Giao Ban /tonghop 15/4"))

    [inbound] = desk.arrived
    assert (inbound.text, inbound.chat, inbound.sender) == ("/tonghop 15/4", group.id, here.chat)
    assert levels(caplog) == []
