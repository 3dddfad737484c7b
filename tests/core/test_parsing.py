import unicodedata
from datetime import date
from typing import Any

import pytest
from desks import FORM, QUIET_DAY, STANDING, TODAY
from hypothesis import given
from hypothesis import strategies as st

from bot.core.parsing import read_message
from bot.core.values import Reading, Why, count_said

BLANKS = FORM.missing("commune", STANDING)
IN_ORDER = "mở 2 6 1 0 7 0 4 0 1 1 không"
SPOKEN = {k: v for k, v in QUIET_DAY.items() if k not in STANDING}


def read(said: str, *asked: str) -> Reading:
    """Read a reply to the whole form of an ordinary day, or to a few of its fields."""
    blanks = [FORM.field(f) for f in asked] if asked else BLANKS
    return read_message(said, form=FORM, blanks=blanks, day=TODAY)


def reasons(reading: Reading) -> list[Why]:
    return [u.why for u in reading.unclear]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("12", 12),
        ("0", 0),
        ("12 hs", 12),
        ("12hs", 12),
        ("12 Hồ sơ ạ", 12),
        ("6 đồng chí", 6),
        ("6 đ/c", 6),
        ("là 5.", 5),
        ("có 5 bộ", 5),
        ("1.234", 1234),
        ("1,234", 1234),
        ("1.234 hồ sơ", 1234),
        ("không", 0),
        ("ko", 0),
        ("k", 0),
        ("Không có", 0),
        ("không có hồ sơ nào", 0),
        ("k phát sinh", 0),
        ("chưa có", 0),
        ("năm", 5),
        ("mười", 10),
        ("mười lăm", 15),
        ("muoi lam bo", 15),
        ("hai mươi mốt", 21),
        ("hai mươi tư", 24),
        ("hai mốt", 21),
        ("ba lăm", 35),
        ("hăm ba", 23),
        ("một trăm hai bảy", 127),
        ("một chục", 10),
        ("ba chục hồ sơ", 30),
        ("chín mươi chín", 99),
        ("HAI MƯƠI", 20),
    ],
)
def test_a_count_is_understood_as_offices_type_it(said: str, count: int) -> None:
    assert count_said(said) == count


@pytest.mark.parametrize(
    "said",
    [
        "3.18",
        "3,5",
        "0.123",
        "1.234,567",
        "-5",
        "−5",
        "+5",
        ".5",
        "5%",
        "5?",
        "12k",
        "1 234",
        "khoảng 12",
        "gần 12",
        "hơn chục",
        "vài",
        "mấy chục",
        "12 hoặc 13",
        "12-13",
        "từ 5 lên 6",
        "một trăm năm",
        "hai ba",
        "hai mươi năm",
        "sau",  # "sáu" or "later"
        "tạm",
        "nam",
        "chưa",  # not yet counted
        "",
        "²",
        "٣",
        "9" * 400,
        "năm " * 400,
    ],
)
def test_what_may_be_another_number_is_no_count(said: str) -> None:
    assert count_said(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "Trực tiếp: 12",
        "trực tiếp 12",
        "truc tiep 12 hs",
        "TRỰC TIẾP = 12",
        "Trực tiếp - 12",
        "- Nhận trực tiếp: 12 hồ sơ.",
        "• Tiếp nhận: trực tiếp 12",
        "3. Nhận trực tiếp: 12",
        "3.Nhận trực tiếp: 12",
        "Nhận trực tiếp: __12__",
        "Nhận trực tiếp: ……12",
        "Nhận trực tiếp: 12 (6)",  # yesterday's figure as the form shows it
        "Trực tiếp：１２",
        "📥 Trực tiếp: 12",
        "Trực tiếp\u200b 12",
        "Dạ em báo cáo: trực tiếp 12 ạ",
        "sửa trực tiếp 12",
        "Xã Đạo Trù: trực tiếp 12",
        "BÁO CÁO NGÀY 15/4/2020\nTrực tiếp 12",
        "Em gửi báo cáo ạ\ntrực tiếp 12\nEm cảm ơn",
        "Trực tiếp 12, trực tiếp 12",
        "3. 12",
        "3) 12 hs",
        "Số hồ sơ nhận trực tiếp: 12",
        "Số hồ sơ nhận: trực tiếp 12",
        "Số hồ sơ trực tiếp: 12",
        "Tiếp nhận hồ sơ trực tiếp 12",
        "Đơn vị tiếp nhận trực tiếp 12 hồ sơ",
        "Hôm nay đơn vị tiếp nhận hồ sơ trực tiếp: 12",
    ],
)
def test_a_named_or_numbered_figure_is_taken(said: str) -> None:
    assert read(said) == Reading({"received_direct": 12})


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_read_alike(form: Any) -> None:
    said = unicodedata.normalize(form, "Trực tuyến năm, bưu điện 0")

    assert read(said).values == {"received_online": 5, "received_postal": 0}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Trực tiếp 3.18", Why.NOT_A_NUMBER),
        ("Trực tiếp -5", Why.NOT_A_NUMBER),
        ("Trực tiếp: -5", Why.NOT_A_NUMBER),
        ("Trực tiếp-5", Why.NOT_A_NUMBER),
        ("Trực tiếp .5", Why.NOT_A_NUMBER),
        ("Trực tiếp khoảng 12", Why.NOT_A_NUMBER),
        ("Trực tiếp 12 hoặc 13", Why.NOT_A_NUMBER),
        ("Trực tiếp 12, hoặc 13", Why.NOT_A_NUMBER),
        ("Trực tiếp 12, à nhầm", Why.NOT_A_NUMBER),
        ("Trực tiếp 12 (nhầm, 13)", Why.NOT_A_NUMBER),
        ("Trực tiếp một trăm năm", Why.NOT_A_NUMBER),
        ("Trực tiếp 5 3", Why.NOT_A_NUMBER),
        ("Trực tiếp 6/14", Why.NOT_A_NUMBER),
        ("Trực tiếp 100000", Why.OUT_OF_BOUNDS),
        ("Trực 6/0", Why.OUT_OF_BOUNDS),
        ("Trực 3/9/12", Why.NOT_A_NUMBER),
        ("Trực tiếp, 5 trực tuyến, 3 bưu chính", Why.NOT_PARTED),
        ("Hôm qua trực tiếp 5", Why.NO_LABEL),
        ("Đã trả trực tiếp 5", Why.NOT_PARTED),
        ("Trực tiếp 5 trực tuyến, 3 bưu chính", Why.NOT_PARTED),
        ("Trực tiếp 5 + 3", Why.NOT_A_NUMBER),
        ("Trực tiếp 5 → 6", Why.NOT_A_NUMBER),
        ("0 0", Why.WRONG_COUNT),
        ("Trực tiếp 5, trực tiếp 6", Why.SAID_TWICE),
        ("Trực tiếp 5\nNhận tại quầy 6", Why.SAID_TWICE),
        ("Trực tiếp 5, trực tiếp khoảng 6", Why.NOT_A_NUMBER),
        ("Trực 6/14, tổng số cán bộ 12", Why.SAID_TWICE),
        ("quá hạn 2", Why.AMBIGUOUS),
        ("QH: 2", Why.AMBIGUOUS),
        ("trả 12", Why.AMBIGUOUS),
        ("đã giải quyết 12 hồ sơ", Why.AMBIGUOUS),
        ("nhận 12", Why.AMBIGUOUS),
        ("TT 5", Why.AMBIGUOUS),
        ("TT online 9", Why.AMBIGUOUS),
        ("Cấp thiết 5/4", Why.AMBIGUOUS),
        ("Đúng hạn 51/52", Why.NOT_A_NUMBER),
        ("Trực tiếp 5 ở tổ lưu động", Why.NO_LABEL),
        ("Trực tiếp trên 100 hồ sơ", Why.NOT_A_NUMBER),
        ("99. 5", Why.NO_LABEL),
    ],
)
def test_a_figure_that_is_not_certain_is_asked_back_and_never_taken(said: str, why: Why) -> None:
    reading = read(said)

    assert reasons(reading) == [why]
    assert set(reading.values) <= {"staff_on_duty"}


@pytest.mark.parametrize(
    "said",
    [
        "Trực tiếp 5, trong đó 3 online",
        "Trực tiếp 5, trong đó ba online",
        "Trực tiếp 5 (trong đó 2 online)",
        "Trực tiếp sáng 5, chiều 3",
        "Trực tiếp 5 (hôm qua) trực tuyến 3",
        "Trực tiếp 5 hôm qua trực tuyến 3",
        "Hôm qua: trực tiếp 5, trực tuyến 3",
        "Trực tiếp 5 trực tuyến, 3 bưu chính",
        "nhận 7 trực tiếp 4 online 1 bưu điện trả 10 đúng hạn 0 quá hạn đang gq 12",
    ],
)
def test_figures_that_may_be_parts_of_another_or_of_another_day_are_all_asked_back(
    said: str,
) -> None:
    reading = read(said)

    assert reading.values == {}
    assert reading.unclear


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("5 trực tiếp", {"received_direct": 5}),
        ("5 hs trực tiếp và 3 hs trực tuyến", {"received_direct": 5, "received_online": 3}),
        ("Trước hạn 20, đúng hạn 11", {"resolved_on_time": 31}),
        ("Đúng hạn 31, trong đó trước hạn 20", {"resolved_on_time": 31}),
        ("Đúng hạn 12 (trước hạn 3)", {"resolved_on_time": 12}),
        ("Cấp thiết 4/4", {"urgent_received": 4, "urgent_resolved": 4}),
        ("Cấp thiết 2/3", {"urgent_received": 3, "urgent_resolved": 2}),
        ("Cấp thiết: 2/3 (xong/nhận)", {"urgent_received": 3, "urgent_resolved": 2}),
        ("Cấp thiết nhận/xong: 3/2", {"urgent_received": 3, "urgent_resolved": 2}),
        ("ba người trực", {"staff_on_duty": 3}),
        ("có 3 người trực trên tổng số 5", {"staff_on_duty": 3, "staff_total": 5}),
        ("Trực 3 đ/c, tổng số 5 đ/c", {"staff_on_duty": 3, "staff_total": 5}),
        ("trực tuyến 15 (hôm qua 12)", {"received_online": 15}),
        ("trực tuyến 15, tăng 3 so với hôm qua", {"received_online": 15}),
        ("Trả 38 hồ sơ, 100% đúng hạn", {"resolved_on_time": 38, "resolved_late": 0}),
        ("Đang giải quyết: trong hạn 210, quá hạn 4", {"pending": 214, "overdue": 4}),
        (
            "Đã giải quyết 28 (trước hạn 15; đúng hạn 13; quá hạn 0)",
            {"resolved_on_time": 28, "resolved_late": 0},
        ),
        (
            "STT\tNội dung\tSố lượng\n1\tCán bộ trực\t7/16\n2\tTrực tiếp\t28",
            {"staff_on_duty": 7, "staff_total": 16, "received_direct": 28},
        ),
        ("8 | Đang giải quyết | 9\n9 | Trong đó: quá hạn | 1", {"pending": 9, "overdue": 1}),
        (
            "có ba cán bộ trực trên tám nhận trực tiếp năm hồ sơ đang giải quyết bốn mươi hồ sơ",
            {"staff_on_duty": 3, "staff_total": 8, "received_direct": 5, "pending": 40},
        ),
        ("hnay 15/4 trực 3/7", {"staff_on_duty": 3, "staff_total": 7}),
        ("thanh tru: truc 2/4", {"staff_on_duty": 2, "staff_total": 4}),
        ("Thanh toán online: 19 lượt/2.140.000đ", {"online_payments": 19}),
        ("Cấp thiết: không có", {"urgent_received": 0}),
        ("Đúng hạn 8, còn lại giữ nguyên", {"resolved_on_time": 8}),
        ("Số liệu đến 16h30 ngày 15/04: trực 4/6", {"staff_on_duty": 4, "staff_total": 6}),
        ("Nhận 8 (trực tiếp 5, trực tuyến 3, bưu điện 0)", None),
        ("Trực tiếp/trực tuyến/bưu điện: 5/3/0", None),
        ("Trực tiếp, trực tuyến, bưu điện lần lượt là 5, 3 và 0", None),
        ("Trực tiếp | Trực tuyến | Bưu điện\n5 | 3 | 0", None),
        ("Trực tiếp\t5\nTrực tuyến\t3\nBưu điện\t0", None),
        ("1 | Trực tiếp | 5\n2 | Trực tuyến | 3\n3 | Bưu điện | 0", None),
        ("Tiếp nhận:\n- trực tiếp: 5\n- trực tuyến: 3\n- bưu điện: không", None),
    ],
)
def test_figures_are_understood_by_the_words_around_them(
    said: str, values: dict[str, int] | None
) -> None:
    all_channels = {"received_direct": 5, "received_online": 3, "received_postal": 0}

    assert read(said) == Reading(values or all_channels)


@pytest.mark.parametrize(
    "said",
    [
        "Online 12, bưu chính 4. À nhầm, online là 21 chứ không phải 12",
        "Online 12, bưu chính 4. Đính chính: trực tuyến 21",
        "Online 12 à nhầm 21, bưu chính 4",
        "Online 12, bưu chính 4. Xin sửa online từ 12 thành 21",
    ],
)
def test_a_correction_in_a_message_wins(said: str) -> None:
    assert read(said) == Reading({"received_online": 21, "received_postal": 4})


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("STT\tĐơn vị\tTrực tiếp\tTrực tuyến\tBưu chính\n1\tXã Bồ Lý\t6\t\t2", (6, None, 2)),
        ("Trực tiếp   Trực tuyến   Bưu điện\n   12            5          1", (12, 5, 1)),
        ("Nội dung | Lũy kế | Trong ngày\nTrực tiếp | 212 | 14\nOnline | 120 | 9", (14, 9, None)),
        ("Nhận 10 trực tiếp + 8 online + 1 bưu điện = 19", (10, 8, 1)),
        ("riêng hôm nay 30 hồ sơ: 21 trực tiếp, 4 trực tuyến, 5 BCCI", (21, 4, 5)),
        ("Trực tiếp 9 hồ sơ (đất đai 4, hộ tịch 5), online mức 3: 4, mức 4: 5", (9, 9, None)),
        ("Trực tiếp 6 (lũy kế từ 01/4: trực tiếp 140, online 301), online 4", (6, 4, None)),
        ("Trực tiếp 9 (hộ tịch 5, đất đai 4), online 3", (9, 3, None)),
        ("Nhận 14 hs: trực tiếp 9 (chứng thực 5, hộ tịch 4), online 4, bđ 1", (9, 4, 1)),
        ("Trực tiếp 4, online 3. Lũy kế tuần: trực tiếp 31, online 14", (4, 3, None)),
        ("Trực tiếp 5, online 3. À quên, bưu điện 4", (5, 3, 4)),
        ("Trực tiếp 5, online 3. Em xin bổ sung: bưu điện 4", (5, 3, 4)),
        ("Trực tiếp 4, online với bưu điện đều không có", (4, 0, 0)),
        ("Trực tiếp → 21 hs; tr.tuyến → 34 hs; b.điện → 5 hs", (21, 34, 5)),
        ("Hôm qua trực tiếp 5, hôm nay trực tiếp 6 / online 2 / bđ 0", (6, 2, 0)),
        ("chực tiếp 13, mạng mười, bđ hăm lăm", (13, 10, 25)),
        ("> Xã nào chưa báo cáo ngày 15/4?\ntrực tiếp 4, online 0, bưu điện 1", (4, 0, 1)),
    ],
)
def test_channels_are_read_however_they_are_set_out(
    said: str, values: tuple[int | None, ...]
) -> None:
    channels = ("received_direct", "received_online", "received_postal")

    reading = read(said)

    assert tuple(reading.values.get(channel) for channel in channels) == values


@pytest.mark.parametrize(
    "said",
    [
        "Trực tiếp 3, trực tuyến 12. Em ghi ngược trực tiếp với trực tuyến ạ",
        "Ngày 14/4: trực tiếp 3, trực tuyến 12\nNgày 15/4: bưu điện 4",
        "Trực tiếp | Trực tuyến\n3 | 12\n5 | 9",
        "Hôm qua: trực tuyến 3, trực tiếp với bưu điện đều không có",
        "Trực tiếp 3 (lộnn, 4), trực tuyến 12, em nhầm cái kia",
    ],
)
def test_figures_that_may_be_wrong_by_what_the_message_says_are_not_taken(said: str) -> None:
    reading = read(said)

    assert not reading.values.keys() & {"received_direct"}
    assert reading.unclear


@pytest.mark.parametrize(
    "said", ["Hôm qua trực tiếp 3, 2/4 đ/c", "Hôm qua: trực tuyến 3, 2/4 đ/c trực"]
)
def test_yesterdays_staff_is_not_todays(said: str) -> None:
    assert "staff_on_duty" not in read(said).values


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Trực tiếp 12\nà nhầm trực tiếp 9\nà kông, 8 mới úđng", "received_direct"),
        ("Online 2, trực tiếp 12. Em gửi lại cho đúng: đan gq 26", "received_direct"),
        ("Trực tiếp 12 à nhầm online 9", "received_direct"),
        ("Trực tiếp 5, online 3. Sửa lại: bưu điện 4", "received_online"),
        ("trưc hạn 15, đúng hạn 22", "resolved_on_time"),
        ("đúng hạn 22, trưc hạn 15", "resolved_on_time"),
        ("còn 3 trrên 6 người trực", "staff_on_duty"),
        ("bưu điện 3 (hnầm, 4)", "received_postal"),
        ("Đang gq 20, cấp thiết nhầm 2", "pending"),
        ("Trực tiếp 7/9 hồ sơ", "received_direct"),
        ("đúng hạn 10, trễ 1, khẩn xong 2\n(sửa) trễ 0, đúng hạn 11", "resolved_late"),
        (
            "Trực tiếp nhận 15 trả 13; trực tuyến nhận 11 trả 12; tất cả đúng hạn",
            "resolved_on_time",
        ),
        ("đúng hạn ba mươi chi", "resolved_on_time"),
        ("Trực tiếp 9 hồ sơ (đất đai 4, hộ tịch 3)", "received_direct"),
        ("20/4 | 9 | 4\nNgày | Trực tiếp | Online\n21/4 | 7 | 6", "received_direct"),
        ("Nhận 10 trực tiếp + 8 online = 17", "received_online"),
        ("trước hạn 12\nđnnúg hạn 17", "resolved_on_time"),
        ("trực tiếp 2 online 5; lĩnh vực du lịch trực tiếp 1 oniln 3", "received_online"),
        ("Trực 2/4, chiều có thêm 1 đc nữa nên là 3/4", "staff_on_duty"),
        ("Trực hôm nay ko có dân đến", "staff_on_duty"),
        ("quá hạn 2. Xin đính chính: trả trễ 3, quá hạn cửa giải quyết 1", "overdue"),
        ("Đúng hạn 7, trễ 1 - em nhhầm, trễ 0 thôi, đúng hạn là 8", "resolved_late"),
        ("Trả đúng hạn 9; đang giảo quyết 11, không có quá hạn", "resolved_late"),
        ("Trực tiếp 3, online 12. Em ghi gnưược trực tiếp với online ạ", "received_direct"),
        ("Lũy kế đến nay tiếp nsận tực tiếp 96 hs, trực tuyến 41 hs", "received_online"),
        ("Một cửa không đóng cửa như tin đơn, trực 2/4", "received_direct"),
        ("Xã Đồng Ích trực tiếp 4 nữa", "received_direct"),
        ("đúng hạn 14, quá hạn 0. Em gửi lại cho dunng: đan gq 26, qh 2", "resolved_late"),
        ("Trực tiếp 6, hôm qua trực tiếp 15, hôm nay chỉ còn 6", "pending"),
        ("Bà con đóng tiền qua mạng 12 lượt", "counter_status"),
        ("tru 2 tren 3 nguoii nhan truc tiep 5 bo qua mang 3 bo bd khong co", "received_online"),
        ("hs giao dịch đến từ 186", "online_payments"),
        ("Có hai trê bốn công chức trực", "staff_on_duty"),
        ("còn 3 trê 6 người trực", "staff_on_duty"),
        ("Nhận mời bảy hồ sơ trực tiếp", "received_direct"),
        ("Trễ 1 - em nầm, trễ 0 tôi", "resolved_late"),
        ("Số đng của xã là trực tiếp 4 (không phi 14)", "counter_status"),
        ("Quầy đóng cửa chều nay vì mất điện, sáng vẫn làm", "counter_status"),
        ("Dự kuến mở lại ngày 20/4", "counter_status"),
        ("Quầy: mở cửa lại ngày 20/4", "counter_status"),
        ("Đúng hạn 14, trả trễ 0; đang gq 20. Đính chính: đã giải quyết 26", "pending"),
        ("Trả trễ 1, đang gq 17. Đính chính: trả trễ 2, trả quá hạn 1", "pending"),
        ("Đúng hạn 7, trả trễ 1 - em nhhầm, trễ 0 thi, nên đúng hạn là 8", "resolved_late"),
        (
            (
                "tru 2 tren 3 nguoii nhan truc tiep 5 bo qua mang 3 bo buu dien khong co da tra "
                "7 bo con 4 bo dang giai quyet"
            ),
            "received_online",
        ),
        ("Đúng hạn sau mơi bảy", "resolved_on_time"),
    ],
)
def test_a_slip_beside_a_figure_never_leaves_it_certain(said: str, field: str) -> None:
    reading = read(said)

    assert field not in reading.values
    assert reading.unclear


@pytest.mark.parametrize(
    "said",
    [
        "Mở cửa nửa ngày",
        "Mở cửa, gia 1/2 thời gian",
        "Quầy mở cửa từ 8h đến 11h",
        "Mở cửa 50%",
        "Mở cửa cách nhật",
        "Mở cửa nhưng không nhận trực tiếp",
        "Quay mo nua ngai",
        "Đóng quy số 3 và số 4, các quầy khác vẫn nhận",
    ],
)
def test_a_state_with_words_that_may_take_some_of_it_back_is_asked(said: str) -> None:
    reading = read(said)

    assert "counter_status" not in reading.values
    assert reading.unclear


@pytest.mark.parametrize(
    "said",
    [
        "Quầy vẫn mở cửa phục vụ nhân dân",
        "Mở cửa bình thường, phòng dịch tốt",
        "Mở cửa, trực 2/4",
        "Vẫn mở cửa đón tiếp công dân, máy in hỏng 1 cái",
        "Mở cửa lại bình thường từ 13/4",
    ],
)
def test_words_that_say_no_more_leave_a_state_as_it_is(said: str) -> None:
    assert read(said).values["counter_status"] == "open"


@pytest.mark.parametrize("named", ["Phường Dong Xuâ", "Xã Vạn Mô", "VÂN TRỤC"])
def test_the_name_of_a_unit_is_no_answer(named: str) -> None:
    reading = read(f"{named} gửi số liệu: trực tiếp 5")

    assert reading.values == {"received_direct": 5}


def test_a_correction_that_is_not_understood_doubts_all_that_it_may_be_about() -> None:
    reading = read("Trực tiếp 5, online 12. À nhầm, tuyn là 21")

    assert reading.values == {}
    assert reading.unclear


@pytest.mark.parametrize(
    ("said", "why", "kept"),
    [
        ("Trả trước và đúng hạn 31, trước hạn 20, đúng hạn 15", Why.SAID_TWICE, {}),
        ("Đang giải quyết 96, trong hạn 90, quá hạn 2", Why.SAID_TWICE, {"overdue": 2}),
        (
            "Nhận 9: trực tiếp 5, trực tuyến 3, bưu điện 0",
            Why.WRONG_SUM,
            {"received_direct": 5, "received_online": 3, "received_postal": 0},
        ),
        ("Đã trả 5, trong đó đúng hạn 7", Why.WRONG_SUM, {"resolved_on_time": 7}),
        (
            "Trực tiếp 5, cấp thiết nhận 2, đã giải quyết 1",
            Why.AMBIGUOUS,
            {"received_direct": 5, "urgent_received": 2},
        ),
        ("Khó khăn: khing", Why.NOT_AN_OPTION, {}),
        ("Trực tiếp mười hai ba", Why.NOT_A_NUMBER, {}),
    ],
)
def test_figures_that_do_not_agree_with_each_other_are_asked_back(
    said: str, why: Why, kept: dict[str, int]
) -> None:
    reading = read(said)

    assert reading.values == kept
    assert reasons(reading) == [why]


def test_what_follows_urgent_dossiers_is_about_them_once_the_others_were_told() -> None:
    assert read("Đúng hạn 7, trễ 0, cấp thiết nhận 2, xong 1") == Reading(
        {"resolved_on_time": 7, "resolved_late": 0, "urgent_received": 2, "urgent_resolved": 1}
    )


def test_a_correction_of_a_figure_that_was_not_said_is_asked_back() -> None:
    reading = read("Online 12, bưu chính 4. Nhầm, online là 21 chứ không phải 13")

    assert reading.values == {"received_postal": 4}
    assert reasons(reading) == [Why.SAID_TWICE]


@pytest.mark.parametrize(
    ("clause", "why"),
    [
        ("Không có hồ sơ quá hạn", Why.AMBIGUOUS),
        ("không trễ hạn.", Why.AMBIGUOUS),
        ("đúng hạn", Why.NOT_PARTED),
        ("đúng hạn:", Why.NOT_PARTED),
    ],
)
@pytest.mark.parametrize("mark", [". ", ", ", "; "])
def test_a_name_without_a_figure_is_asked_back_alone_when_it_fills_a_clause(
    clause: str, why: Why, mark: str
) -> None:
    reading = read(f"Trực tiếp: 5 hs{mark}Trực tuyến: 3 hs{mark}Bưu chính: 0 hs{mark}{clause}")

    assert reading.values == {"received_direct": 5, "received_online": 3, "received_postal": 0}
    assert [(u.fragment, u.why) for u in reading.unclear] == [(clause.strip(".:"), why)]


def test_figures_behind_a_name_without_a_figure_are_read_as_well() -> None:
    reading = read("Trực tiếp 5, trực tuyến, bưu chính. Đang giải quyết 9, mở cửa")

    assert reading.values == {"received_direct": 5, "pending": 9, "counter_status": "open"}
    assert [u.fragment for u in reading.unclear] == ["trực tuyến", "bưu chính"]


def test_figures_named_in_a_bracket_of_their_own_are_read() -> None:
    reading = read("Đang giải quyết 9 (trong đó quá hạn 1), nhận 8 (trực tiếp 5, trực tuyến 3)")

    assert reading.values == {
        "pending": 9,
        "overdue": 1,
        "received_direct": 5,
        "received_online": 3,
    }
    assert [(u.fragment, u.why) for u in reading.unclear] == [("nhận 8", Why.AMBIGUOUS)]


@pytest.mark.parametrize(
    ("heading", "why"),
    [
        ("BÁO CÁO NGÀY 15/4/2020\n", []),
        ("Ngày 15/4: ", []),
        ("Báo cáo ngày 14/4\n", [Why.OTHER_DAY]),
        ("Xã Quang Sơn: báo cáo ngày 14/4\n", [Why.OTHER_DAY]),
        ("Ngày 14/4: ", [Why.OTHER_DAY]),
    ],
)
def test_a_report_headed_by_another_day_is_doubted(heading: str, why: list[Why]) -> None:
    assert reasons(read(f"{heading}trực tiếp 5")) == why


def test_values_in_order_headed_by_another_day_are_doubted() -> None:
    assert reasons(read(f"Báo cáo ngày 14/4\n{IN_ORDER}")) == [Why.OTHER_DAY]


def test_a_greeting_above_values_in_order_is_passed_over() -> None:
    assert read(f"Em gửi báo cáo ngày 15/4 ạ\n{IN_ORDER}\nEm cảm ơn") == Reading(SPOKEN)


@pytest.mark.parametrize("heading", ["Thanh toán:\n", "Thanh toán: "])
def test_a_heading_gives_its_meaning_to_what_follows(heading: str) -> None:
    assert read(f"{heading}trực tuyến 9") == Reading({"online_payments": 9})


@pytest.mark.parametrize("heading", ["Tổ lưu động:", "Lũy kế:", "Tuần trước:"])
def test_a_heading_that_may_change_the_meaning_of_what_follows_is_asked_back(heading: str) -> None:
    reading = read(f"Trực tiếp 5\n{heading} trực tuyến 9")

    assert reading.values == {"received_direct": 5}
    assert reading.unclear


@pytest.mark.parametrize("doubtful", ["khoảng 3", "khoảng 3 hồ sơ", "3o", "3.5", "-3"])
def test_a_doubtful_figure_leaves_the_certain_ones_beside_it(doubtful: str) -> None:
    reading = read(f"Trực tiếp 5, trực tuyến {doubtful}, bưu chính 0")

    assert reading.values == {"received_direct": 5, "received_postal": 0}
    assert reasons(reading) == [Why.NOT_A_NUMBER]


@pytest.mark.parametrize(
    "said",
    [
        IN_ORDER,
        IN_ORDER.replace(" ", ", "),
        IN_ORDER.replace(" ", "\n"),
        IN_ORDER.replace(" ", "; "),
        IN_ORDER.replace("mở", "1"),
        IN_ORDER.upper(),
        "\n".join(f"{n}. {v}" for n, v in enumerate(IN_ORDER.split(), 1)),
        "mở cửa\n2 đồng chí\n6 hồ sơ\nmột\nko\n7 hs\n0\n4\nkhông\n1\n1\nko có",
    ],
)
def test_values_alone_go_to_the_blanks_in_the_order_shown(said: str) -> None:
    assert read(said) == Reading(SPOKEN)


def test_yes_and_a_remark_have_their_place_in_the_order_as_well() -> None:
    said = "1\n5\ncó\nmạng chậm từ 9h đến 10h"

    reading = read(said, "counter_status", "received_direct", "notice_posted", "issues")

    assert reading == Reading(
        {
            "counter_status": "open",
            "received_direct": 5,
            "notice_posted": True,
            "issues": "mạng chậm từ 9h đến 10h",
        }
    )


def test_a_pair_in_order_fills_the_blank_of_the_total_as_well() -> None:
    reading = read("2/3 6 1", "staff_on_duty", "staff_total", "received_direct", "received_online")

    assert reading.values == {
        "staff_on_duty": 2,
        "staff_total": 3,
        "received_direct": 6,
        "received_online": 1,
    }


@pytest.mark.parametrize("values", [3, 11, 13, 40])
def test_a_count_of_values_that_does_not_match_is_asked_back(values: int) -> None:
    reading = read(" ".join(["1"] * values))

    assert not reading.values
    assert [(u.why, u.fragment) for u in reading.unclear] == [(Why.WRONG_COUNT, str(values))]


def test_a_value_that_cannot_stand_in_its_place_doubts_all_values_in_order() -> None:
    reading = read("2 6 1 0 7 0 4 0 1 1 không mở")

    assert not reading.values
    assert set(reasons(reading)) == {Why.OUT_OF_PLACE}


def test_a_doubtful_figure_in_order_is_asked_alone() -> None:
    reading = read("5\nkhoảng 3\n0", "received_direct", "received_online", "received_postal")

    assert reading.values == {"received_direct": 5, "received_postal": 0}
    assert reasons(reading) == [Why.NOT_A_NUMBER]


def test_figures_without_blanks_belong_nowhere() -> None:
    reading = read_message("5 3 0", form=FORM, blanks=[], day=TODAY)

    assert not reading.values
    assert reasons(reading) == [Why.NO_LABEL]


def test_the_screen_copied_back_with_blanks_filled_is_read() -> None:
    screen = (
        "Xã Quang Sơn: báo cáo ngày 15/4\n» Số liệu 15h00 14/4 đến 15h00 15/4.\n"
        "1. Quầy: mở (đóng)\n» 1 mở, 2 giảm, 3 chỉ trực tuyến, 4 đóng\n2. Cán bộ trực: __ (2)\n"
        "3. Nhận trực tiếp: 18 (6)\n4. Nhận trực tuyến: __7__ (1)\n5. Khó khăn: __\n"
        '» Trả lời bằng tên và số, ví dụ: "Trực tiếp 5, trực tuyến 3".'
    )

    assert read(screen) == Reading(
        {"counter_status": "open", "received_direct": 18, "received_online": 7}
    )


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("Quầy: đóng", {"counter_status": "closed"}),
        ("Quầy: 3", {"counter_status": "online_only"}),
        (
            "Quầy: chỉ trực tuyến, trực tuyến 3",
            {"counter_status": "online_only", "received_online": 3},
        ),
        ("mở cửa", {"counter_status": "open"}),
        ("Trực 2/3, mở cửa", {"staff_on_duty": 2, "staff_total": 3, "counter_status": "open"}),
        ("Mở cửa, trực 2", {"counter_status": "open", "staff_on_duty": 2}),
        ("Trực hai / năm", {"staff_on_duty": 2, "staff_total": 5}),
        ("Trực 5 trên 12", {"staff_on_duty": 5, "staff_total": 12}),
        ("Niêm yết: có", {"notice_posted": True}),
        ("Niêm yết chưa", {"notice_posted": False}),
        ("Phòng dịch: 1 2 4", {"measures": ("masks", "temperature", "disinfection")}),
        ("Phòng dịch 1,2,4", {"measures": ("masks", "temperature", "disinfection")}),
        ("Phòng dịch: khử khuẩn, đeo khẩu trang", {"measures": ("masks", "disinfection")}),
        ("Phòng dịch: đủ", {"measures": STANDING["measures"]}),
        ("Phòng dịch: 5", None),
        ("Đến ngày: 20/4", {"counter_until": "2020-04-20"}),
        ("Đến hết 20/4/2020", {"counter_until": "2020-04-20"}),
        ("Đến ngày: chưa rõ", {"counter_until": ""}),
        ("Đến ngày: 15/4", {"counter_until": "2020-04-15"}),
        ("Đến ngày: 14/4", None),
        ("Đến ngày: 20/4/2002", None),
        ("Đến ngày: 31/6", None),
        ("Đến ngày: thứ Hai", None),
    ],
)
def test_states_and_days_are_read_by_their_words(
    said: str, values: dict[str, object] | None
) -> None:
    reading = read(said)

    assert reading.values == (values or {})
    assert bool(reading.unclear) == (values is None)


def test_in_december_a_day_of_january_is_next_years() -> None:
    day = date(2020, 12, 28)

    reading = read_message("Đến ngày 4/1", form=FORM, blanks=[], day=day)

    assert reading.values == {"counter_until": "2021-01-04"}


def test_what_follows_a_closed_counter_is_asked_back_not_lost() -> None:
    reading = read("Quầy: đóng, phun khử khuẩn đến 18/4")

    assert reading.values == {"counter_status": "closed", "counter_until": "2020-04-18"}
    assert [u.fragment for u in reading.unclear] == ["phun khử khuẩn"]


@pytest.mark.parametrize("apart", ["\n", ", ", ". "])
def test_cause_day_and_substitute_fit_one_message(apart: str) -> None:
    said = apart.join(
        ["Lý do: phun khử khuẩn", "đến ngày 18/4", "tiếp nhận thay: thị trấn Hợp Châu"]
    )

    assert read(said) == Reading(
        {
            "counter_cause": "phun khử khuẩn",
            "counter_until": "2020-04-18",
            "counter_substitute": "thị trấn Hợp Châu",
        }
    )


@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ("Khó khăn: không", ""),
        ("Khó khăn: 0", ""),
        ("Không có khó khăn gì", ""),
        ("ko có vướng mắc", ""),
        ("Khó khăn: trực tuyến bị lỗi", "trực tuyến bị lỗi"),
        ("Khó khăn: mạng chậm, trực tuyến bị lỗi", "mạng chậm, trực tuyến bị lỗi"),
        ("Khó khăn: 3 hồ sơ trực tuyến bị treo", "3 hồ sơ trực tuyến bị treo"),
        ("Khó khăn: mạng chậm\nthiếu máy in", "mạng chậm; thiếu máy in"),
        ("Khó khăn:\n- mạng chậm.\n- máy 2 hỏng", "mạng chậm; máy 2 hỏng"),
        ("Khó khăn: mạng chậm\nhồ sơ trực tuyến bị treo", "mạng chậm; hồ sơ trực tuyến bị treo"),
        ("Khó khăn: mạng chậm\nEm cảm ơn ạ", "mạng chậm"),
        ("Vướng mắc: 😷 thiếu khẩu trang", "😷 thiếu khẩu trang"),
        ("❗ máy scan hỏng", "máy scan hỏng"),
        ("mạng chậm, máy in hỏng", "mạng chậm, máy in hỏng"),
        ("Vướng mắc: thiếu máy in ạ", "thiếu máy in"),
        ("Khó khăn: | không", ""),
        ("Vướng mắc: không còn gì nữa ạ", ""),
        ("Khó khăn: thiếu máy in\nThay mặt bộ phận một cửa\nĐỗ Thị Bảy", "thiếu máy in"),
        ("Khó khăn: thiếu máy in\nĐơn vị: TT Gia Khánh", "thiếu máy in"),
        ("Hôm nay máy scan hỏng", "máy scan hỏng"),
    ],
)
def test_a_remark_is_kept_whole(said: str, remark: str) -> None:
    assert read(said) == Reading({"issues": remark})


@pytest.mark.parametrize(
    "said",
    [
        "Khó khăn: không, trực tiếp 5, trực tuyến 3",
        "Không có khó khăn gì, trực tiếp 5, trực tuyến 3",
        "Khó khăn: không\nTrực tiếp 5\nTrực tuyến 3",
        "Trực tiếp 5; trực tuyến 3; khó khăn: không",
        "Trực tiếp 5 hồ sơ trực tuyến 3 hồ sơ không có khó khăn gì",
    ],
)
def test_figures_behind_a_remark_of_none_are_read(said: str) -> None:
    assert read(said) == Reading({"issues": "", "received_direct": 5, "received_online": 3})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Khó khăn: mạng chậm, trực tuyến 3", Why.IN_REMARK),
        ("Khó khăn: không\nKhó khăn: mạng chậm", Why.SAID_TWICE),
        ("Khó khăn: không\nnhưng mạng chậm", Why.SAID_TWICE),
        ("Khó khăn: mạng chậm\n12", Why.NO_LABEL),
        (f"Khó khăn: {'chậm ' * 101}", Why.TOO_LONG),
        ("Trực tiếp 5\nđã họp cơ quan", Why.NO_LABEL),
    ],
)
def test_a_remark_that_may_hold_something_else_is_asked_back(said: str, why: Why) -> None:
    reading = read(said)

    assert reasons(reading) == [why]
    assert "received_online" not in reading.values


@pytest.mark.parametrize(
    ("asked", "said", "values"),
    [
        ("pending", "12 hs", {"pending": 12}),
        ("pending", "Đang giải quyết 12", {"pending": 12}),
        ("pending", "không", {"pending": 0}),
        ("staff_on_duty", "2/3", {"staff_on_duty": 2, "staff_total": 3}),
        ("notice_posted", "có", {"notice_posted": True}),
        ("notice_posted", "đã niêm yết", {"notice_posted": True}),
        ("notice_posted", "chưa ạ", {"notice_posted": False}),
        ("measures", "1 2 4", {"measures": ("masks", "temperature", "disinfection")}),
        ("counter_status", "trực tuyến", {"counter_status": "online_only"}),
        ("counter_until", "20/4", {"counter_until": "2020-04-20"}),
        ("issues", "không ạ", {"issues": ""}),
        ("issues", "trực tuyến bị lỗi", {"issues": "trực tuyến bị lỗi"}),
        ("issues", "mạng chậm\nmáy hỏng", {"issues": "mạng chậm; máy hỏng"}),
        ("issues", "Trực tiếp 5", {"received_direct": 5}),
        ("issues", "em chào anh", {}),
        ("counter_cause", "phun khử khuẩn", {"counter_cause": "phun khử khuẩn"}),
    ],
)
def test_a_single_blank_needs_no_name(asked: str, said: str, values: dict[str, object]) -> None:
    assert read(said, asked) == Reading(values)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("Cán bộ cách ly 2", {"staff_isolated": 2}),
        ("Trả lại 1, lượt khách 12", {"returned": 1, "visitors": 12}),
        ("Trả lại hoặc rút: 1", {"returned": 1}),
        ("Trả qua bưu chính 3", {"results_by_post": 3}),
        ("Cán bộ nhận trực tuyến: 1", {"staff_online": 1}),
        ("Thanh toán trực tuyến 9", {"online_payments": 9}),
    ],
)
def test_figures_that_may_be_added_are_read_by_name(said: str, values: dict[str, int]) -> None:
    assert read(said) == Reading(values)


def test_a_sentence_full_of_figures_gives_what_is_certain() -> None:
    said = (
        "Xã Đạo Trù: trực 2/2, mở cửa. Trực tiếp 11, trực tuyến 0, bưu điện 2. Đúng hạn 10, "
        "trễ 0. Đang giải quyết 5, trong đó quá hạn 1. Vướng mắc: dân chưa quen nộp qua mạng"
    )

    assert read(said) == Reading(
        {
            "counter_status": "open",
            "staff_on_duty": 2,
            "staff_total": 2,
            "received_direct": 11,
            "received_online": 0,
            "received_postal": 2,
            "resolved_on_time": 10,
            "resolved_late": 0,
            "pending": 5,
            "overdue": 1,
            "issues": "dân chưa quen nộp qua mạng",
        }
    )


@pytest.mark.parametrize("said", ["", "xin chào", "😷😷", "ok", "cảm ơn anh", "»» 5", "______"])
def test_small_talk_says_nothing(said: str) -> None:
    assert read(said).empty


@given(st.dictionaries(st.sampled_from(BLANKS[1:-1]), st.integers(0, 2000), min_size=2))
def test_named_figures_are_read_in_any_order_and_number(figures: dict[Any, int]) -> None:
    said = ", ".join(f"{f.label.lower()} {n}" for f, n in figures.items())

    assert read(said) == Reading({f.id: n for f, n in figures.items()})


@given(st.text(max_size=200))
def test_any_text_can_be_read(said: str) -> None:
    reading = read(said)

    assert all(FORM.field(f) for f in reading.values)


@pytest.mark.parametrize(
    "unit", ["(", "a ", "trực tiếp ", "không ", ", ", "1.", "1,234", "báo cáo ", "anh chị ", "___"]
)
def test_a_long_message_is_read_in_reasonable_time(unit: str) -> None:
    assert read((unit * 4000)[:4000]) is not None
