"""A command that waits for its reason: what is taken for it, and what is not."""

import pytest
from world import World, whole_form


@pytest.fixture
async def sent(world: World) -> World:
    """Tích Sơn has reported, and its coordinator reports for the district as well."""
    await world.all_join(("TS01", "VP-VY-TS01", "focal_point"), ("Bình", "VP-VY", "coordinator"))
    await world.at("2020-04-15 14:00")
    await world.says("TS01", whole_form(received_direct=5))
    return world


async def test_a_reason_is_awaited_for_half_an_hour_and_no_longer(sent: World):
    await sent.says("Bình", "/tralai Tích Sơn")

    await sent.at("2020-04-15 14:31")
    [answer] = await sent.says("Bình", "số chưa khớp")

    assert "Các lệnh dùng được" in answer


async def test_a_question_in_between_leaves_the_command_waiting(sent: World):
    await sent.says("Bình", "/tralai Tích Sơn")
    await sent.says("Bình", "/tinhhinh Tích Sơn")

    [answer] = await sent.says("Bình", "số chưa khớp")

    assert "Đã trả lại" in answer


async def test_a_report_in_between_calls_the_command_off(sent: World):
    await sent.joins("Bình", "VP-VY")
    await sent.says("Bình", "/tralai Tích Sơn")
    await sent.says("Bình", "/baocao")

    [answer] = await sent.says("Bình", "trực tiếp 5")

    assert "báo cáo ngày 15/4" in answer
    assert sent.heard("TS01")[-1].startswith("Đã nhận")


async def test_a_right_that_was_lost_meanwhile_is_asked_about_again(sent: World):
    await sent.says("Bình", "/tralai Tích Sơn")
    await sent.damage("UPDATE duty SET valid_until = '2020-04-15' WHERE role = 'coordinator'")

    await sent.says("Bình", "số chưa khớp")

    assert sent.heard("TS01")[-1].startswith("Đã nhận")


async def test_a_person_who_enters_for_a_unit_still_reports_for_their_own(sent: World):
    await sent.joins("Bình", "VP-VY")
    await sent.says("Bình", "/nhapthay Liên Bảo vì mất mạng")

    [answer] = await sent.says("Bình", "/baocao Vĩnh Yên")

    assert answer.startswith("Thành phố Vĩnh Yên: báo cáo ngày")
