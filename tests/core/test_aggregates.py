"""What a unit that sums others reports, beside the sum of what they reported."""

from desks import FORM
from entries import absent, day, reported

from bot.core.aggregates import gaps, summed_by
from bot.core.digest import Digest, Section, digest_text, section_text
from bot.core.life import Status
from bot.core.rollup import Counts, Entry

AGGREGATE = Counts.AGGREGATE


def office(**answers: int) -> Entry:
    """The province's office, beside the bodies that it sums."""
    return reported("VP", level="province", parent="P", counts=AGGREGATE, **answers)


def body(unit: str, **answers: int) -> Entry:
    return reported(unit, level="province", parent="P", **answers)


def test_figures_that_are_the_sum_are_no_gap() -> None:
    entries = [office(pending=5, received_direct=3), body("A", pending=2), body("B", pending=3)]

    assert gaps(FORM, [*entries[1:], office(pending=5)]) == []


def test_each_figure_that_is_not_the_sum_is_a_gap() -> None:
    entries = [office(pending=6, overdue=1), body("A", pending=2), body("B", pending=3, overdue=1)]

    [gap] = gaps(FORM, entries)

    assert (gap.field.id, gap.figure, gap.summed, gap.missing) == ("pending", 6, 5, ())


def test_what_has_not_reported_is_named_with_the_gap() -> None:
    missing = absent("B", level="province", parent="P")

    [gap] = gaps(FORM, [office(pending=6), body("A", pending=2), missing])

    assert gap.missing == (missing,)


def test_a_district_that_sums_is_compared_with_its_communes_and_not_with_other_districts() -> None:
    district = reported("D1", level="district", parent="P", counts=AGGREGATE, pending=4)
    communes = [reported("C1", pending=1), reported("C2", pending=3)]
    other = reported("D2", level="district", parent="P", pending=50)

    assert summed_by(district, [district, *communes, other]) == communes
    assert gaps(FORM, [district, *communes, other]) == []


def test_only_units_that_count_their_own_figures_are_summed() -> None:
    inside = reported("I", level="province", parent="P", counts=Counts.INSIDE, pending=9)
    exempt = reported("E", level="province", parent="P", status=Status.EXEMPT, pending=9)

    assert gaps(FORM, [office(pending=2), body("A", pending=2), inside, exempt]) == []


def test_nothing_is_compared_before_a_unit_has_reported() -> None:
    nobody = absent("A", level="province", parent="P")
    not_yet = absent("VP", level="province", parent="P")

    assert gaps(FORM, [office(pending=6), nobody]) == []
    assert gaps(FORM, [not_yet, body("A", pending=2)]) == []


def test_the_digest_shows_where_a_sum_differs_and_how_many_units_are_missing() -> None:
    snapshot = day(
        office(pending=6, overdue=2),
        body("A", pending=2),
        absent("B", level="province", parent="P"),
    )
    digest = Digest(FORM, "Bộ phận Một cửa", snapshot)

    assert (
        "- Số tổng hợp lệch, 1 đơn vị: Xã VP (1 đơn vị chưa báo cáo): Đang giải quyết 6, "
        "cộng lại 2; " in digest_text(digest)
    )
    assert section_text(digest, Section.SUMS) == (
        "Số tổng hợp lệch ngày 15/4: 1 đơn vị\n- Xã VP (1 đơn vị chưa báo cáo): "
        "Đang giải quyết 6, cộng lại 2; Quá hạn chưa trả 2, cộng lại 0"
    )
