"""Every command × role × place, and what those get who may not use it."""

import pytest
from world import World

from handlers.commands import COMMANDS, Place, command_named

STRANGER = "Đây là hệ thống báo cáo nội bộ"
UNBOUND = "Nhóm chưa kết nối"
NOT_ALLOWED = "không thuộc quyền"
IN_PRIVATE = "chỉ dùng khi nhắn riêng"
IN_GROUP = "chỉ dùng trong nhóm"
GRANTED = "granted"

REPORTERS = ("focal_point", "deputy")
READERS = ("coordinator", "committee", "office", "admin")
IN_ROOT = ("committee", "office", "admin")
WORDS = (
    *("start", "thamgia", "trogiup", "baocao", "xem", "sua", "khongphatsinh", "nghi", "phieu"),
    *("tonghop", "chuabaocao", "tinhhinh", "duyet", "tralai", "nhapthay", "miencho", "molai"),
    *("ketnoi", "chapnhan", "hoiso", "tuchoi"),
    *("themkenh", "nhom", "dadang", "daden", "guilai"),
)
# What each may use in private; in groups it does not matter who speaks.
JOINING = frozenset({"start", "thamgia"})
REPORTING = frozenset({"baocao", "xem", "sua", "khongphatsinh", "nghi"})
READING = frozenset({"tonghop", "chuabaocao", "tinhhinh"})
DECIDING = frozenset({"chapnhan", "hoiso", "tuchoi", "nhom"})
GIVING = frozenset({"duyet", "tralai", "nhapthay", "miencho"})
REOPENING = frozenset({"molai"})
CONFIRMING = frozenset({"daden", "guilai"})
POSTING = frozenset({"dadang"})
OWN = frozenset({"trogiup", "themkenh", "phieu"})
# In a group, words that other bots may have too, or that only a message of ours names.
SILENT = dict.fromkeys(JOINING | CONFIRMING | POSTING, "")
PRIVATE_ONLY = REPORTING | DECIDING | GIVING | REOPENING | {"themkenh", "phieu"}
PRIVATE = {
    **dict.fromkeys(REPORTERS, JOINING | REPORTING | OWN),
    **dict.fromkeys(READERS, JOINING | READING | OWN),
    "office": JOINING | READING | POSTING | OWN,
    "coordinator": JOINING | READING | GIVING | POSTING | OWN,
    "admin": JOINING | READING | GIVING | REOPENING | DECIDING | CONFIRMING | POSTING | OWN,
}
BOUND_GROUP = READING | {"ketnoi", "trogiup"}


def unit_of(role: str) -> str:
    if role in IN_ROOT:
        return "VP"
    return "VP-VY" if role == "coordinator" else "VP-VY-TS01"


def outcome(answers: list[str]) -> str:
    if not answers:
        return ""
    [answer] = answers
    said = (STRANGER, UNBOUND, NOT_ALLOWED, IN_PRIVATE, IN_GROUP)
    return next((words for words in said if words in answer), GRANTED)


def test_the_matrix_knows_every_command():
    assert tuple(command.word for command in COMMANDS) == WORDS


@pytest.mark.parametrize("role", [*REPORTERS, *READERS])
async def test_with_a_duty_one_may_use_in_private_what_belongs_to_it(role: str, world: World):
    await world.joins("ai", unit_of(role), role)

    said = {word: outcome(await world.says("ai", f"/{word}")) for word in WORDS}

    refused = dict.fromkeys(WORDS, NOT_ALLOWED) | {"ketnoi": IN_GROUP}
    assert said == refused | dict.fromkeys(PRIVATE[role], GRANTED)


async def test_a_stranger_gets_the_same_polite_answer_to_everything_but_how_to_join(world: World):
    words = (*(f"/{w}" for w in WORDS if w != "thamgia"), "/gì", "chào")
    said = {(await world.says("người lạ", w))[0] for w in words}

    assert len(said) == 1
    assert STRANGER in said.pop()


async def test_a_bound_group_reads_and_does_not_report(world: World):
    await world.joins("nhóm", "VP-VY", "group")

    said = {word: outcome(await world.says("nhóm", f"/{word}", by="ai")) for word in WORDS}

    assert said == (
        dict.fromkeys(BOUND_GROUP, GRANTED) | dict.fromkeys(PRIVATE_ONLY, IN_PRIVATE) | SILENT
    )


async def test_a_group_that_is_not_bound_can_only_be_bound(world: World):
    said = {word: outcome(await world.says("nhóm", f"/{word}", by="ai")) for word in WORDS}

    # /ketnoi without a code is told how to go on.
    expected = dict.fromkeys(BOUND_GROUP, UNBOUND) | dict.fromkeys(PRIVATE_ONLY, IN_PRIVATE)
    assert said == expected | SILENT


async def test_a_focal_point_has_no_more_rights_in_a_group_than_others(world: World):
    await world.joins("TS01", "VP-VY-TS01")

    said = outcome(await world.says("nhóm", "/tonghop", by="TS01"))

    assert said == UNBOUND


async def test_what_is_not_meant_for_the_bot_is_not_answered_in_a_group(world: World):
    await world.joins("nhóm", "VP-VY", "group")
    await world.joins("TS01", "VP-VY-TS01")

    for said in ("chào cả nhà", "15/4 họp lúc 8h", "/lenhcuabotkhac", "6/14 5 3"):
        assert await world.says("nhóm", said, by="TS01") == []


async def test_a_command_is_known_in_any_case_with_diacritics_and_by_its_alias(world: World):
    await world.joins("TS01", "VP-VY-TS01")

    for said in ("/BAOCAO", "/báocáo", "/report", "\u200b/baocao", "  /baocao"):
        [answer] = await world.says("TS01", said)
        assert "báo cáo ngày 13/4" in answer


async def test_a_group_may_call_the_bot_by_name(world: World):
    await world.joins("nhóm", "VP-VY", "group")

    [answer] = await world.says("nhóm", "@Giao Ban /chuabaocao", by="ai")

    assert "còn 3/3 đơn vị chưa báo cáo" in answer


async def test_the_help_lists_what_the_person_may_use_and_nothing_else(world: World):
    for role in (*REPORTERS, *READERS):
        await world.joins(role, unit_of(role), role)

        [answer] = await world.says(role, "/trogiup")

        listed = {line[1:].partition(":")[0] for line in answer.splitlines() if line[0] == "/"}
        assert listed == PRIVATE[role] - JOINING - CONFIRMING - POSTING


async def test_a_reader_who_writes_anything_is_shown_the_commands(world: World):
    await world.joins("lãnh đạo", "VP", "committee")

    [answer] = await world.says("lãnh đạo", "tình hình thế nào?")

    assert "/tonghop" in answer


def test_no_word_or_alias_names_two_commands():
    words = [w for command in COMMANDS for w in (command.word, command.alias)]

    assert len(words) == len(set(words))
    assert all(command_named(w) is not None for w in words)
    assert all(command.places <= set(Place) and command.roles for command in COMMANDS)
