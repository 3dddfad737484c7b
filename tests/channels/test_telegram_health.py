"""What Telegram's answers say of a bot's standing in a group, as Telegram sends them."""

import pytest
from aiogram.types import ChatFullInfo, ResultChatMemberUnion
from pydantic import TypeAdapter

from bot.channels.telegram_health import Membership, Standing, membership_of

BOT = {"id": 7, "is_bot": True, "first_name": "Giao Ban", "username": "giaoban_bot"}
RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_send_welcome_messages"),
    *("can_be_edited", "is_anonymous"),
)
MUTED = (
    *("can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages"),
    *("can_manage_topics", "can_react_to_messages", "can_edit_tag"),
)


def group(*, silent: bool = False) -> ChatFullInfo:
    """A group; in a silent one only administrators write."""
    told = {
        "id": -1001234567890,
        "type": "supergroup",
        "title": "Ban Chỉ đạo",
        "permissions": {"can_send_messages": not silent},
        "accent_color_id": 3,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                *("unlimited_gifts", "limited_gifts", "unique_gifts"),
                *("premium_subscription", "gifts_from_channels"),
            ),
            True,
        ),
    }
    return ChatFullInfo.model_validate(told)


def me(status: str, **more: object) -> ResultChatMemberUnion:
    told = {"status": status, "user": BOT, **more}
    found: ResultChatMemberUnion = TypeAdapter(ResultChatMemberUnion).validate_python(told)
    return found


ADMINISTRATOR = dict.fromkeys(RIGHTS, False)
RESTRICTED = {**dict.fromkeys(MUTED, False), "until_date": 0}


@pytest.mark.parametrize(
    ("member", "silent", "standing", "may_post"),
    [
        (me("member"), False, Standing.MEMBER, True),
        (me("member"), True, Standing.MEMBER, False),
        (me("administrator", **ADMINISTRATOR), True, Standing.ADMINISTRATOR, True),
        (
            me("restricted", **RESTRICTED, is_member=True, can_send_messages=True),
            False,
            Standing.RESTRICTED,
            True,
        ),
        (
            me("restricted", **RESTRICTED, is_member=True, can_send_messages=False),
            False,
            Standing.RESTRICTED,
            False,
        ),
        (
            me("restricted", **RESTRICTED, is_member=False, can_send_messages=True),
            False,
            Standing.LEFT,
            False,
        ),
        (me("left"), False, Standing.LEFT, False),
        (me("kicked", until_date=0), False, Standing.KICKED, False),
    ],
)
def test_who_may_write_in_a_group(
    member: ResultChatMemberUnion,
    silent: bool,
    standing: Standing,
    may_post: bool,
):
    assert membership_of(group(silent=silent), member) == Membership(
        standing, may_post, "Ban Chỉ đạo"
    )
