"""Who may write to whom, who hears what, and how groups change (semantics 12 and 14)."""

from typing import Any

import pytest

from botapi import Bot, BotApi, Group, Person

from .conftest import Calls, Library


@pytest.fixture
def group(api: BotApi, lan: Person) -> Group:
    return api.group("Chống dịch CORONA", owner=lan)


async def heard(call: Calls) -> list[str]:
    """The texts of the messages that wait, in order, and forget them."""
    updates = await call.updates()
    if updates:
        await call.updates(offset=updates[-1]["update_id"] + 1, limit=1)
    bodies = [b for u in updates for b in u.values() if isinstance(b, dict)]
    return [body["text"] for body in bodies if "text" in body]


async def test_whoever_never_pressed_start_cannot_be_written_to(call: Calls, lan: Person):
    refusal = await call.error("sendMessage", chat_id=lan.id, text="x")

    assert refusal == (403, "Forbidden: bot can't initiate conversation with a user")


async def test_a_block_is_told_and_refuses(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    await lan.blocks(bot)

    refusal = await call.error("sendMessage", chat_id=lan.id, text="x")

    change = (await call.updates())[-1]["my_chat_member"]
    assert refusal == (403, "Forbidden: bot was blocked by the user")
    assert change["chat"]["type"] == "private"
    assert change["new_chat_member"]["status"] == "kicked"


async def test_who_unblocks_can_be_written_to_again(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    await lan.blocks(bot)
    await lan.unblocks(bot)

    await call.sends(lan)

    change = (await call.updates())[-1]["my_chat_member"]
    assert change["new_chat_member"]["status"] == "member"


async def test_a_deleted_account_is_told_as_such(call: Calls, lan: Person, bot: Bot):
    await lan.opens(bot.link(""))
    await lan.leaves_telegram()

    refusal = await call.error("sendMessage", chat_id=lan.id, text="x")

    assert refusal == (403, "Forbidden: user is deactivated")


async def test_an_added_bot_hears_that_it_is_in(call: Calls, lan: Person, bot: Bot, group: Group):
    before = await call.error("sendMessage", chat_id=group.id, text="x")

    await lan.adds(bot, group)

    change, notice = await call.updates()
    assert before == (400, "Bad Request: chat not found")
    assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert notice["message"]["new_chat_members"][0]["username"] == "giaoban_bot"


@pytest.mark.parametrize(("supergroup", "kind"), [(False, "group"), (True, "supergroup")])
async def test_a_kicked_bot_is_told_and_refused(
    api: BotApi, call: Calls, lan: Person, bot: Bot, supergroup: bool, kind: str
):
    group = api.group("Nhóm huyện", owner=lan, supergroup=supergroup)
    await lan.adds(bot, group)
    await lan.kicks(bot, group)

    refusal = await call.error("sendMessage", chat_id=group.id, text="x")

    change = (await call.updates())[-1]["my_chat_member"]
    assert refusal == (403, f"Forbidden: bot was kicked from the {kind} chat")
    assert change["new_chat_member"]["status"] == "kicked"


async def test_a_bot_that_left_is_no_member(api: BotApi, call: Calls, lan: Person, bot: Bot):
    group = api.group("Nhóm huyện", owner=lan, supergroup=True)
    await lan.adds(bot, group)
    await call.result("leaveChat", chat_id=group.id)

    refusal = await call.error("sendMessage", chat_id=group.id, text="x")

    assert refusal == (403, "Forbidden: bot is not a member of the supergroup chat")


async def test_a_deleted_group_is_told_as_such(call: Calls, lan: Person, bot: Bot, group: Group):
    await lan.adds(bot, group)
    await group.disappears()

    refusal = await call.error("sendMessage", chat_id=group.id, text="x")

    assert refusal == (403, "Forbidden: the group chat was deleted")


async def test_in_privacy_a_bot_hears_only_what_is_meant_for_it(
    call: Calls, lan: Person, bot: Bot, group: Group
):
    await lan.adds(bot, group)
    await call.sends(group, "Tổng hợp")
    digest = lan.sees(group)[-1]

    await lan.says(group, "chuyện riêng")
    await lan.says(group, "/chuabaocao")
    await lan.says(group, "/chuabaocao@GiaoBan_bot")
    await lan.says(group, "/lich@khac_bot")
    await lan.says(group, "nhờ @giaoban_bot")
    await lan.says(group, "trả lời", reply_to=digest)

    expected = ["/chuabaocao", "/chuabaocao@GiaoBan_bot", "nhờ @giaoban_bot", "trả lời"]
    assert await heard(call) == expected


async def test_a_command_for_nobody_goes_to_the_bot_that_spoke_last(
    api: BotApi, call: Calls, lan: Person, bot: Bot, group: Group
):
    other = api.bot("khac_bot")
    await lan.adds(bot, group)
    await lan.adds(other, group)
    api.bot_says(other, group, "tôi nói sau cùng")

    await lan.says(group, "/chuabaocao")

    assert await heard(call) == []


@pytest.mark.parametrize("admin", [True, False])
async def test_an_administrator_or_a_bot_without_privacy_hears_all(
    api: BotApi, call: Calls, lan: Person, group: Group, admin: bool
):
    bot = api.bot("nghe_bot", privacy=admin)
    await lan.adds(bot, group, admin=admin)

    await lan.says(group, "chuyện chung")

    assert await heard(Calls(call.session, api, bot)) == ["chuyện chung"]


async def test_no_bot_hears_what_bots_send(
    api: BotApi, call: Calls, lan: Person, bot: Bot, group: Group
):
    other = api.bot("khac_bot")
    for each in (bot, other):
        await lan.adds(each, group, admin=True)
    await heard(call)

    await Calls(call.session, api, other).sends(group, "tôi là bot")
    await call.sends(group, "tôi cũng vậy")

    assert await heard(call) == []


async def test_another_bot_can_be_made_to_be_heard(
    api: BotApi, call: Calls, lan: Person, bot: Bot, group: Group
):
    other = api.bot("khac_bot")
    for each in (bot, other):
        await lan.adds(each, group, admin=True)

    api.bot_says(other, group, "/tonghop@giaoban_bot")

    sender = (await call.updates())[-1]["message"]["from"]
    assert (sender["is_bot"], sender["username"]) == (True, "khac_bot")


async def test_an_anonymous_administrator_writes_as_the_group(
    call: Calls, lan: Person, bot: Bot, group: Group
):
    await lan.adds(bot, group)

    await lan.says(group, "/ketnoi ABC", anonymous=True)

    message = (await call.updates())[-1]["message"]
    assert message["from"]["username"] == "GroupAnonymousBot"
    assert message["sender_chat"]["id"] == group.id


async def test_a_channel_s_posts_name_nobody(api: BotApi, call: Calls, lan: Person, bot: Bot):
    channel = api.channel("Thông báo", owner=lan)
    await lan.adds(bot, channel)
    post = await lan.says(channel, "Nghỉ lễ")
    await lan.edits(post, "Nghỉ lễ 30/4")
    own = await call.result("sendMessage", chat_id=channel.id, text="Tổng hợp")

    _, posted, edited = await call.updates()

    assert "from" not in posted["channel_post"]
    assert "from" not in own
    assert posted["channel_post"]["sender_chat"]["title"] == "Thông báo"
    assert edited["edited_channel_post"]["text"] == "Nghỉ lễ 30/4"


async def test_each_chat_counts_its_own_messages(call: Calls, lan: Person, bot: Bot, group: Group):
    await lan.adds(bot, group)
    await lan.opens(bot.link(""))

    assert await call.sends(lan) == await call.sends(group) == 2


async def test_a_group_that_became_a_supergroup_has_another_id(
    call: Calls, lan: Person, bot: Bot, group: Group
):
    old = group.id
    await lan.adds(bot, group)
    await call.sends(group, "trước")
    await group.becomes_supergroup()

    status, body = await call("sendMessage", chat_id=old, text="x")
    await call.sends(group, "sau")

    away, here = (update["message"] for update in (await call.updates())[-2:])
    assert (status, body["description"], body["parameters"]) == (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": group.id},
    )
    assert (away["chat"]["id"], away["migrate_to_chat_id"]) == (old, group.id)
    assert (here["chat"]["id"], here["migrate_from_chat_id"]) == (group.id, old)
    assert str(group.id).startswith("-100")
    assert [seen.text for seen in lan.sees(group) if seen.text] == ["trước", "sau"]


async def test_topics_have_their_own_threads(api: BotApi, call: Calls, lan: Person, bot: Bot):
    forum = api.group("Ban chỉ đạo", owner=lan, forum=True)
    await lan.adds(bot, forum)
    topic = forum.topic("Báo cáo ngày")

    await lan.says(forum, "/ketnoi@giaoban_bot X", thread=topic)
    message = (await call.updates())[-1]["message"]
    await call.sends(forum, "Tổng hợp", message_thread_id=message["message_thread_id"])

    assert (message["is_topic_message"], message["chat"]["is_forum"]) == (True, True)
    assert lan.sees(forum)[-1].thread == "Báo cáo ngày"
    forum.drops_topic(topic)
    gone = await call.error(
        "sendMessage", chat_id=forum.id, text="x", message_thread_id=message["message_thread_id"]
    )
    assert gone == (400, "Bad Request: message thread not found")


async def test_a_reply_in_a_supergroup_names_the_thread_it_began(
    api: BotApi, call: Calls, lan: Person, bot: Bot
):
    group = api.group("Nhóm huyện", owner=lan, supergroup=True)
    await lan.adds(bot, group, admin=True)
    asked = await lan.says(group, "còn thiếu ai?")

    await lan.says(group, "còn Vĩnh Yên", reply_to=asked)

    reply = (await call.updates())[-1]["message"]
    assert reply["message_thread_id"] == reply["reply_to_message"]["message_id"]
    assert "is_topic_message" not in reply


async def test_both_libraries_read_chats_and_members(
    library: Library, api: BotApi, lan: Person, bot: Bot, group: Group
):
    await lan.opens(bot.link(""))
    await lan.adds(bot, group, admin=True)
    group.join(api.person("Trần Văn Bình"))

    person, chat = await library.bot.get_chat(lan.id), await library.bot.get_chat(group.id)
    owner, me = await library.bot.get_chat_administrators(group.id)
    count = await library.bot.get_chat_member_count(group.id)
    member = await library.bot.get_chat_member(group.id, api.person("Trần Văn Bình").id)

    assert (person.first_name, chat.title, count) == (lan.name, "Chống dịch CORONA", 3)
    assert (owner.user.id, owner.status, me.status) == (lan.id, "creator", "administrator")
    assert member.status == "member"


async def test_both_libraries_know_who_they_are(library: Library, bot: Bot):
    me = await library.bot.get_me()

    assert (me.id, me.is_bot, me.username) == (bot.id, True, "giaoban_bot")
    assert not me.can_read_all_group_messages


COMMANDS = [("baocao", "Báo cáo hôm nay")]


async def test_both_libraries_set_what_the_menu_shows(library: Library, lan: Person, bot: Bot):
    if type(library).__name__ == "Aiogram":
        from aiogram.types import BotCommand as Command
        from aiogram.types import BotCommandScopeAllPrivateChats as Private
        from aiogram.types import MenuButtonCommands as Menu
    else:
        from telegram import BotCommand as Command
        from telegram import BotCommandScopeAllPrivateChats as Private
        from telegram import MenuButtonCommands as Menu
    commands: list[Any] = [Command(command=c, description=d) for c, d in COMMANDS]

    await library.bot.set_my_commands(commands, scope=Private(), language_code="vi")
    await library.bot.set_my_description("Báo cáo hằng ngày", language_code="vi")
    await library.bot.set_my_short_description("Báo cáo")
    await library.bot.set_chat_menu_button(menu_button=Menu())

    found = await library.bot.get_my_commands(scope=Private(), language_code="vi")
    assert lan.menu(bot) == COMMANDS
    assert [(c.command, c.description) for c in found] == COMMANDS
    assert not await library.bot.get_my_commands()
    told = await library.bot.get_my_description(language_code="vi")
    assert told.description == "Báo cáo hằng ngày"
    assert (await library.bot.get_my_short_description("vi")).short_description == "Báo cáo"
    assert (await library.bot.get_my_name()).name == "Giao Ban"
    assert (await library.bot.get_chat_menu_button()).type == "commands"


async def test_deleted_commands_leave_the_wider_scope(call: Calls, lan: Person, bot: Bot):
    private = {"type": "all_private_chats"}
    general = [{"command": "trogiup", "description": "Trợ giúp"}]
    await call.result("setMyCommands", commands=general)
    own = [{"command": "baocao", "description": "Báo cáo"}]
    await call.result("setMyCommands", commands=own, scope=private)
    assert lan.menu(bot) == [("baocao", "Báo cáo")]

    await call.result("deleteMyCommands", scope=private)

    assert lan.menu(bot) == [("trogiup", "Trợ giúp")]
