"""The digest of a day: short, exceptions first, nothing that should not be there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from entries import WEDNESDAY, absent, day, reported
from hypothesis import given
from hypothesis import strategies as st

from bot.core.digest import (
    Digest,
    Section,
    digest_text,
    missing_by_place,
    section_buttons,
    section_text,
    update_text,
    updated_text,
)
from bot.core.life import Status
from bot.core.rollup import Counts, DaySnapshot, Entry
from bot.core.text import utf16_length
from bot.profile import read_form

FORM = read_form("daily_one_stop")


def digest(*entries: Entry, before: DaySnapshot | None = None) -> Digest:
    return Digest(FORM, "Bộ phận Một cửa tỉnh Vĩnh Phúc", day(*entries), before)


def test_a_quiet_day_says_that_nothing_needs_attention():
    text = digest_text(digest(reported("A", received_direct=3, resolved_on_time=2)))

    assert text.splitlines() == [
        "TỔNG HỢP BÁO CÁO NGÀY 15/4/2020",
        "Bộ phận Một cửa tỉnh Vĩnh Phúc, lúc 17h00",
        "",
        "CẦN LƯU Ý",
        "Không có việc cần lưu ý.",
        "",
        "SỐ LIỆU",
        "Báo cáo: 1/1 đơn vị (100%), đúng hạn 1",
        "Nhận: 3",
        "  trực tiếp 3, trực tuyến 0 (0%), bưu chính 0",
        "Trả: 2, trong đó quá hạn 0",
        "Đang giải quyết: 0",
        "Cán bộ trực: 1/2",
    ]


def test_exceptions_come_before_figures_and_name_the_units():
    text = digest_text(
        digest(
            reported("A", counter_status="closed", counter_until="2020-04-18"),
            reported("B", urgent_received=3, urgent_resolved=2, pending=9, overdue=4),
            absent("C"),
            absent("D1", name="Huyện Một", level="district", parent="P"),
            reported("D2", name="Huyện Hai", level="district", parent="P"),
        )
    )

    attention = text[: text.index("SỐ LIỆU")]
    for line in (
        "- Quầy đóng (1): Xã A đến 18/4",
        "- Cấp thiết: đã giải quyết 2/3; chưa đủ: Xã B 2/3",
        "- Quá hạn chưa trả, 4 hồ sơ: Xã B 4",
        "- Chưa báo cáo, 2 đơn vị: H. Một (2 đơn vị)",
    ):
        assert line in attention


def test_within_one_district_the_missing_are_named():
    text = digest_text(
        digest(absent("D1", name="Huyện Một", level="district", parent="P"), absent("C"))
    )

    assert "- Chưa báo cáo, 2 đơn vị: H. Một; Xã C" in text


def test_change_is_told_with_the_number_of_units_it_rests_on():
    before = day(reported("A", received_direct=5), on=WEDNESDAY - timedelta(days=1))

    text = digest_text(digest(reported("A", received_direct=8), reported("B"), before=before))

    assert "Nhận: 8 (+3)" in text
    assert "Trong ngoặc: so với 14/4, tính trên 1 đơn vị có cả hai ngày." in text


def test_a_long_list_ends_with_how_many_more_and_the_command_that_shows_them():
    late = [reported(f"C{n:02}", pending=9, overdue=1) for n in range(40)]

    text = digest_text(digest(*late))

    assert "; Xã C06 1; Xã C07 1 và 32 đơn vị khác (/tonghop quahan)\n" in text
    full = section_text(digest(*late), Section.OVERDUE)
    assert full.startswith("Hồ sơ quá hạn chưa trả ngày 15/4: 40 đơn vị\n- Xã C00 1\n")
    assert len(full.splitlines()) == 41


def test_a_remark_is_posted_on_one_line_without_phone_numbers():
    text = digest_text(digest(reported("A", issues="Gọi ông Ba 0912 345 678\nđể hẹn lại")))

    assert "- Xã A: Gọi ông Ba 091…78 để hẹn lại" in text


def test_two_units_of_one_name_are_told_apart_by_their_district():
    entries = [
        absent("D1", name="Huyện Một", level="district", parent="P"),
        absent("D2", name="Huyện Hai", level="district", parent="P"),
        reported("A", name="Xã Xuân Hòa", parent="D1", pending=1, overdue=1),
        reported("B", name="Xã Xuân Hòa", parent="D2", pending=1, overdue=1),
    ]

    assert "Xã Xuân Hòa (H. Một) 1; Xã Xuân Hòa (H. Hai) 1" in digest_text(digest(*entries))


def test_online_payments_are_told_where_a_unit_answers_them():
    asked = reported("D1", name="Huyện Một", level="district", parent="P", online_payments=0)

    assert "Thanh toán trực tuyến: 0" in digest_text(digest(asked, reported("A")))
    assert "Thanh toán" not in digest_text(digest(absent("D1", level="district"), reported("A")))


def test_a_day_without_a_report_has_no_line_on_staff():
    assert "Cán bộ trực" not in digest_text(digest(absent("A")))


def test_the_online_share_is_recomputed_from_the_sums_and_never_averaged():
    entries = [reported("A", received_online=1), reported("B", received_direct=9)]

    assert "trực tiếp 9, trực tuyến 1 (10%), bưu chính 0" in digest_text(digest(*entries))


def test_what_a_unit_says_of_itself_in_private_is_shown_only_as_a_total():
    text = digest_text(digest(reported("A", staff_isolated=7)))

    assert "cách ly" not in text.lower()


@pytest.mark.parametrize("units", [0, 1, 170, 12_000])
def test_the_digest_fits_one_message_for_any_number_of_units(units: int):
    entries = [
        reported(
            f"C{n}", name=f"Xã Số {n}", counter_status="closed", counter_until="2020-04-18",
            urgent_received=2, pending=99_999, overdue=99_999, received_online=99_999,
            issues="mạng chậm, người dân chờ lâu, đề nghị hỗ trợ kỹ thuật cho bộ phận một cửa",
        )
        if n % 2
        else absent(f"C{n}", name=f"Xã Số {n}", parent=f"D{n % 100}")
        for n in range(units)
    ]  # fmt: skip

    text = digest_text(digest(*entries))

    assert utf16_length(text) <= 1800
    assert len(text.splitlines()) <= 25
    assert "…" not in text.splitlines()[-1]


@given(remark=st.text(max_size=500), name=st.text(min_size=1, max_size=40))
def test_whatever_people_type_the_digest_keeps_its_shape(remark: str, name: str):
    text = digest_text(digest(reported("A", name=name, issues=remark)))

    assert utf16_length(text) <= 1800
    assert len(text.splitlines()) <= 25


def test_an_update_names_who_came_and_who_corrected_and_keeps_the_first_figures():
    first = day(reported("A", received_direct=5), absent("B"), reported("C"))
    now = Digest(
        FORM,
        "Bộ phận Một cửa tỉnh Vĩnh Phúc",
        day(reported("A", received_direct=6), reported("B", received_direct=2), reported("C"),
            at=(18, 30)),
    )  # fmt: skip

    text = update_text(now, first, first, edition=2)

    assert text.splitlines()[0] == "BỔ SUNG TỔNG HỢP NGÀY 15/4/2020 (bản 2)"
    assert "- Mới báo cáo (1): Xã B" in text
    assert "- Có sửa số liệu (1): Xã A" in text
    assert "Báo cáo: 3/3 (lúc 17h00: 2)" in text
    assert "Nhận: 8 (5)" in text


def the_next_morning(snapshot: DaySnapshot) -> DaySnapshot:
    return replace(snapshot, taken_at=snapshot.taken_at + timedelta(hours=16))


def test_an_update_in_place_puts_the_newest_figures_on_top_and_keeps_the_post_below():
    first = digest(reported("A", pending=9, overdue=1), absent("B"), absent("C"))
    evening = day(
        reported("A", pending=13, overdue=9), reported("B", received_direct=2), absent("C"),
        at=(18, 30),
    )  # fmt: skip
    morning = the_next_morning(
        day(*evening.entries[:2], reported("C", received_direct=5, pending=4, overdue=3))
    )

    posted, updated = digest_text(first), updated_text(first, [evening, morning])

    body = posted[posted.index("CẦN LƯU Ý") :]
    assert updated.splitlines()[:13] == [
        "TỔNG HỢP BÁO CÁO NGÀY 15/4/2020",
        "Bộ phận Một cửa tỉnh Vĩnh Phúc",
        "",
        "CẬP NHẬT LÚC 9h00 16/4",
        "Báo cáo: 3/3 (lúc 17h00: 1)",
        "Nhận: 7 (0)",
        "Trả: 0 (0)",
        "Đang giải quyết: 17 (9)",
        "Quá hạn chưa trả: 12 (1)",
        "- 9h00 16/4. Mới báo cáo: Xã C",
        "- 18h30. Mới báo cáo: Xã B. Có sửa: Xã A",
        "",
        "TỔNG HỢP LÚC 17h00",
    ]
    assert updated.endswith(f"TỔNG HỢP LÚC 17h00\n\n{body}")


def test_an_edition_without_news_of_these_units_has_no_line_in_the_post():
    first = digest(reported("A"), absent("B"))
    evening = day(*first.snapshot.entries, at=(18, 30))

    updated = updated_text(first, [evening, the_next_morning(day(reported("A"), reported("B")))])

    assert "- 9h00 16/4. Mới báo cáo: Xã B" in updated
    assert "- 18h30" not in updated


@pytest.mark.parametrize("units", [170, 12_000])
def test_an_updated_post_fits_one_message_of_telegram_for_any_number_of_units(units: int):
    names = [f"Xã Số {n} có một cái tên dài" for n in range(units)]
    first, evening, morning = (
        [
            reported(f"C{n}", name=name, pending=99_999, overdue=99_999 - at, issues="mạng " * 50)
            if n % 3 < at
            else absent(f"C{n}", name=name, parent=f"D{n % 100}")
            for n, name in enumerate(names)
        ]
        for at in (1, 2, 3)
    )

    updated = updated_text(
        digest(*first), [day(*evening, at=(18, 30)), the_next_morning(day(*morning))]
    )

    assert utf16_length(updated) <= 2600
    assert updated.endswith(digest_text(digest(*first))[-500:])
    assert updated.count("đơn vị khác (/tonghop)") == 4


def test_a_digest_or_update_of_another_day_than_its_own_says_on_which():
    late = the_next_morning(day(reported("A")))
    later = replace(late, taken_at=late.taken_at + timedelta(hours=1))

    posted = digest_text(replace(digest(), snapshot=late))
    update = update_text(replace(digest(), snapshot=later), late, late, edition=2)

    assert posted.splitlines()[1].endswith(", lúc 9h00 16/4")
    assert update.splitlines()[1].endswith(", lúc 10h00 16/4")
    assert "Báo cáo: 1/1 (lúc 9h00 16/4: 1)" in update


def test_a_button_says_what_it_counts():
    buttons = section_buttons(digest(reported("A", pending=20, overdue=12), absent("B")))

    assert [b.label for b in buttons] == ["Quá hạn (1 đơn vị)", "Chưa báo cáo (1 đơn vị)"]


@pytest.mark.parametrize("units", [170, 12_000])
def test_where_reports_are_missing_fits_one_message_for_any_number_of_units(units: int):
    entries = [
        absent(f"D{n}", name=f"Huyện Số {n}", level="district", parent="P") for n in range(100)
    ] + [absent(f"C{n}", name=f"Xã Số {n}", parent=f"D{n % 70}") for n in range(units)]

    text = missing_by_place(entries, WEDNESDAY, day().taken_at)

    first, *places, more, one, all_names = text.splitlines()
    expected = units + 100
    assert first == f"Chưa báo cáo ngày 15/4, lúc 17h00: {expected}/{expected} đơn vị."
    assert places[0].startswith("- H. Số 0 (")
    assert more == f"và {100 - len(places)} nơi khác"
    assert one == "Xem tên tại một nơi, ví dụ: /chuabaocao Vĩnh Yên"
    assert all_names == "Xem đủ tên: nhắn riêng /chuabaocao"
    assert utf16_length(text) <= 1800


def test_an_aggregate_is_shown_as_reported_but_never_as_a_figure():
    text = digest_text(
        digest(
            reported("A", pending=3, overdue=1, received_direct=1),
            reported("S", counts=Counts.AGGREGATE, pending=3, overdue=1, received_direct=1),
        )
    )

    assert "Quá hạn chưa trả, 1 hồ sơ: Xã A 1" in text
    assert "Báo cáo: 2/2 đơn vị" in text
    assert "Nhận: 1\n" in text


def test_what_an_exempt_unit_had_sent_is_not_posted():
    exempt = reported(
        "A", status=Status.EXEMPT, issues="mạng chậm", counter_status="closed", counter_until=""
    )

    text = digest_text(digest(exempt, reported("B")))

    assert "mạng chậm" not in text
    assert "Quầy đóng" not in text


def test_of_districts_left_out_it_is_not_said_that_they_are_units():
    districts = [
        absent(f"D{n}", name=f"Huyện Số {n:02}", level="district", parent="P") for n in range(30)
    ]

    text = digest_text(digest(*districts))

    assert "nơi khác (/chuabaocao)" in text
