"""Every change of a report is on the record: old, new, who, when, why, by which channel."""

import json
from typing import Any

import pytest
from world import World, whole_form

SUBJECT = "VP-VY-TS01/2020-04-15"


@pytest.fixture
async def sent(world: World) -> World:
    """Tích Sơn has reported 12 dossiers received online, on Wednesday at 15:20."""
    await world.all_join(("Lan", "VP-VY-TS01", "focal_point"), ("Bình", "VP-VY", "coordinator"))
    world.opens_second()
    code = await world.code("VP-VY-TS01", "deputy")
    await world.at("2020-04-15 15:20")
    await world.says_there("Hoa", f"/start {code}")
    await world.says("Lan", whole_form(received_online=12), message_id="1")
    return world


async def recorded(world: World) -> list[tuple[Any, ...]]:
    """What was done to the report: what, who, by which channel, changes, reason."""
    rows = await world.sql(
        "SELECT a.what, p.name, a.channel, a.detail FROM audit_event a"
        " JOIN person p ON p.id = a.person_id WHERE a.subject = :subject ORDER BY a.id",
        subject=SUBJECT,
    )
    found = []
    for what, name, channel, detail in rows:
        said = json.loads(str(detail))
        found.append((what, name, channel, said.get("changed"), said.get("reason")))
    return found


async def revised(world: World) -> list[tuple[Any, ...]]:
    return await world.sql(
        "SELECT v.number, p.name, v.channel, v.received_online, v.reason FROM revision v"
        " JOIN person p ON p.id = v.person_id ORDER BY v.number"
    )


async def test_a_correction_by_command_leaves_old_new_who_why_and_channel(sent: World):
    await sent.at("2020-04-15 16:05")
    await sent.says_there("Hoa", "/sua trực tuyến 21 vì đếm thiếu một sổ")
    await sent.says_there("Hoa", "gửi")

    changed = {"received_online": [12, 21]}
    assert (await recorded(sent))[1:] == [
        ("report corrected", "Hoa", "second", changed, "đếm thiếu một sổ")
    ]
    assert await revised(sent) == [
        (1, "Lan", "fake", 12, ""),
        (2, "Hoa", "second", 21, "đếm thiếu một sổ"),
    ]


async def test_a_correction_by_editing_the_message_leaves_the_same(sent: World):
    await sent.edits("Lan", "1", whole_form(received_online=21))
    await sent.says("Lan", "vì đếm thiếu một sổ")

    changed = {"received_online": [12, 21]}
    assert (await recorded(sent))[1:] == [
        ("report corrected", "Lan", "fake", changed, "đếm thiếu một sổ")
    ]


async def test_a_reason_in_a_remark_stays_in_the_remark(sent: World):
    await sent.says("Lan", "sửa khó khăn: mạng chậm vì mưa")
    await sent.says("Lan", "gửi")

    [_, (_, _, _, changed, reason)] = await recorded(sent)
    assert changed == {"issues": ["", "mạng chậm vì mưa"]}
    assert reason is None


async def test_a_unit_sees_what_happened_to_its_report(sent: World):
    await sent.at("2020-04-15 16:05")
    await sent.says("Bình", "/tralai Tích Sơn vì số trực tuyến chưa khớp")
    await sent.at("2020-04-15 16:07")
    await sent.says_there("Hoa", "sửa trực tuyến 21 vì đếm thiếu một sổ")
    await sent.says_there("Hoa", "gửi")
    await sent.at("2020-04-15 16:10")
    await sent.says("Bình", "/nhapthay Tích Sơn vì mất mạng")
    await sent.says("Bình", "/sua trực tuyến 20")
    await sent.says("Bình", "gửi")

    [answer] = await sent.says("Lan", "/xem")

    assert answer.splitlines()[-5:] == [
        "Lịch sử:",
        "- Lần 1: 15h20 15/4, Lan, Zalo",
        "- 16h05 15/4, Bình trả lại để sửa: số trực tuyến chưa khớp",
        "- Lần 2: 16h07 15/4, Hoa, Telegram. Nhận trực tuyến: 12 → 21. Lý do: đếm thiếu một sổ",
        "- Lần 3: 16h10 15/4, Bình, Zalo, nhập thay. Nhận trực tuyến: 21 → 20. Lý do: mất mạng",
    ]


async def test_a_report_that_was_only_sent_has_no_history_to_show(sent: World):
    [answer] = await sent.says("Lan", "/xem")

    assert "Lịch sử" not in answer


async def test_after_looking_at_the_report_a_correction_goes_on(sent: World):
    await sent.says("Lan", "/xem")
    await sent.says("Lan", "sửa trực tuyến 21")
    [answer] = await sent.says("Lan", "gửi")

    assert "Đã nhận bản sửa" in answer
