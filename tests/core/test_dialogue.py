from dataclasses import replace
from datetime import date, timedelta

import pytest
from desks import (
    FORM,
    QUIET_DAY,
    STANDING,
    TODAY,
    WHOLE_FORM,
    YESTERDAY,
    Talk,
    at,
    first_day,
    second_day,
    talk,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.desk import Cursor, Desk, Draft, Step
from bot.core.dialogue import (
    CONFIRMED,
    ask_one_by_one,
    correct,
    nothing_arose,
    open_form,
    receipt_code,
    show_sent,
)
from bot.core.form import Answers
from bot.core.life import Life
from bot.core.text import clean, fold

ALL_BUT_REMARK = WHOLE_FORM.replace("\nKhó khăn: không", "")
ALL_BUT_TWO = ALL_BUT_REMARK.replace("Trực 2\n", "")


def reported() -> Talk:
    """A commune that has sent today's report."""
    person = talk()
    person.says(f"{WHOLE_FORM}\ngửi")
    return person


# The form on one screen


def test_the_form_shows_yesterdays_figures_beside_empty_blanks() -> None:
    says = open_form(second_day()).says.text

    assert "\n3. Nhận trực tiếp: __ (6)\n" in says
    assert "\n12. Khó khăn: __\n" in says
    assert "Trong ngoặc: số 14/4." in says


def test_standing_facts_are_not_asked_again_but_shown_with_their_day() -> None:
    says = open_form(second_day()).says.text

    assert "Tổng số cán bộ: __" not in says
    assert "» Như cũ thì không cần ghi: Tổng số cán bộ 3 (từ 14/4)" in says


def test_the_first_form_asks_the_standing_facts_and_has_no_brackets() -> None:
    says = open_form(first_day()).says.text

    assert "Tổng số cán bộ: __\n" in says
    assert "Trong ngoặc" not in says


def test_the_form_after_the_deadline_says_that_a_report_is_still_taken() -> None:
    at_the_deadline = open_form(replace(second_day(), now=at(16, 30))).says.text
    after_it = open_form(replace(second_day(), now=at(16, 31))).says.text

    assert "vẫn nhận" not in at_the_deadline
    assert "Hạn gửi 16h30, đã quá hạn, vẫn nhận." in after_it


@pytest.mark.parametrize("level", ["commune", "district"])
def test_the_form_of_the_first_day_fits_one_message(level: str) -> None:
    says = open_form(first_day(level)).says.text

    assert len(says) < 1000


# The report in one message


def test_a_whole_form_is_shown_and_sent_in_three_messages() -> None:
    person = talk()

    person.says(WHOLE_FORM, "gửi")

    assert len(person.heard) == 3
    assert person.sent[0].answers["pending"] == 3
    assert person.sent[0].answers["staff_total"] == 3
    assert person.heard[-1].startswith("Đã nhận báo cáo ngày 15/4 của Xã Quang Sơn")


@pytest.mark.parametrize("ending", ["\ngửi", ", gửi", ". Gửi!", "\nGỬI Ạ", "; gửi luôn"])
def test_a_message_that_ends_with_the_word_send_is_sent_at_once(ending: str) -> None:
    person = talk()

    person.says(WHOLE_FORM + ending)

    assert len(person.heard) == 2
    assert person.sent[0].answers["issues"] == ""


def test_answering_the_gaps_sends_without_a_further_word() -> None:
    person = talk()

    person.says(ALL_BUT_TWO, "2, không")

    assert len(person.heard) == 3
    assert person.sent[0].answers["staff_on_duty"] == 2


def test_only_what_is_missing_is_asked_next() -> None:
    turn = talk().says(ALL_BUT_TWO)

    assert (turn.cursor.step, turn.cursor.asked) == (Step.GAPS, ("staff_on_duty", "issues"))
    assert "1. Cán bộ trực: __ (2)\n2. Khó khăn: __\n" in turn.says.text


def test_values_in_order_answer_the_form_that_was_pushed_to_the_person() -> None:
    person = Talk(second_day())  # the prompt was sent by the clock: no cursor was set

    person.says("mở 2 5 2 0 8 0 3 0 1 1 không", "gửi")

    assert person.sent[0].answers["received_direct"] == 5


def test_a_reply_to_yesterdays_form_is_shown_as_todays_before_it_is_sent() -> None:
    stale = Cursor(Step.GAPS, YESTERDAY, ("pending",))
    person = Talk(second_day(), stale)

    person.says("12")
    turn = person.says("Đang giải quyết 12")

    assert not person.sent
    assert turn.says.text.startswith("Xã Quang Sơn: báo cáo ngày 15/4\nĐang giải quyết: 12\n")


def test_an_unclear_figure_keeps_a_full_message_from_being_sent() -> None:
    person = talk()

    turn = person.says(f"{WHOLE_FORM}\nLượt khách khoảng 40\ngửi")

    assert not person.sent
    assert 'Lượt khách: "Lượt khách khoảng 40" chưa rõ là số nào.' in turn.says.text
    assert 'ví dụ: "Lượt khách 12"' in turn.says.text


def test_an_unclear_gap_is_asked_again_and_the_rest_is_kept() -> None:
    person = talk()

    person.says(ALL_BUT_TWO, "khoảng 2, không")

    assert person.answers["issues"] == ""
    assert "staff_on_duty" not in person.answers
    person.says("2")
    assert person.sent[0].answers["staff_on_duty"] == 2


def test_figures_that_may_be_added_are_part_of_the_report() -> None:
    person = talk()

    person.says(f"{WHOLE_FORM}\nCán bộ cách ly 1, lượt khách 12\ngửi")

    assert person.sent[0].answers["staff_isolated"] == 1
    assert person.sent[0].answers["visitors"] == 12


def test_a_figure_that_is_not_asked_of_the_unit_is_not_taken_and_said_so() -> None:
    person = talk()

    turn = person.says("Thanh toán trực tuyến 9, trực tiếp 5")

    assert person.answers == {"received_direct": 5}
    assert "Thanh toán trực tuyến: đơn vị không cần ghi mục này." in turn.says.text


def test_cause_day_and_substitute_of_a_closed_counter_are_asked_together() -> None:
    person = talk()

    turn = person.says(WHOLE_FORM.replace("mở", "đóng"))
    person.says("phun khử khuẩn, 18/4, thị trấn Hợp Châu")

    assert "1. Lý do: __\n2. Đến ngày: __\n3. Tiếp nhận thay: __\n" in turn.says.text
    assert person.sent[0].answers["counter_until"] == "2020-04-18"
    assert person.sent[0].answers["counter_substitute"] == "thị trấn Hợp Châu"


def test_a_cause_is_not_needed_while_the_counter_is_open() -> None:
    turn = talk().says("Quầy: mở, lý do: mưa")

    assert turn.draft is not None
    assert turn.draft.answers == {"counter_status": "open"}


# What cannot be read


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("x" * 10_000, "Tin quá dài"),
        ("", "Chưa đọc được tin này"),
        ("\u200b\u202e \u2066", "Chưa đọc được tin này"),
        ("😷😷😷", "Chưa đọc được số liệu nào"),
        ("chào anh chị", "Chưa đọc được số liệu nào"),
        ("5 trực tiếp 3 trực tuyến 4", 'ví dụ: "Trực tiếp 5"'),
        ("quá hạn 2", "Trả quá hạn hay Quá hạn chưa trả"),
        ("1 2 3", "Có 3 giá trị, cần đủ 10."),
        ("không", 'gõ: "không phát sinh"'),
        ("0", 'gõ: "không phát sinh"'),
        ("bỏ qua", "Chưa đọc được số liệu nào"),
    ],
)
def test_what_cannot_be_read_is_answered_and_leaves_the_draft_as_it_was(
    said: str, answered: str
) -> None:
    person = talk()
    person.says("Trực 2, trực tiếp 5")
    draft = person.desk.draft

    turn = person.says(said)

    assert answered in turn.says.text
    assert turn.draft == draft


def test_nothing_is_begun_by_a_message_that_holds_no_answer() -> None:
    turn = talk().says("quá hạn 2")

    assert turn.draft is None
    assert turn.says.text == (
        "Chưa ghi được mục nào vào báo cáo ngày 15/4 của Xã Quang Sơn.\n"
        '"quá hạn 2": chưa rõ là Trả quá hạn hay Quá hạn chưa trả. Ghi đủ tên, '
        'ví dụ: "Trả quá hạn 12".'
    )


def test_a_whole_form_after_a_message_that_was_not_understood_is_shown_before_it_is_sent() -> None:
    person = talk()

    person.says("quá hạn 2", WHOLE_FORM)
    assert not person.sent
    person.says("gửi")

    assert person.sent


def test_values_in_order_after_a_message_that_was_not_understood_go_to_the_same_blanks() -> None:
    person = talk()

    person.says("quá hạn 2", "mở 2 5 2 0 8 0 3 0 1 1 không", "gửi")

    assert person.sent[0].answers["received_direct"] == 5


def test_skipping_all_questions_shows_the_form_again() -> None:
    person = talk()

    turn = person.says("từng câu", *["bỏ qua"] * 12)

    assert turn.cursor.step is Step.FORM
    assert "1. Quầy: __ (mở)" in turn.says.text


def test_the_word_send_before_anything_is_entered_says_so_above_the_form() -> None:
    says = talk().says("gửi").says.text

    assert says.startswith("Chưa có số liệu để gửi.\nXã Quang Sơn: báo cáo ngày 15/4\n")


def test_too_long_a_message_does_not_lose_the_place() -> None:
    person = talk()
    person.says(ALL_BUT_TWO, "x" * 10_000, "2, không")

    assert person.sent


# Doubts


def test_a_doubt_is_asked_once_with_its_figures_and_confirmed_by_sending() -> None:
    person = talk()

    turn = person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5") + "\ngửi")
    assert "» Lệch 2 hồ sơ: hôm trước còn 4, cộng mới nhận là 11;" in turn.says.text
    person.says("gửi")

    assert list(person.sent[0].doubts.values()) == [CONFIRMED]


def test_a_doubt_is_answered_by_new_figures() -> None:
    person = talk()

    person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), "Đang giải quyết 3, gửi")

    assert person.sent[0].answers["pending"] == 3
    assert person.sent[0].doubts == {}


@pytest.mark.parametrize("reason", ["vì hôm qua đếm thiếu", "do hôm qua đếm thiếu"])
def test_a_doubt_is_explained_and_the_reason_kept(reason: str) -> None:
    person = talk()

    person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), reason)

    assert list(person.sent[0].doubts.values()) == [reason]


def test_an_answer_to_a_doubt_holds_only_for_the_figures_it_was_asked_about() -> None:
    person = talk()

    turn = person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), "Đang giải quyết 6, gửi")

    assert not person.sent
    assert "Lệch 3 hồ sơ" in turn.says.text


def test_filling_the_gaps_does_not_confirm_a_doubt() -> None:
    person = talk()

    person.says(ALL_BUT_REMARK.replace("giải quyết 3", "giải quyết 5"), "không")

    assert not person.sent
    person.says("gửi")
    assert person.sent


def test_who_has_not_seen_a_doubt_cannot_confirm_it() -> None:
    first = talk()
    first.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"))
    second = Talk(first.desk)

    turn = second.says("gửi")

    assert not second.sent
    assert "Lệch 2 hồ sơ" in turn.says.text


def test_with_impossible_figures_and_gaps_both_next_steps_are_named() -> None:
    turn = talk().says("Trực 4, trực tiếp 5")

    assert turn.says.text.endswith(
        'Đề nghị ghi lại số đúng, ví dụ: "Đang giải quyết 12" và ghi nốt các mục còn thiếu.'
    )


def test_impossible_figures_are_refused_until_they_are_put_right() -> None:
    person = talk()

    turn = person.says(f"{WHOLE_FORM}\nTrực 4", "gửi", "Trực 4", "gửi", "gửi")
    assert not person.sent
    assert "Cán bộ trực (4) nhiều hơn Tổng số cán bộ (3)." in turn.says.text

    person.says("Trực 3, gửi")
    assert person.sent


# Correcting what was sent


@pytest.mark.parametrize(
    "said", ["Trực tiếp 6, bưu chính 1, đang giải quyết 5", "sửa trực tiếp 6\nbđ 1\ntồn 5"]
)
def test_several_figures_are_corrected_at_once_after_sending(said: str) -> None:
    person = reported()

    turn = person.says(said)
    assert "Nhận trực tiếp: 5 → 6\nNhận qua bưu chính: 0 → 1\n" in turn.says.text
    person.says("gửi")

    assert person.sent[1].answers["received_direct"] == 6
    assert person.sent[1].life.revisions == 2


def test_a_correction_that_brings_back_the_sent_figures_leaves_nothing_to_send() -> None:
    person = reported()

    turn = person.says("Trực tiếp 6", "Trực tiếp 5")

    assert turn.draft is None
    assert "không cần gửi lại" in turn.says.text


def test_closing_the_counter_after_sending_asks_why_and_waits_for_the_word() -> None:
    person = reported()

    person.says("Quầy: đóng", "phun khử khuẩn, chưa rõ, thị trấn Hợp Châu")
    assert len(person.sent) == 1
    person.says("gửi")

    assert person.sent[1].answers["counter_cause"] == "phun khử khuẩn"


def test_a_doubt_answered_when_sending_is_not_asked_by_a_correction() -> None:
    person = talk()
    person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), "vì hôm qua đếm thiếu")

    person.says("Trực 3", "gửi")

    assert list(person.sent[1].doubts.values()) == ["vì hôm qua đếm thiếu"]


@pytest.mark.parametrize("said", ["cảm ơn", "Dạ vâng ạ", "ok", "OK, cảm ơn anh chị ạ!", "vâng"])
def test_a_thank_you_after_sending_is_returned_and_not_lectured(said: str) -> None:
    assert reported().says(said).says.text == "Cảm ơn anh/chị."


@pytest.mark.parametrize("said", ["chào em", "không phát sinh", "từng câu", "gửi"])
def test_small_talk_after_sending_says_that_the_report_is_there(said: str) -> None:
    person = reported()

    turn = person.says(said)

    assert turn.draft is None
    assert "đã nhận lúc 15h20" in turn.says.text


def test_bare_figures_after_sending_are_asked_back() -> None:
    person = reported()

    turn = person.says("12")

    assert turn.draft is None
    assert "chưa rõ thuộc mục nào" in turn.says.text


@pytest.mark.parametrize("said", ["", "  "])
def test_correcting_without_figures_says_how(said: str) -> None:
    person = reported()

    assert 'ví dụ: "Đang giải quyết 12"' in correct(person.desk, person.cursor, said).says.text
    assert 'ví dụ: "Đang giải quyết 12"' in person.says("sửa").says.text


def test_what_was_sent_is_shown_whole() -> None:
    person = reported()

    says = show_sent(person.desk).says.text

    assert "báo cáo ngày 15/4, gửi lúc 15h20\nQuầy: mở\n" in says
    assert "Phòng dịch: đủ\n" in says


def test_a_correction_can_be_thrown_away() -> None:
    person = reported()

    turn = person.says("Trực tiếp 6", "hủy")

    assert turn.draft is None
    assert "đã gửi giữ nguyên" in turn.says.text


def test_standing_facts_keep_their_day_until_they_are_stated_again() -> None:
    person = talk()

    person.says(f"{WHOLE_FORM}\nTổng số cán bộ 4\ngửi")

    assert person.sent[0].stated_on["staff_total"] == TODAY
    assert person.sent[0].stated_on["measures"] == YESTERDAY


# Nothing arose


@pytest.mark.parametrize(
    "said",
    ["không phát sinh", "Hôm nay không phát sinh hồ sơ nào", "k phát sinh hs", "ko có phát sinh"],
)
def test_when_nothing_arose_only_stocks_are_asked(said: str) -> None:
    turn = talk().says(said)

    assert turn.cursor.asked == ("staff_on_duty", "pending", "overdue")
    assert turn.draft is not None
    assert turn.draft.answers["received_direct"] == 0
    assert "\nQuầy: mở\n" in turn.says.text


def test_nothing_arose_and_the_stocks_fit_one_message() -> None:
    person = talk()

    person.says("Không phát sinh, trực 2, đang giải quyết 4, quá hạn chưa trả 0, gửi")

    assert person.sent[0].answers["resolved_late"] == 0


def test_dossiers_already_entered_are_not_thrown_away_by_nothing_arose() -> None:
    person = talk()
    person.says("Trực tiếp 5")

    turn = person.says("không phát sinh")

    assert person.answers["received_direct"] == 5
    assert "Nhận trực tiếp: 5" in turn.says.text


@pytest.mark.parametrize(
    ("until", "kept"), [("2020-04-14", False), ("2020-04-15", True), ("", True)]
)
def test_a_closed_counter_stays_closed_until_its_day_has_passed(until: str, *, kept: bool) -> None:
    closed: Answers = {
        **QUIET_DAY,
        "counter_status": "closed",
        "counter_cause": "phun khử khuẩn",
        "counter_until": until,
        "counter_substitute": "thị trấn Hợp Châu",
    }

    turn = nothing_arose(second_day(closed))

    assert turn.draft is not None
    assert ("counter_status" in turn.draft.answers) == kept
    assert ("counter_status" in turn.cursor.asked) != kept


def test_the_counter_of_a_report_before_the_last_is_asked_again() -> None:
    turn = nothing_arose(second_day(follows_on=False))

    assert "counter_status" in turn.cursor.asked


def test_on_the_first_day_nothing_arose_asks_the_standing_facts_too() -> None:
    turn = nothing_arose(first_day())

    assert set(STANDING) < set(turn.cursor.asked)


# Question by question


def test_questions_come_one_by_one_and_end_in_a_review() -> None:
    person = talk()

    turn = person.says("từng câu", "mở", "2", "5", "2", "0", "8", "0", "3", "0", "1", "1", "không")
    assert turn.cursor.step is Step.REVIEW
    person.says("gửi")

    assert person.sent[0].answers["received_online"] == 2


def test_a_question_shows_its_number_yesterdays_figure_and_what_is_entered() -> None:
    person = talk()
    person.says("từng câu", "mở", "2")

    turn = person.says("quay lại")

    assert "Câu 2/12." in turn.says.text
    assert "(hôm trước: 2; đang ghi: 2)" in turn.says.text


def test_a_question_can_be_skipped_and_is_asked_at_the_end() -> None:
    person = talk()

    turn = person.says(
        "từng câu", "bỏ qua", "2", "5", "2", "0", "8", "0", "3", "0", "1", "1", "không"
    )
    assert (turn.cursor.step, turn.cursor.asked) == (Step.GAPS, ("counter_status",))
    person.says("mở")

    assert person.sent


def test_going_back_from_the_first_question_stays_there() -> None:
    person = talk()
    person.says("từng câu")

    assert "Câu 1/12." in person.says("quay lại").says.text


def test_a_wrong_answer_is_asked_again_with_an_example() -> None:
    person = talk()
    person.says("từng câu", "mở")

    turn = person.says("khoảng 2")

    assert turn.says.text.startswith('Cán bộ trực: "khoảng 2" chưa rõ là số nào. Ghi một số')
    assert turn.cursor.asked == ("staff_on_duty",)


def test_another_field_may_be_named_in_the_midst_of_the_questions() -> None:
    person = talk()
    person.says("từng câu", "mở")

    turn = person.says("Trực tiếp 5")

    assert person.answers == {"counter_status": "open", "received_direct": 5}
    assert turn.cursor.asked == ("staff_on_duty",)


def test_a_closed_counter_is_asked_about_at_once() -> None:
    person = talk()

    turn = person.says("từng câu", "đóng")

    assert turn.cursor.asked == ("counter_cause",)
    assert "Câu 2/15." in turn.says.text


def test_opening_the_counter_while_its_cause_is_asked_goes_on_to_the_next_question() -> None:
    person = talk()

    turn = person.says("từng câu", "đóng", "Quầy: mở")

    assert turn.cursor.asked == ("staff_on_duty",)


def test_the_word_send_among_the_questions_shows_what_is_missing() -> None:
    person = talk()

    turn = person.says("từng câu", "mở", "gửi")

    assert turn.cursor.step is Step.GAPS
    assert not person.sent


def test_cancelling_throws_the_draft_away() -> None:
    person = talk()

    turn = person.says("từng câu", "mở", "2", "hủy")

    assert turn.draft is None
    assert "chưa gửi" in turn.says.text


def test_a_report_left_in_the_middle_is_resumed_where_it_stands() -> None:
    person = talk()
    person.says("từng câu", "mở", "2")

    turn = person.opens()

    assert "✓ Cán bộ trực: 2\n1. Nhận trực tiếp: __ (6)\n" in turn.says.text
    assert ask_one_by_one(person.desk).cursor.asked == ("received_direct",)


def test_asking_begins_no_draft() -> None:
    assert ask_one_by_one(second_day()).draft is None
    assert open_form(second_day()).draft is None


# Two people, one report


def test_a_report_begun_by_one_is_finished_by_another() -> None:
    first = talk()
    first.says(ALL_BUT_TWO)
    second = Talk(first.desk)

    second.opens()
    second.says("2, không", "gửi")

    assert second.sent[0].answers["staff_on_duty"] == 2


def test_nobody_sends_figures_that_another_has_changed_since_they_were_shown() -> None:
    person = talk()
    person.says(WHOLE_FORM)
    colleague = Talk(person.desk)
    colleague.says("Trực tiếp 50")
    person.desk = colleague.desk

    shown = person.says("gửi")
    sent = person.says("gửi")

    assert shown.submission is None
    assert "Nhận trực tiếp: 50" in shown.says.text
    assert sent.submission is not None


def test_values_in_order_are_not_taken_when_another_has_filled_some_of_the_blanks() -> None:
    first, second = talk(), talk()
    first.says("Trực 2, trực tiếp 5")
    second.desk = first.desk

    turn = second.says("mở 3 9 2 0 8 0 3 0 1 1 không")

    assert second.answers == {"staff_on_duty": 2, "received_direct": 5}
    assert "chưa rõ thuộc mục nào" in turn.says.text


def test_a_question_is_dropped_when_another_has_sent_the_report() -> None:
    first, second = talk(), talk()
    second.says("từng câu", "mở")
    first.says(f"{WHOLE_FORM}\ngửi")
    second.desk = first.desk

    turn = second.says("2")

    assert turn.draft is None
    assert not second.sent


def test_a_question_is_dropped_when_another_has_opened_the_counter() -> None:
    first, second = talk(), talk()
    second.says("từng câu", "đóng")
    first.desk = second.desk
    first.says("Quầy: mở")
    second.desk = first.desk

    assert second.says("phun khử khuẩn").says.text


def test_a_cursor_of_an_older_form_is_forgotten() -> None:
    person = Talk(second_day(), Cursor(Step.QUESTION, TODAY, ("no_longer_a_field",)))

    person.says("Trực 2")

    assert person.answers == {"staff_on_duty": 2}


# When nothing may be sent


@pytest.mark.parametrize(
    ("changes", "answered"),
    [
        ({"sent_at": at(9, day=date(2020, 4, 16))}, "đã khóa lúc 9h00 16/4"),
        ({"now": at(9, day=date(2020, 4, 17)), "frozen": True}, "đã khóa lúc 9h00 16/4"),
        ({"life": Life(exempt_reason="cả xã cách ly")}, "được tạm miễn báo cáo"),
    ],
)
def test_nothing_is_taken_for_a_day_that_is_locked_or_excused(
    changes: dict[str, object], answered: str
) -> None:
    desk = second_day(draft=Draft({"pending": 3}), **changes)
    person = Talk(desk)

    turns = [
        person.says(WHOLE_FORM),
        open_form(desk),
        nothing_arose(desk),
        ask_one_by_one(desk),
        correct(desk, Cursor(), "Trực 2"),
    ]

    assert all(answered in turn.says.text for turn in turns)
    assert all(turn.draft == desk.draft for turn in turns)


def test_a_reopened_day_takes_a_report_after_the_lock() -> None:
    late = at(10, day=date(2020, 4, 16))
    desk = second_day(
        now=late, sent_at=late, life=Life(reopened=True, open_until=late + timedelta(hours=1))
    )
    person = talk(desk)

    person.says(f"{WHOLE_FORM}\ngửi")

    assert person.sent[0].life.amended


def test_the_receipt_says_whether_the_report_came_in_time() -> None:
    late = replace(second_day(), now=at(16, 31), sent_at=at(16, 31))
    held_up = replace(second_day(), now=at(16, 31), sent_at=at(16, 30))

    assert "chậm, hạn 16h30" in talk(late).says(f"{WHOLE_FORM}\ngửi").says.text
    assert "đúng hạn" in talk(held_up).says(f"{WHOLE_FORM}\ngửi").says.text


@pytest.mark.parametrize(
    ("said", "posted"),
    [
        (WHOLE_FORM, False),
        (WHOLE_FORM.replace("Khó khăn: không", "Khó khăn: mạng chậm"), True),
        (f"{WHOLE_FORM.replace('mở', 'giảm')}\nLý do: cách ly\nĐến ngày: 20/4", True),
        (
            f"{WHOLE_FORM.replace('mở', 'đóng')}\nLý do: cách ly\nĐến ngày: 20/4\nNhận thay: xã A",
            True,
        ),
    ],
)
def test_whoever_writes_a_remark_is_told_that_it_will_be_posted(said: str, *, posted: bool) -> None:
    person = talk()

    person.says(said, "gửi")

    told = "Khó khăn, lý do đã ghi sẽ được đăng trong bản tổng hợp" in person.heard[-1]
    assert person.sent
    assert told is posted


def test_the_same_report_always_has_the_same_code() -> None:
    code = receipt_code("VP-01", TODAY, 1)

    assert code == receipt_code("VP-01", TODAY, 1)
    assert code != receipt_code("VP-01", TODAY, 2)
    assert len(code) == 6


# Said again

IN_ORDER = "1\n2\n5\n2\n0\n8\n0\n3\n0\n1\n1\nkhông"


def test_a_report_in_order_said_again_is_answered_with_the_code_of_its_lost_receipt() -> None:
    person = talk()
    person.says(IN_ORDER, "gửi")

    turn = person.says(IN_ORDER)

    assert len(person.sent) == 1
    assert turn.draft is None
    assert receipt_code("VP-01", TODAY, 1) in turn.says.text


def test_a_report_in_order_with_another_figure_is_not_taken_for_the_same() -> None:
    person = talk()
    person.says(IN_ORDER, "gửi")

    turn = person.says(IN_ORDER.replace("8", "7"))

    assert receipt_code("VP-01", TODAY, 1) not in turn.says.text
    assert len(person.sent) == 1


# Whatever is typed

STEERING = ["gửi", "hủy", "từng câu", "quay lại", "bỏ qua", "không phát sinh", "sửa", "vì mưa"]
NASTY = st.text(
    alphabet=st.sampled_from("0159 ,.;:-/()\n_»\u200b\u202e😷đưă\u0301，１٣²"), max_size=40
)
NAMED = st.builds(
    "{} {}".format,
    st.sampled_from([w for f in FORM.fields for w in (f.label, *f.words)]),
    st.sampled_from(
        ["0", "1", "2", "7", "khoảng 3", "3.5", "không", "mở", "đóng", "20/4", "-5", ""]
    ),
)
MESSAGE = st.one_of(
    st.sampled_from([*STEERING, WHOLE_FORM, ALL_BUT_TWO, "mở", "2", "không", "2, không"]),
    NASTY,
    st.text(max_size=60),
    st.builds(
        "{}{}{}".format,
        st.lists(st.one_of(NAMED, NASTY, st.sampled_from(STEERING)), max_size=4).map(", ".join),
        st.sampled_from(["", "\n", ", "]),
        st.sampled_from(["", "gửi"]),
    ),
)
DESKS = st.sampled_from([first_day(), first_day("district"), second_day()])


def may_change(cursor: Cursor, said: str, field_id: str) -> bool:
    """Whether the message names the field, or answers the question that was about it."""
    called = [FORM.field(field_id), *(f for f in FORM.fields if f.pair == field_id)]
    plain = " ".join(fold(clean(said)).replace(":", " ").split())
    terms = (w for t in FORM.terms for f in called if f.id in t.means for w in t.words)
    options = (w for f in called for o in f.options for w in o.words)
    words = [*terms, *options, *(w for f in called for w in f.words)]
    named = any(fold(word) in plain for word in words)
    return named or any(f.id in cursor.asked for f in called)


def may_forget(desk: Desk, said: str) -> bool:
    """Whether the message cancels the draft, or takes a correction back."""
    return "huy" in fold(clean(said)) or desk.sent is not None


@settings(max_examples=150, deadline=None)
@given(DESKS, st.lists(MESSAGE, max_size=8))
def test_no_text_raises_or_loses_an_accepted_answer(desk: Desk, messages: list[str]) -> None:
    person = talk(desk)
    for said in messages:
        before, cursor, accepted = person.desk, person.cursor, dict(person.answers)

        turn = person.says(said)

        assert turn.says.text
        # What no longer applies, as the cause of a counter that is open again, is not sent.
        sent = {**accepted, **turn.submission.answers} if turn.submission else None
        kept = sent or person.answers
        if turn.submission or turn.draft or not may_forget(before, said):
            changed = [f for f, value in accepted.items() if kept.get(f) != value]
            assert all(may_change(cursor, said, f) for f in changed)


@settings(max_examples=150, deadline=None)
@given(DESKS, st.lists(MESSAGE, max_size=8))
def test_nothing_incomplete_or_impossible_is_ever_sent(desk: Desk, messages: list[str]) -> None:
    person = talk(desk)

    person.says("Trực 2", WHOLE_FORM, *messages, "gửi")

    for sent in person.sent:
        assert not FORM.missing(desk.level, sent.answers)
        assert not any(m.hard for m in FORM.mismatches(sent.answers))
