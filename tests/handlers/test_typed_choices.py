"""Where there are no buttons, a choice is a number; a number that answers a question is none."""

import pytest
from world import COUNTED, World, whole_form

TICH_SON, LIEN_BAO = "VP-VY-TS01", "VP-VY-LB02"
CHOICES = "Chọn bằng số: 1 Gửi; 2 Hủy."


@pytest.fixture
async def asked(world: World) -> World:
    """TS01 was asked at 15:00, on a messenger without buttons."""
    await world.joins("TS01", TICH_SON)
    world.channel.abilities = COUNTED
    await world.at("2020-04-13 15:00")
    return world


async def reviewed(world: World) -> str:
    """TS01 has sent a report, and is shown a correction of it with its choices."""
    await world.says("TS01", whole_form(received_direct=5, resolved_on_time=5, pending=9))
    [review] = await world.says("TS01", "Đang giải quyết 11")
    assert review.endswith(CHOICES), review
    return review


@pytest.mark.parametrize("said", ["1", "1.", "1)", " 1 ", "01", "1\t", "1.)"])
async def test_a_number_says_what_its_choice_says(asked: World, said: str):
    await reviewed(asked)

    [answer] = await asked.says("TS01", said)

    assert answer.startswith("Đã nhận bản sửa báo cáo ngày 13/4")


async def test_a_receipt_names_the_code_of_the_report_that_it_replaces(asked: World):
    [first] = await asked.says("TS01", whole_form(pending=9))
    [second] = await asked.says("TS01", "sửa đang giải quyết 10")
    [third] = await asked.says("TS01", "sửa đang giải quyết 11")

    codes = [receipt.partition(" Mã ")[2][:6] for receipt in (first, second, third)]
    assert len(set(codes)) == 3
    assert f"Mã {codes[1]}, thay bản mã {codes[0]}." in second
    assert f"Mã {codes[2]}, thay bản mã {codes[1]}." in third


@pytest.mark.parametrize("said", ["0", "3", "99"])
async def test_a_number_beyond_the_list_sends_nothing_and_shows_the_choices_again(
    asked: World, said: str
):
    await reviewed(asked)

    [answer] = await asked.says("TS01", said)

    assert "Đã nhận" not in answer
    assert answer.endswith(CHOICES)


@pytest.mark.parametrize("said", ["1 2", "-1", "1,5", "số 1", "100"])
async def test_what_is_more_than_a_number_is_no_choice(asked: World, said: str):
    await reviewed(asked)

    [answer] = await asked.says("TS01", said)

    assert "Đã nhận" not in answer


async def test_after_a_notice_a_number_is_no_choice_any_more(asked: World):
    await asked.joins("TS01", LIEN_BAO)
    await reviewed_for_one_of_two(asked)
    [reminder] = await asked.news("2020-04-13 16:00")

    [answer] = await asked.says("TS01", "1")

    assert reminder[0] == "TS01"
    assert "Đã nhận" not in answer
    [(revisions,)] = await asked.sql("SELECT max(revisions) FROM report")
    assert revisions == 1


async def reviewed_for_one_of_two(world: World) -> None:
    await world.says("TS01", "/baocao 1")
    await world.says("TS01", whole_form(received_direct=5, resolved_on_time=5, pending=9))
    await world.says("TS01", "/sua")
    [review] = await world.says("TS01", "Đang giải quyết 11")
    assert review.endswith(CHOICES), review


async def test_a_number_answers_the_question_that_is_asked_after_a_choice(asked: World):
    await asked.says("TS01", whole_form(pending=9, overdue=12))

    [question] = await asked.says("TS01", "1")
    [review] = await asked.says("TS01", "2")

    assert question.startswith("Câu 9/15. Đang giải quyết bao nhiêu hồ sơ")
    assert "Đang giải quyết: 2" in review


async def test_question_by_question_a_number_is_the_answer(asked: World):
    [first] = await asked.says("TS01", "từng câu")

    [second] = await asked.says("TS01", "1")

    assert first.startswith("Câu 1/15.")
    assert second.startswith("Câu 2/15.")


async def test_which_of_several_units_is_meant_is_chosen_by_number(asked: World):
    await asked.joins("TS01", LIEN_BAO)

    [asks] = await asked.says("TS01", "/baocao")
    [form] = await asked.says("TS01", "2")

    assert "Anh/chị báo cáo cho các đơn vị sau" in asks
    assert form.startswith("Phường Liên Bảo: báo cáo ngày 13/4")


async def test_where_buttons_are_shown_a_number_nobody_sees_sends_no_report(world: World):
    await world.joins("TS01", TICH_SON)
    await world.at("2020-04-13 15:00")
    await world.says("TS01", whole_form(pending=9).removesuffix("\ngửi"))

    [answer] = await world.says("TS01", "1")

    assert "Đã nhận" not in answer
    assert await world.sql("SELECT count(*) FROM revision") == [(0,)]


async def test_where_buttons_are_shown_a_unit_can_be_chosen_by_the_number_in_the_text(
    world: World,
):
    await world.joins("TS01", TICH_SON)
    await world.joins("TS01", LIEN_BAO)
    await world.says("TS01", "/baocao")

    [form] = await world.says("TS01", "2")

    assert form.startswith("Phường Liên Bảo")
