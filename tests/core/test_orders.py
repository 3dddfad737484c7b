"""What somebody types after a command about a unit's report."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.orders import LONGEST_REASON, Order, command, readings, reason_of

TODAY = date(2020, 4, 16)
D14, D20 = date(2020, 4, 14), date(2020, 4, 20)


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("Tích Sơn 14/4 vì nhập nhầm số", Order("Tích Sơn", D14, None, "nhập nhầm số")),
        ("tich son 14/4 vi nhap nham so", Order("tich son", D14, None, "nhap nham so")),
        ("Tích Sơn 14/4 nhập nhầm số", Order("Tích Sơn", D14, None, "nhập nhầm số")),
        ("Tích Sơn, 14/4: nhập nhầm số", Order("Tích Sơn", D14, None, "nhập nhầm số")),
        ("Tích Sơn vì nhập nhầm 14 hồ sơ", Order("Tích Sơn", reason="nhập nhầm 14 hồ sơ")),
        ("Tích Sơn, lý do: máy hỏng", Order("Tích Sơn", reason="máy hỏng")),
        ("Tích Sơn do mất điện", Order("Tích Sơn", reason="mất điện")),
        ("Đông Đô", Order("Đông Đô")),
        ("Tích Sơn hôm qua vì mất điện", Order("Tích Sơn", date(2020, 4, 15), None, "mất điện")),
        ("ngày 14/4 Tích Sơn vì mất điện", Order("Tích Sơn", D14, None, "mất điện")),
        ("Tích Sơn đến 20/4 vì cách ly", Order("Tích Sơn", None, D20, "cách ly")),
        ("Tích Sơn từ 14/4 đến hết ngày 20/4", Order("Tích Sơn", D14, D20)),
        ("Tích Sơn 14/4-20/4, cách ly", Order("Tích Sơn", D14, D20, "cách ly")),
        ("Xuân Hòa, Lập Thạch 14/4", Order("Xuân Hòa, Lập Thạch", D14)),
        ("VP-VY-TS01 14/4/2020 vì a", Order("VP-VY-TS01", D14, None, "a")),
        ("Tích Sơn 31/4 vì a", Order("Tích Sơn", None, None, "a", "31/4")),
        ("Tích Sơn 20/12", Order("Tích Sơn", date(2019, 12, 20))),
        ("", Order()),
    ],
)
def test_unit_days_and_reason_are_told_apart(said: str, order: Order):
    assert readings(said, TODAY)[0] == order


def test_a_name_that_holds_the_word_of_a_reason_is_among_the_readings():
    assert Order("Ba Vì", D14, None, "nhầm") in readings("Ba Vì 14/4 vì nhầm", TODAY)
    assert Order("Ba Vì", reason="nhầm") in readings("Ba Vì vì nhầm", TODAY)
    assert Order("Ba Vì") in readings("Ba Vì", TODAY)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("vì nhập nhầm", "nhập nhầm"),
        ("Lý do là: nhập nhầm", "nhập nhầm"),
        ("nhập nhầm\nvì vội", "nhập nhầm vì vội"),
        ("dân gọi 0912345678", "dân gọi 091…78"),
        ("vì", ""),
    ],
)
def test_a_reason_is_kept_in_one_line_without_the_word_before_it(said: str, kept: str):
    assert reason_of(said) == kept


def test_a_command_written_out_is_understood_as_it_was_meant():
    order = Order("Tích Sơn", D14, D20, "cả phường cách ly")

    written = command("miencho", "VP-VY-TS01", order).removeprefix("/miencho ")

    assert readings(written, TODAY)[0] == Order("VP-VY-TS01", D14, D20, "cả phường cách ly")


@given(st.text(max_size=80))
def test_anything_typed_has_a_reading_and_no_reason_is_too_long(said: str):
    orders = readings(said, TODAY)

    assert orders
    assert all(len(order.reason) <= LONGEST_REASON for order in orders)
