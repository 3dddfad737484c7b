"""One message for several units: all of it is kept together, each unit with its own record."""

from world import World

WHOLE = (
    "mở cửa, trực 2/5, trực tiếp {n}, online 4, bưu điện 0, đúng hạn 12, trả trễ 0, đang gq 8, "
    "quá hạn 0, cấp thiết nhận 1 xong 1, niêm yết có, phòng dịch đủ, không vướng mắc"
)


async def reports(world: World) -> None:
    await world.joins("Lan", "VP-VY-TS01")
    await world.joins("Lan", "VP-VY-LB02")


async def test_each_unit_has_its_report_and_its_line_in_the_record(world: World):
    await reports(world)

    [receipts] = await world.says(
        "Lan", f"Tích Sơn: {WHOLE.format(n=9)}\nLiên Bảo: {WHOLE.format(n=3)}"
    )

    assert receipts.count("Đã nhận báo cáo") == 2
    sent = await world.sql("SELECT received_direct, person_id FROM revision")
    assert {direct for direct, _ in sent} == {9, 3}
    assert len({person for _, person in sent}) == 1
    record = await world.sql("SELECT subject FROM audit_event WHERE what = 'report sent'")
    assert {subject.split("/")[0] for (subject,) in record} == {"VP-VY-TS01", "VP-VY-LB02"}


async def test_a_unit_that_is_not_whole_waits_and_the_others_are_sent(world: World):
    await reports(world)

    await world.says("Lan", f"Tích Sơn: trực tiếp 9\nLiên Bảo: {WHOLE.format(n=3)}")

    assert await world.sql("SELECT received_direct FROM revision") == [(3,)]
    assert await world.sql("SELECT COUNT(*) FROM draft") == [(1,)]
    [receipt] = await world.says("Lan", WHOLE.format(n=9))
    assert "Phường Tích Sơn" in receipt


async def test_the_same_message_again_makes_no_second_report(world: World):
    await reports(world)
    said = f"Tích Sơn: {WHOLE.format(n=9)}\nLiên Bảo: {WHOLE.format(n=3)}"
    await world.says("Lan", said)

    [answer] = await world.says("Lan", said)

    assert answer.count("trùng với báo cáo") == 2
    assert await world.sql("SELECT COUNT(*) FROM revision") == [(2,)]


async def test_a_unit_of_somebody_else_gets_nothing(world: World):
    await world.joins("Lan", "VP-VY-TS01")
    await world.joins("Minh", "VP-VY-LB02")

    await world.says("Lan", f"Tích Sơn: {WHOLE.format(n=9)}\nLiên Bảo: trực tiếp 3")

    owners = await world.sql(
        "SELECT unit.code FROM draft JOIN unit ON unit.id = draft.unit_id"
        " UNION SELECT unit.code FROM report JOIN unit ON unit.id = report.unit_id"
    )
    assert owners in ([("VP-VY-TS01",)], [])
