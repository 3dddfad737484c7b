import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import text


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Trực  tiếp  5 ", "Trực tiếp 5"),
        ("Trực tiếp \t 5\t", "Trực tiếp\t5"),  # cells of a table
        (unicodedata.normalize("NFD", "Trực tuyến"), "Trực tuyến"),
        ("1\u200b2", "12"),  # zero-width space
        ("\u202e5\u202c hồ sơ", "5 hồ sơ"),  # right-to-left override
        ("5\x0b3", "5 3"),
        ("5\x003", "5 3"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("Trực tiếp：１２", "Trực tiếp:12"),
        ("e\u200d\u0302", "ê"),
        ("\ufeff\u2066\u2069", ""),
    ],
)
def test_what_cannot_be_seen_is_cleaned_away(typed: str, cleaned: str) -> None:
    assert text.clean(typed) == cleaned


@given(st.text())
def test_cleaned_text_stays_as_it_is_when_cleaned_again(typed: str) -> None:
    once = text.clean(typed)

    assert text.clean(once) == once


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Hoà Bình", "hoa binh"),
        ("Hòa Bình", "hoa binh"),
        ("ĐANG GIẢI QUYẾT", "dang giai quyet"),
        ("Ðúng hạn", "dung han"),
        ("đúng hạn", "dung han"),
    ],
)
def test_both_tone_styles_and_both_d_fold_alike(written: str, folded: str) -> None:
    assert text.fold(written) == folded


@given(st.text())
def test_folding_keeps_every_letter_in_its_place(written: str) -> None:
    assert len(text.fold(written)) == len(written)


def test_length_counts_an_emoji_as_two_units() -> None:
    assert text.utf16_length("a😷") == 3


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(13, "mạng rất chậm"), (12, "mạng rất…"), (8, "mạng…"), (3, "mạ…")],
)
def test_a_long_text_is_cut_at_a_word(limit: int, shown: str) -> None:
    assert text.shortened("mạng rất chậm", limit) == shown


@given(st.text(min_size=1), st.integers(min_value=2, max_value=50))
def test_a_shortened_text_is_never_longer_than_allowed(long: str, limit: int) -> None:
    assert text.utf16_length(text.shortened(long, limit)) <= limit


def test_a_short_text_is_one_part_without_a_number() -> None:
    assert text.split_parts("một\nhai", 20) == ["một\nhai"]


def test_parts_are_cut_between_lines_and_numbered() -> None:
    parts = text.split_parts("dòng một\ndòng hai\ndòng ba", 18)

    assert parts == ["(1/3)\ndòng một", "(2/3)\ndòng hai", "(3/3)\ndòng ba"]


@given(st.text(alphabet=st.sampled_from("aăâ😷 \n"), max_size=400), st.integers(20, 60))
def test_parts_lose_no_letter_and_fit_the_channel(long: str, limit: int) -> None:
    parts = text.split_parts(long, limit)

    assert all(text.utf16_length(part) <= limit for part in parts)
    bodies = [part.split("\n", 1)[1] for part in parts] if len(parts) > 1 else parts
    assert "".join(bodies).replace("\n", "") == long.replace("\n", "")


@pytest.mark.parametrize(
    ("remark", "posted"),
    [
        ("gọi 0912345678", "gọi 091…78"),
        ("gọi +84 912 345 678 nhé", "gọi +84…78 nhé"),
        ("tồn 12345 hồ sơ", "tồn 12345 hồ sơ"),
    ],
)
def test_a_citizens_phone_number_is_not_posted(remark: str, posted: str) -> None:
    assert text.mask_phones(remark) == posted


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (37, 40, "92,5%"),
        (1, 3, "33,3%"),
        (0, 5, "0%"),
        (5, 5, "100%"),
        (9999, 10000, "99,9%"),
        (1, 10000, "0,1%"),
        (6, 5, "120%"),
    ],
)
def test_a_share_is_whole_or_nothing_only_when_it_is(part: int, whole: int, shown: str) -> None:
    assert text.percent(part, whole) == shown


def test_there_is_no_share_of_nothing() -> None:
    with pytest.raises(ValueError, match="whole above zero"):
        text.percent(0, 0)


def test_numbers_days_and_times_read_as_an_office_writes_them() -> None:
    day = date(2020, 1, 5)

    assert (text.number(1234567), text.signed(1200), text.signed(-3), text.signed(0)) == (
        "1.234.567",
        "+1.200",
        "-3",
        "0",
    )
    assert text.day_short(day) == "5/1"
    assert text.day_full(day) == "5/1/2020"
    assert text.day_official(day) == "ngày 05 tháng 01 năm 2020"
    assert text.day_official(date(2020, 4, 15)) == "ngày 15 tháng 4 năm 2020"
    assert text.weekday(day) == "Chủ nhật"
    assert text.clock(datetime(2020, 1, 5, 16, 5)) == "16h05"  # noqa: DTZ001
