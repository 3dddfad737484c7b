import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.core.form import Value, form_from
from bot.core.life import Status
from bot.core.paper import Column, Item, Paper, Para, guarded, head_rows, printed
from bot.core.rollup import Counts, DaySnapshot, Entry
from bot.core.weekly import Letterhead, build

FORM = form_from(tomllib.loads(Path("bot/forms/daily_one_stop.toml").read_text("utf-8")))
MONDAY, TUESDAY, WEDNESDAY = date(2020, 4, 13), date(2020, 4, 14), date(2020, 4, 15)
LETTERHEAD = Letterhead(
    parent="UBND TỈNH VĨNH PHÚC",
    body=("VĂN PHÒNG",),
    body_in_text="Văn phòng UBND tỉnh",
    suffix="BC-VPUBND",
    place="Vĩnh Phúc",
    addressees=("Tỉnh ủy", "Ban chỉ đạo tỉnh"),
    authority=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
    signer="",
    recipients=("Như trên", "Lưu: VT, KSTT"),
    bases=("Chỉ thị số 16/CT-TTg ngày 31 tháng 3 năm 2020 của Thủ tướng Chính phủ",),
)
HEALTH = Entry("SYT", "Sở Y tế", "province", "VP", Counts.OWN, Status.ON_TIME, on_time=True)
OFFICE = replace(HEALTH, unit="VPUB", name="Văn phòng UBND tỉnh", counts=Counts.AGGREGATE)
LAND = replace(HEALTH, unit="TNMT", name="Sở Tài nguyên và Môi trường", counts=Counts.INSIDE)
DISTRICT = replace(HEALTH, unit="LT", name="Huyện Lập Thạch", level="district")
FIRST = replace(HEALTH, unit="LT-1", name="Xã Xuân Hòa", level="commune", parent="LT")
SECOND = replace(FIRST, unit="LT-2", name="Xã Tử Du")


def report(
    received: tuple[int, int, int] = (0, 0, 0),
    resolved: tuple[int, int] = (0, 0),
    pending: tuple[int, int] = (0, 0),
    **more: Value,
) -> dict[str, Value]:
    """Answers of a quiet open counter: direct, online, postal; on time, late; pending, overdue."""
    direct, online, postal = received
    return {
        "counter_status": "open",
        "staff_on_duty": 2,
        "staff_total": 4,
        "received_direct": direct,
        "received_online": online,
        "received_postal": postal,
        "resolved_on_time": resolved[0],
        "resolved_late": resolved[1],
        "pending": pending[0],
        "overdue": pending[1],
        "urgent_received": 0,
        "urgent_resolved": 0,
        "online_payments": 0,
        "issues": "",
        "notice_posted": True,
        "measures": ("masks", "distance"),
        **more,
    }


def sent(unit: Entry, answers: Mapping[str, Value], *, late: bool = False) -> Entry:
    status = Status.LATE if late else Status.ON_TIME
    return replace(unit, answers=answers, status=status, on_time=not late)


def missing(unit: Entry) -> Entry:
    return replace(unit, status=Status.MISSING, on_time=False)


def exempt(unit: Entry) -> Entry:
    return replace(unit, status=Status.EXEMPT, on_time=False)


def snapshot(day: date, *entries: Entry) -> DaySnapshot:
    return DaySnapshot(day, datetime(2020, 4, 17, 9), entries)  # noqa: DTZ001 - never compared


AGGREGATE = report((100, 100, 100), (90, 9), (80, 8))
INSIDE = report((7, 7, 7), (7, 7), (7, 7))
# By hand. District: received 8 + 4 + 4 = 16, online 3; resolved 15 + 1; pending 6, overdue 1.
# Xã Xuân Hòa: received 2, resolved 1, pending 3 on Monday; missing on Tuesday; exempt on Wednesday.
# Sở Y tế: received 3 x 2, of them online 3; resolved 6; pending 4.
WEEK = [
    snapshot(
        MONDAY,
        sent(OFFICE, AGGREGATE),
        sent(HEALTH, report((1, 1, 0), (2, 0), (4, 0), urgent_received=2, urgent_resolved=1)),
        sent(LAND, INSIDE),
        sent(FIRST, report((2, 0, 0), (1, 0), (3, 0), issues="Mạng chậm, gọi 0912345678.")),
        sent(DISTRICT, report((5, 2, 1), (4, 0), (10, 0), staff_isolated=3)),
        missing(SECOND),
    ),
    snapshot(
        TUESDAY,
        sent(OFFICE, AGGREGATE),
        sent(
            HEALTH,
            report((1, 1, 0), (2, 0), (4, 0), urgent_received=2, urgent_resolved=2),
            late=True,
        ),
        sent(LAND, INSIDE),
        missing(FIRST),
        sent(DISTRICT, report((3, 1, 0), (6, 1), (7, 2), staff_isolated=3)),
        missing(SECOND),
    ),
    snapshot(
        WEDNESDAY,
        sent(OFFICE, AGGREGATE),
        sent(HEALTH, report((1, 1, 0), (2, 0), (4, 0), issues="mạng chậm, gọi 0912345678")),
        sent(LAND, INSIDE),
        exempt(FIRST),
        sent(DISTRICT, report((4, 0, 0), (5, 0), (6, 1), staff_isolated=2, online_payments=5)),
        missing(SECOND),
    ),
]
BEFORE = [
    snapshot(date(2020, 4, 9), sent(OFFICE, AGGREGATE), sent(DISTRICT, report(pending=(8, 0)))),
]


def paper(
    days: list[DaySnapshot] = WEEK,
    previous: list[DaySnapshot] = BEFORE,
    letterhead: Letterhead = LETTERHEAD,
) -> Paper:
    return build(
        FORM,
        days,
        previous,
        letterhead,
        week="2020-W16",
        first=date(2020, 4, 10),
        last=date(2020, 4, 16),
        issue=date(2020, 4, 17),
    )


def says(built: Paper) -> list[str]:
    return [block.text for block in built.blocks]


def row(built: Paper, name: str, *, appendix: int = 0) -> tuple[str, ...]:
    rows = built.appendices[appendix].table.rows
    return next(r.cells for r in rows if r.cells[1] == name)


def test_number_and_day_are_left_to_the_clerk():
    built = paper()

    assert built.number.replace("\u00a0", "_") == "Số:________/BC\u2011VPUBND"
    assert built.place_date.replace("\u00a0", "_") == "Vĩnh Phúc, ngày______ tháng 4 năm 2020"


def test_first_months_of_the_year_take_a_leading_zero():
    built = build(
        FORM, WEEK, [], LETTERHEAD, week="2021-W05",
        first=MONDAY, last=WEDNESDAY, issue=date(2021, 2, 5),
    )  # fmt: skip

    assert built.place_date.endswith("tháng 02 năm 2021")


def test_the_paper_names_its_period_its_addressees_and_the_order_it_follows():
    built = paper()

    assert built.subject[-1] == "(từ ngày 10/4/2020 đến ngày 16/4/2020)"
    assert built.addressees == ("- Tỉnh ủy;", "- Ban chỉ đạo tỉnh.")
    assert built.recipients == ("- Như trên;", "- Lưu: VT, KSTT.")
    assert says(built)[0].startswith(
        "Thực hiện Chỉ thị số 16/CT\u2011TTg ngày 31 tháng 3 năm 2020 của Thủ tướng Chính phủ, "
        "Văn phòng UBND tỉnh báo cáo kết quả"
    )
    assert built.closing.endswith("./.")


def test_a_single_addressee_stands_without_a_hyphen():
    built = paper(letterhead=replace(LETTERHEAD, addressees=("Tỉnh ủy",)))

    assert built.addressees == ("Tỉnh ủy.",)


def test_completeness_counts_unit_days_without_the_exempt_one():
    # 6 units x 3 days - 1 exempt = 17; 13 came (76,47%), one of them late (70,58%).
    assert (
        "Trong kỳ có 3 ngày báo cáo (13/4, 14/4, 15/4). Có 6 đơn vị phải gửi 17 lượt báo cáo; đã "
        "nhận 13 lượt, đạt 76,5%; gửi đúng thời hạn 12 lượt, đạt 70,6%." in says(paper())
    )


def test_units_that_did_not_report_are_named_with_their_days():
    built = paper()

    assert "- Huyện Lập Thạch: Xã Xuân Hòa (1 ngày); Xã Tử Du (3 ngày, cả kỳ)." in says(built)
    assert row(built, "Xã Tử Du", appendix=1) == ("2", "Xã Tử Du", "3", "13/4, 14/4, 15/4", "", "")
    assert row(built, "Sở Y tế", appendix=1) == ("1", "Sở Y tế", "", "", "1", "14/4")


def test_an_exempt_day_is_told_apart_from_a_missing_one():
    assert "- Huyện Lập Thạch: Xã Xuân Hòa (15/4)." in says(paper())


def test_a_complete_and_punctual_week_has_no_list_of_absences():
    built = paper([snapshot(MONDAY, sent(HEALTH, report()))])

    assert "Không có đơn vị nào thiếu báo cáo." in says(built)
    assert built.appendices[1].table.rows == ()
    assert built.appendices[1].notes == (
        "Trong kỳ, tất cả các đơn vị gửi báo cáo đầy đủ, đúng thời hạn.",
    )


def test_flows_are_summed_over_days_and_stocks_are_the_last_ones():
    # (3) = 3 + 8 + 13; pending 6, not 10 + 7 + 6.
    assert row(paper(), "Bộ phận Một cửa cấp huyện") == (
        "1", "Bộ phận Một cửa cấp huyện", "24", "3", "8", "13", "16", "15", "1", "6", "5", "1", "",
    )  # fmt: skip


def test_an_older_stock_shows_its_day():
    built = paper()

    assert row(built, "Xã Xuân Hòa")[9:] == ("3", "3", "0", "đến ngày 13/4")
    assert any(note.startswith("“Đến ngày”") for note in built.appendices[0].notes)


def test_a_unit_that_never_reported_has_no_figures():
    cells = row(paper(), "Xã Tử Du")

    assert cells == ("3", "Xã Tử Du", *("-" for _ in range(10)), "không báo cáo")


def test_a_district_is_its_own_counter_and_its_communes():
    built = paper()

    names = [r.cells[1] for r in built.appendices[0].table.rows]
    assert names[-6:] == [
        "Huyện Lập Thạch",
        "Bộ phận Một cửa cấp huyện",
        "Xã Xuân Hòa",
        "Xã Tử Du",
        "Cộng Huyện Lập Thạch",
        "Tổng số",
    ]
    assert row(built, "Cộng Huyện Lập Thạch")[2:12] == (
        "26", "3", "8", "15", "17", "16", "1", "9", "8", "1",
    )  # fmt: skip


def test_no_dossier_is_counted_twice():
    # District 26 + Sở Y tế 6; neither the aggregate's 300 a day nor the 21 inside another's.
    built = paper()

    assert row(built, "Tổng số")[2:12] == (
        "32", "6", "8", "18", "23", "22", "1", "13", "12", "1",
    )  # fmt: skip
    assert row(built, "Văn phòng UBND tỉnh (**)")[6] == "297"
    assert row(built, "Sở Tài nguyên và Môi trường (*)")[9] == "7"
    assert "(*) Số liệu đã nằm trong số liệu của đơn vị khác, không cộng vào tổng." in (
        built.appendices[0].notes
    )


def test_text_and_appendix_give_the_same_sums():
    built = says(paper())

    assert (
        "Tiếp nhận mới 24 hồ sơ: trực tiếp 17; trực tuyến 6; qua bưu chính công ích 1. Tỷ lệ hồ sơ "
        "tiếp nhận trực tuyến: 25%." in built
    )
    assert "Đã giải quyết 23 hồ sơ: trả trước và đúng thời hạn 22 (95,7%); trả quá hạn 1." in built
    assert "Đang giải quyết 13 hồ sơ: chưa đến hạn 12; quá hạn 1." in built


def test_dossiers_carried_over_are_known_only_from_the_week_before():
    # The aggregate's 80 are not added; three units whose figures count sent none in that week.
    assert (
        "Số hồ sơ kỳ trước chuyển qua: 8 hồ sơ (chưa gồm 3 đơn vị chưa có số liệu kỳ trước)."
        in says(paper())
    )


def test_without_a_week_before_nothing_is_carried_over():
    built = paper(previous=[])

    assert "Chưa có số liệu hồ sơ kỳ trước chuyển qua." in says(built)
    assert row(built, "Tổng số")[2:6] == ("24", "6", "-", "18")
    assert any("Chưa có số liệu kỳ trước" in note for note in built.appendices[0].notes)


def test_units_with_overdue_dossiers_are_named_and_urged():
    built = says(paper())

    assert "- Huyện Lập Thạch: Bộ phận Một cửa cấp huyện (1 hồ sơ)." in built
    assert (
        "- 1 đơn vị có hồ sơ quá hạn (mục I.4) tập trung giải quyết 1 hồ sơ, xin lỗi và hẹn lại "
        "ngày trả kết quả theo Điều 19 Nghị định số 61/2018/NĐ\u2011CP;" in built
    )


def test_what_is_asked_of_the_units_begins_with_the_units():
    built = paper().blocks
    at = next(n for n, block in enumerate(built) if block.text.startswith("Đề nghị"))

    assert built[at].text == "Đề nghị Tỉnh ủy và Ban chỉ đạo tỉnh quan tâm, chỉ đạo:"
    assert [block.text.split(" (")[0] for block in built[at + 1 : at + 4]] == [
        "- 2 đơn vị không gửi đủ báo cáo",
        "- 1 đơn vị có hồ sơ quá hạn",
        "- 1 đơn vị chưa giải quyết hết TTHC cấp thiết",
    ]


def test_urgent_procedures_below_the_target_are_named():
    built = says(paper())

    assert "Tiếp nhận 4 hồ sơ, đã giải quyết 3 hồ sơ, đạt 75% (yêu cầu 100%)." in built
    assert "- Sở, ban, ngành: Sở Y tế (3/4 hồ sơ, 75%)." in built


def test_staff_is_that_of_the_last_reports_and_isolation_only_a_total():
    # Sở Y tế, the district and Xã Xuân Hòa, 2 of 4 each; isolated 2 on the last day, not 3 + 3 + 2.
    built = says(paper())

    assert "Cán bộ, công chức, viên chức trực tại Bộ phận Một cửa: 6/12 người (50%)." in built
    assert "Tổng số cán bộ, công chức, viên chức đang cách ly: 2 người." in built
    assert sum("cách ly" in line for line in built) == 1


def test_a_counter_that_is_not_open_gives_cause_day_and_substitute():
    closed = report(
        counter_status="closed",
        counter_cause="có ca nghi nhiễm, hỏi 0912345678",
        counter_until="2020-04-20",
        counter_substitute="UBND xã Tử Du",
    )

    built = says(paper([snapshot(MONDAY, sent(DISTRICT, report()), sent(FIRST, closed))]))

    assert (
        "Theo báo cáo gần nhất trong kỳ của 2 đơn vị có số liệu: 1 mở cửa bình thường; 1 tạm đóng "
        "cửa." in built
    )
    assert (
        "- Xã Xuân Hòa (Huyện Lập Thạch): tạm đóng cửa; đến ngày 20/4; lý do: có ca nghi nhiễm, "
        "hỏi 091…78; nơi tiếp nhận thay: UBND xã Tử Du." in built
    )


def test_a_unit_that_has_not_informed_the_public_is_named_and_urged():
    built = says(paper([snapshot(MONDAY, sent(HEALTH, report(notice_posted=False)))]))

    assert "Đã niêm yết thông báo cho tổ chức, cá nhân: 0/1 đơn vị." in built
    assert "- Sở, ban, ngành: Sở Y tế (chưa niêm yết)." in built
    assert any(line.startswith("- 1 đơn vị chưa niêm yết (mục I.2)") for line in built)


def test_a_difficulty_is_told_once_with_all_who_have_it_and_no_phone_number():
    assert (
        "- Mạng chậm, gọi 091…78. Đơn vị báo cáo: Sở Y tế; Xã Xuân Hòa (Huyện Lập Thạch)."
        in says(paper())
    )


def test_only_the_newest_difficulty_of_a_unit_is_told():
    days = [
        snapshot(MONDAY, sent(HEALTH, report(issues="Máy in hỏng"))),
        snapshot(TUESDAY, sent(HEALTH, report(issues="Thiếu khẩu trang"))),
        snapshot(WEDNESDAY, sent(HEALTH, report())),
    ]

    told = [line for line in says(paper(days)) if "Đơn vị báo cáo" in line]

    assert told == ["- Thiếu khẩu trang. Đơn vị báo cáo: Sở Y tế."]


def test_a_week_without_faults_leaves_the_proposals_to_the_drafter():
    built = paper([snapshot(MONDAY, sent(HEALTH, report()))])

    assert Para("(Văn phòng UBND tỉnh bổ sung)") in built.blocks
    assert "Trong kỳ, các đơn vị không báo cáo khó khăn, vướng mắc." in says(built)


def test_a_week_without_dossiers_says_so():
    built = says(paper([snapshot(MONDAY, sent(HEALTH, report()))], []))

    assert "Trong kỳ không phát sinh hồ sơ tiếp nhận mới." in built
    assert "Trong kỳ chưa có hồ sơ được giải quyết." in built
    assert "Trong kỳ không tiếp nhận hồ sơ TTHC cấp thiết." in built
    assert "Trong kỳ không phát sinh giao dịch thanh toán trực tuyến." in built


def test_a_week_in_which_nobody_reported_invents_no_figures():
    built = paper([snapshot(MONDAY, missing(HEALTH), missing(DISTRICT))])

    assert "Trong kỳ chưa có số liệu để tổng hợp hoạt động và hồ sơ." in says(built)
    assert row(built, "Cộng Sở, ban, ngành")[2:12] == tuple("-" for _ in range(10))


def test_a_week_in_which_all_were_exempt_has_no_share():
    built = paper([snapshot(MONDAY, exempt(HEALTH))])

    assert "Trong kỳ, tất cả các đơn vị được tạm miễn báo cáo." in says(built)
    assert built.appendices[1].notes == ("Trong kỳ không có đơn vị phải gửi báo cáo.",)


def test_a_week_without_units_does_not_say_that_they_were_exempt():
    built = says(paper([snapshot(MONDAY)]))

    assert "Trong kỳ, không có đơn vị báo cáo." in built
    assert not any("tạm miễn" in line for line in built)


def test_a_week_without_a_reporting_day_is_refused():
    with pytest.raises(ValueError, match="without a reporting day"):
        paper([])


def test_the_standing_duties_of_the_letters_close_the_report():
    duties = [block for block in paper().blocks if isinstance(block, Item)][-6:]

    assert duties[0].text.endswith("để giải quyết 100% TTHC cấp thiết;")
    assert duties[-1].text.endswith("trước 16 giờ thứ Sáu hàng tuần.")


@pytest.mark.parametrize(
    ("typed", "printable"),
    [
        ("Ho\u0300a", "Hòa"),
        ("a\nb\tc", "a b c"),
        ("a\u200bb\u202ec\x00d\ue000e\ud800f", "abcdef"),
        ("Số:\u00a0\u00a0/BC", "Số:\u00a0\u00a0/BC"),
        ("Số 61/2018/NĐ-CP", "Số 61/2018/NĐ\u2011CP"),
        ("16/CT-TTg; 85/UBND-KSTT2", "16/CT\u2011TTg; 85/UBND\u2011KSTT2"),
        ("COVID-19, 13/4-15/4, 12-4, và/hoặc-xã", "COVID-19, 13/4-15/4, 12-4, và/hoặc-xã"),
    ],
)
def test_a_renderer_gets_nothing_invisible_and_unbreakable_document_numbers(
    typed: str, printable: str
):
    built = guarded(replace(paper(), signer=typed))

    assert built.signer == printable


def test_every_text_of_the_paper_is_composed():
    decomposed = replace(LETTERHEAD, place=unicodedata.normalize("NFD", "Vĩnh Phúc"))

    built = paper(letterhead=decomposed)

    assert all(unicodedata.is_normalized("NFC", said) for said in printed(built))


def test_neighbouring_columns_share_their_common_heading():
    columns = tuple(
        Column(titles, "", figures=True)
        for titles in (
            ("Đơn vị",),
            ("Số", "Tổng"),
            ("Số", "Trong đó", "a"),
            ("Số", "Trong đó", "b"),
        )
    )

    assert head_rows(columns) == [
        [(0, 1, 3), (1, 3, 1)],
        [(1, 1, 2), (2, 2, 1)],
        [(2, 1, 1), (3, 1, 1)],
    ]
