"""What Telegram's updates say: payloads as Telegram sends them, and what the bot makes of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import User

from bot.channels.telegram_updates import heard
from bot.core.messaging import Inbound, Kind, Tap

ME = User(id=900, is_bot=True, first_name="Giao Ban", username="giaoban_bot", can_join_groups=True)
LAN = {"id": 5, "is_bot": False, "first_name": "Lan", "last_name": "Nguyễn", "language_code": "vi"}
US = {"id": 900, "is_bot": True, "first_name": "Giao Ban", "username": "giaoban_bot"}
OTHER_BOT = {"id": 901, "is_bot": True, "first_name": "Khác", "username": "other_bot"}
HIDDEN = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
PRIVATE = {"id": 5, "type": "private", "first_name": "Lan", "last_name": "Nguyễn"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Chống dịch", "is_forum": True}
NEWS = {"id": -1002, "type": "channel", "title": "Tin tức"}
SENT = 1586937600
SENT_AT = datetime.fromtimestamp(SENT, UTC)
FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 1}


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 42, "from": LAN, "chat": PRIVATE, "date": SENT, **more}


def in_group(text: str = "/tinhhinh", **more: Any) -> dict[str, Any]:
    return message(chat=GROUP, text=text, **more)


def hears(kind: str, body: dict[str, Any]) -> Inbound | None:
    return heard(77, {"update_id": 77, kind: body}, ME)


def said(**more: Any) -> Inbound:
    """Lan's message in private, as the bot has it."""
    return Inbound(
        **{
            "channel": "telegram",
            "update_id": f"{ME.id}/77",
            "chat": "5",
            "sender": "5",
            "text": "",
            "sender_name": "Lan Nguyễn",
            "sent_at": SENT_AT,
            "message_id": "42",
            **more,
        }
    )


def told_in_group(**more: Any) -> Inbound:
    return said(**{"chat": "-1001", "in_group": True, "group_title": "Chống dịch", **more})


def test_a_message_in_private():
    assert hears("message", message(text="Quầy: mở\n6/14")) == said(text="Quầy: mở\n6/14")


def test_an_edited_message_keeps_its_id_and_counts_from_its_edit():
    edited = message(text="Quầy: đóng", edit_date=SENT + 60)

    inbound = hears("edited_message", edited)

    later = datetime.fromtimestamp(SENT + 60, UTC)
    assert inbound == said(text="Quầy: đóng", kind=Kind.EDITED, sent_at=later)


@pytest.mark.parametrize(
    ("content", "attachment"),
    [
        ({"photo": [FILE | {"width": 1, "height": 1}]}, "photo"),
        ({"document": FILE | {"file_name": "bao-cao.pdf"}}, "document"),
        ({"voice": FILE | {"duration": 3}}, "voice"),
        ({"video": FILE | {"duration": 3, "width": 1, "height": 1}}, "video"),
        ({"audio": FILE | {"duration": 3}}, "audio"),
        ({"video_note": FILE | {"duration": 3, "length": 1}}, "video_note"),
        ({"location": {"latitude": 21.3, "longitude": 105.6}}, "location"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "dice"),
        ({"invented_in_2030": {"x": 1}}, "unknown"),
        (
            {
                "animation": FILE | {"duration": 3, "width": 1, "height": 1},
                "document": FILE,
            },
            "animation",
        ),
        (
            {
                "sticker": FILE
                | {
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                }
            },
            "sticker",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_came_instead_of_words_is_named(content: dict[str, Any], attachment: str):
    inbound = hears("message", message(**content))

    assert inbound == said(attachment=attachment)
    assert type(inbound.attachment) is str


def test_a_caption_is_the_text_of_a_photo():
    photo = [FILE | {"width": 1, "height": 1}]

    inbound = hears("message", message(photo=photo, caption="Trực 6/14"))

    assert inbound == said(text="Trực 6/14", attachment="photo")


def test_the_own_number_is_told_and_somebody_else_s_is_not():
    own = {"phone_number": "+84912345678", "first_name": "Lan", "user_id": 5}
    other = {"phone_number": "+84900000000", "first_name": "Hòa", "user_id": 6}
    unknown = {"phone_number": "+84900000000", "first_name": "Hòa"}

    assert hears("message", message(contact=own)) == said(phone="+84912345678")
    assert hears("message", message(contact=other)) == said(attachment="contact")
    assert hears("message", message(contact=unknown)) == said(attachment="contact")


def test_a_forwarded_message_says_so():
    origin = {"type": "hidden_user", "sender_user_name": "Hòa", "date": SENT - 9}

    inbound = hears("message", message(text="/baocao", forward_origin=origin))

    assert inbound == said(text="/baocao", forwarded=True)


@pytest.mark.parametrize(("author", "replies_to"), [(US, "41"), (LAN, ""), (OTHER_BOT, "")])
def test_a_reply_names_the_message_only_if_it_is_ours(author: dict[str, Any], replies_to: str):
    answered = {"message_id": 41, "from": author, "chat": PRIVATE, "date": SENT, "text": "Mời"}

    inbound = hears("message", message(text="6/14", reply_to_message=answered))

    assert inbound == said(text="6/14", replies_to=replies_to)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/tinhhinh", "/tinhhinh"),
        ("/tinhhinh Vĩnh Yên", "/tinhhinh Vĩnh Yên"),
        ("/tinhhinh@giaoban_bot Vĩnh Yên", "/tinhhinh Vĩnh Yên"),
        ("/tinhhinh@GiaoBan_Bot", "/tinhhinh"),
        ("/tinhhinh@giaoban_bot\nVĩnh Yên", "/tinhhinh\nVĩnh Yên"),
    ],
)
def test_in_a_group_a_command_for_the_bot_is_heard(text: str, meant: str):
    assert hears("message", in_group(text)) == told_in_group(text=meant)


@pytest.mark.parametrize(
    "text",
    [
        "Chiều nay họp nhé",
        "/tinhhinh@other_bot",
        "/tinhhinh@giaoban_bot_2 Vĩnh Yên",
        "xem /tinhhinh",
        "15/4",
        "/",
        "/tinh-hinh",
        "@giaoban_bot ơi",
    ],
)
def test_in_a_group_nothing_else_is_heard(text: str):
    assert hears("message", in_group(text)) is None
    assert hears("edited_message", in_group(text, edit_date=SENT + 9)) is None


def test_in_private_a_command_with_another_bot_s_name_passes_as_it_is():
    assert hears("message", message(text="/start@other_bot x")) == said(text="/start@other_bot x")
    assert hears("message", message(text="/start@giaoban_bot x")) == said(text="/start x")


def test_a_topic_is_told_and_a_chain_of_replies_is_none():
    in_topic = in_group(message_thread_id=9, is_topic_message=True)
    in_chain = in_group(message_thread_id=9)

    assert hears("message", in_topic) == told_in_group(text="/tinhhinh", thread="9")
    assert hears("message", in_chain) == told_in_group(text="/tinhhinh")


def test_an_admin_who_hides_has_no_name():
    hidden = in_group(**{"from": HIDDEN, "sender_chat": GROUP, "author_signature": "Trưởng ban"})

    inbound = hears("message", hidden)

    assert inbound == told_in_group(text="/tinhhinh", sender="", sender_name="")


@pytest.mark.parametrize(
    "body",
    [
        in_group(**{"from": OTHER_BOT}),
        message(**{"from": OTHER_BOT, "text": "/start"}),
        in_group(**{"from": CHANNEL_BOT, "sender_chat": NEWS}),
        in_group(**{"from": CHANNEL_BOT, "sender_chat": NEWS, "is_automatic_forward": True}),
        message(chat=NEWS, text="/start", sender_chat=NEWS),
        {"message_id": 42, "date": SENT, "chat": GROUP, "text": "/start"},
        message(chat=GROUP, new_chat_members=[LAN]),
        message(chat=GROUP, left_chat_member=US),
        message(chat=GROUP, new_chat_title="Tên mới"),
        message(chat=GROUP, group_chat_created=True),
        message(chat=GROUP, migrate_from_chat_id=-77),
        message(
            pinned_message={"message_id": 1, "chat": PRIVATE, "date": SENT, "text": "/start"},
        ),
        message(write_access_allowed={"from_request": True}),
    ],
)
def test_bots_channels_and_service_messages_are_not_heard(body: dict[str, Any]):
    assert hears("message", body) is None


def test_other_updates_are_not_heard():
    post = {"message_id": 1, "chat": NEWS, "date": SENT, "text": "/start", "sender_chat": NEWS}

    assert hears("channel_post", post) is None
    assert hears("invented_in_2030", {"x": 1}) is None


def test_a_group_that_becomes_a_supergroup_tells_its_new_id():
    old = {"id": -77, "type": "group", "title": "Chống dịch"}

    inbound = hears("message", message(chat=old, migrate_to_chat_id=-1001))

    assert inbound == Inbound(
        "telegram",
        f"{ME.id}/77",
        chat="-77",
        sender="",
        text="-1001",
        in_group=True,
        sent_at=SENT_AT,
        kind=Kind.MOVED,
        group_title="Chống dịch",
    )


def tap(data: str | None = "0123456789ab.2", **more: Any) -> dict[str, Any]:
    shown = {"message_id": 42, "from": US, "chat": PRIVATE, "date": SENT, "text": "Mời"}
    return {"id": "4711", "from": LAN, "chat_instance": "1", "message": shown, "data": data, **more}


def tapped(**more: Any) -> Inbound:
    pressed = Tap("4711", "0123456789ab", 2)
    return said(**{"kind": Kind.TAPPED, "sent_at": None, "tap": pressed, **more})


def test_a_tap_names_the_screen_and_the_button():
    assert hears("callback_query", tap()) == tapped()


def test_a_tap_in_a_topic_of_a_group():
    shown = in_group("Tổng hợp", message_thread_id=9, is_topic_message=True, **{"from": US})

    inbound = hears("callback_query", tap(message=shown))

    assert inbound == tapped(chat="-1001", in_group=True, group_title="Chống dịch", thread="9")


def test_a_tap_under_a_message_that_is_long_gone_is_still_a_tap():
    gone = {"chat": PRIVATE, "message_id": 42, "date": 0}
    elsewhere = {k: v for k, v in tap().items() if k != "message"}

    assert hears("callback_query", tap(message=gone)) == tapped()
    assert hears("callback_query", elsewhere) == tapped(message_id="")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "gửi",
        "0123456789ab",
        "0123456789ab.",
        ".2",
        "a.b.2",
        "0123456789ab.-1",
        "0123456789ab.2222",
        "0123456789ab.²",
        "0123456789ab.2\n",
        None,
    ],
)
def test_forged_data_is_a_tap_on_nothing_of_ours(data: str | None):
    assert hears("callback_query", tap(data)) == tapped(tap=Tap("4711"))


def member(status: str, **more: Any) -> dict[str, Any]:
    restrictions = dict.fromkeys(
        (
            *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos"),
            *("can_send_videos", "can_send_video_notes", "can_send_voice_notes"),
            *("can_send_polls", "can_send_other_messages", "can_add_web_page_previews"),
            *("can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
            *("can_edit_tag", "can_react_to_messages"),
        ),
        False,
    )
    rights = dict.fromkeys(
        (
            *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
            *("can_manage_video_chats", "can_restrict_members", "can_promote_members"),
            *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
            *("can_delete_stories", "can_send_welcome_messages"),
        ),
        False,
    )
    by_status = {
        "restricted": restrictions | {"until_date": 0},
        "administrator": rights,
        "kicked": {"until_date": 0},
    }
    return {"user": US, "status": status, **by_status.get(status, {}), **more}


def change(chat: dict[str, Any], new: dict[str, Any], **more: Any) -> dict[str, Any]:
    old = {"old_chat_member": member("left"), "new_chat_member": new}
    return {"chat": chat, "from": LAN, "date": SENT, **old, **more}


@pytest.mark.parametrize(("status", "kind"), [("kicked", Kind.LEFT), ("member", Kind.CAME)])
def test_a_person_blocks_and_unblocks_the_bot(status: str, kind: Kind):
    inbound = hears("my_chat_member", change(PRIVATE, member(status)))

    assert inbound == said(kind=kind, message_id="")


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (member("member"), Kind.CAME),
        (member("administrator"), Kind.CAME),
        (member("restricted", is_member=True), Kind.CAME),
        (member("restricted", is_member=False), Kind.LEFT),
        (member("left"), Kind.LEFT),
        (member("kicked"), Kind.LEFT),
    ],
    ids=lambda value: value["status"] if isinstance(value, dict) else value,
)
def test_the_bot_comes_to_a_group_and_leaves_it(new: dict[str, Any], kind: Kind):
    inbound = hears("my_chat_member", change(GROUP, new))

    assert inbound == told_in_group(kind=kind, message_id="")


def test_an_admin_who_hides_adds_the_bot():
    inbound = hears("my_chat_member", change(GROUP, member("member"), **{"from": HIDDEN}))

    assert inbound == told_in_group(kind=Kind.CAME, message_id="", sender="", sender_name="")


def test_a_channel_that_takes_the_bot_in_is_not_heard():
    assert hears("my_chat_member", change(NEWS, member("administrator"))) is None


@pytest.mark.parametrize(
    "body",
    [3, {}, {"text": "Bí mật"}, message(text="Bí mật") | {"date": "hôm nay"}, message(chat=None)],
)
def test_what_cannot_be_read_is_set_aside_without_its_words_in_the_log(body: Any, caplog):
    inbound = hears("message", body)

    assert inbound == Inbound(
        "telegram", f"{ME.id}/77", chat="", sender="", text="", kind=Kind.UNREADABLE
    )
    assert "update 77" in caplog.text
    assert "Bí mật" not in caplog.text


def test_a_moment_that_no_calendar_has_is_set_aside_too():
    inbound = hears("edited_message", message(text="x", edit_date=10**18))

    assert inbound is not None
    assert inbound.kind is Kind.UNREADABLE
