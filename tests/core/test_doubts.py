"""Odd figures are asked about once, and the answer is kept: confirmed, corrected or explained."""

from dataclasses import replace

import pytest
from desks import WHOLE_FORM, Talk, second_day, talk

from bot.core.desk import Step
from bot.core.dialogue import CONFIRMED
from bot.core.history import Usual

USUALLY = {"received_online": Usual(low=0, high=20, least=1, most=4, reports=15)}
# Received 5 + 20 + 0 and resolved 26: 4 + 25 - 26 = 3 still fits the day before.
SLIP = WHOLE_FORM.replace("trực tuyến 2", "trực tuyến 21").replace("đúng hạn 8", "đúng hạn 27")
DOUBT = "Nhận trực tuyến 21, trong khi thường ngày khoảng 1 đến 4 (15 báo cáo gần đây)."


def someone() -> Talk:
    return talk(replace(second_day(), usual=USUALLY))


def test_a_figure_far_from_the_units_own_reports_is_asked_about_with_the_figures() -> None:
    person = someone()

    turn = person.says(SLIP)

    assert f"» {DOUBT}\n" in turn.says.text
    assert [b.label for b in turn.says.buttons] == [
        *("Gửi", "Ghi lý do", "Sửa Nhận trực tuyến", "Hủy")
    ]


def test_a_usual_figure_is_not_asked_about() -> None:
    turn = someone().says(WHOLE_FORM)

    assert "thường ngày" not in turn.says.text


def test_a_unit_of_which_little_is_known_is_not_doubted() -> None:
    turn = talk().says(SLIP)

    assert "thường ngày" not in turn.says.text


@pytest.mark.parametrize("word", ["gửi", "xác nhận", "ok gửi"])
def test_an_unusual_figure_is_confirmed_by_a_word(word: str) -> None:
    person = someone()

    person.says(SLIP, word)

    [report] = person.sent
    assert report.doubts == {DOUBT: CONFIRMED}
    assert report.doubt_fields == {DOUBT: ("received_online",)}


def test_an_unusual_figure_is_corrected_by_another() -> None:
    person = someone()

    person.says(SLIP, "Trực tuyến 2, trả đúng hạn 8, gửi")

    assert person.sent[0].doubts == {}
    assert person.sent[0].answers["received_online"] == 2


@pytest.mark.parametrize(
    "reason",
    ["vì cấp đổi thẻ bảo hiểm", "lý do: cấp đổi thẻ bảo hiểm", "giải trình: dồn từ hôm qua"],
)
def test_an_unusual_figure_is_explained_in_words(reason: str) -> None:
    person = someone()

    person.says(SLIP, reason)

    assert person.sent[0].doubts == {DOUBT: reason}


def test_a_reason_may_hold_figures_once_it_was_asked_for() -> None:
    person = someone()

    turn = person.says(SLIP, "ghi lý do")
    assert 'ví dụ: "hôm qua đếm thiếu 2 hồ sơ"' in turn.says.text
    person.says("nhận bù 19 hồ sơ của hôm qua")

    assert person.sent[0].doubts == {DOUBT: "nhận bù 19 hồ sơ của hôm qua"}


def test_figures_in_place_of_the_reason_correct_the_report() -> None:
    person = someone()

    person.says(SLIP, "ghi lý do", "Trực tuyến 2, trả đúng hạn 8")

    assert person.sent == []
    assert person.answers["received_online"] == 2


@pytest.mark.parametrize(("word", "sent"), [("gửi", 1), ("quay lại", 0), ("hủy", 0)])
def test_who_was_asked_for_the_reason_may_do_without_it(word: str, sent: int) -> None:
    person = someone()

    person.says(SLIP, "ghi lý do", word)

    assert len(person.sent) == sent


def test_words_after_a_doubt_are_perhaps_the_reason_and_are_asked_back() -> None:
    person = someone()

    turn = person.says(SLIP, "dân đến nộp dồn sau nghỉ lễ")
    assert '"dân đến nộp dồn sau nghỉ lễ" chưa ghi được vào mục nào.' in turn.says.text
    assert person.cursor.step is Step.REVIEW
    person.says(turn.says.buttons[0].says)

    assert person.sent[0].doubts == {DOUBT: "vì dân đến nộp dồn sau nghỉ lễ"}


def test_the_reason_of_a_counter_that_is_not_open_is_no_explanation() -> None:
    person = someone()
    closed = SLIP.replace("Quầy: mở", "Quầy: giảm\nĐến ngày: 20/4")

    person.says(closed, "lý do: phun khử khuẩn")

    assert person.sent == []
    assert person.answers["counter_cause"] == "phun khử khuẩn"


def test_who_explains_is_told_that_the_reason_will_be_posted() -> None:
    confirmed, explained = someone(), someone()

    confirmed.says(SLIP, "gửi")
    explained.says(SLIP, "vì dồn từ hôm qua")

    assert "sẽ được đăng" not in confirmed.heard[-1]
    assert "sẽ được đăng" in explained.heard[-1]


def test_an_explanation_stays_when_another_figure_is_corrected() -> None:
    person = someone()
    person.says(SLIP, "vì dồn từ hôm qua")
    person.desk = replace(person.desk, usual={})  # by now it is usual

    person.says("Cấp thiết xong 0", "gửi")

    assert person.sent[1].doubts == {DOUBT: "vì dồn từ hôm qua"}


def test_an_explanation_goes_with_the_figure_that_it_explained() -> None:
    person = someone()
    person.says(SLIP, "vì dồn từ hôm qua")
    person.desk = replace(person.desk, usual={})

    person.says("Trực tuyến 2, trả đúng hạn 8", "gửi")

    assert person.sent[1].doubts == {}


def test_a_whole_form_in_one_counted_message_waits_for_the_doubt_to_be_answered() -> None:
    person = talk(replace(second_day(), usual=USUALLY, brief=True))

    person.says(SLIP)
    assert person.sent == []
    person.says("xác nhận")

    assert person.sent[0].doubts == {DOUBT: CONFIRMED}
