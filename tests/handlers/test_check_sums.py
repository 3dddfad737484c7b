"""Who sums others is asked once a day why their figures are not the sum."""

from world import World

BODY = {"received_direct": 30, "resolved_on_time": 20, "online_payments": 0}


async def differing(world: World, *, at: str = "2020-04-15 15:00") -> World:
    """The centre has 50 dossiers pending, and the office that sums up says 53."""
    await world.all_join(
        ("VPUB", "VP-VPUB", "focal_point"),
        ("TTHCC", "VP-TTHCC", "focal_point"),
    )
    await world.at(at)
    await world.reports("TTHCC", **BODY, pending=50)
    await world.reports("VPUB", **BODY, pending=53)
    return world


async def test_it_is_asked_with_the_figures_when_the_digest_is_made(world: World):
    await differing(world)

    [(chat, said)] = await world.news("2020-04-15 17:00")

    assert chat == "VPUB"
    assert "» Đang giải quyết 53, trong khi cộng các đơn vị đã báo cáo là 50.\n" in said


async def test_it_is_told_which_units_have_not_reported(world: World):
    await world.damage(
        "UPDATE unit_version SET counts = 'own', counted_in_id = NULL WHERE name = 'Sở Tư pháp'"
    )
    await differing(world)

    [(_, said)] = await world.news("2020-04-15 17:00")

    assert "» Chưa báo cáo: Sở Tư pháp.\n" in said


async def test_it_is_not_asked_again_with_the_next_edition(world: World):
    await differing(world)
    await world.at("2020-04-15 17:00")
    await world.says("TTHCC", "sửa Đang giải quyết 51")
    await world.says("TTHCC", "gửi")

    assert await world.news("2020-04-15 18:30") == []


async def test_who_reports_after_the_digest_is_asked_with_the_next_one(world: World):
    await world.all_join(
        ("VPUB", "VP-VPUB", "focal_point"),
        ("TTHCC", "VP-TTHCC", "focal_point"),
    )
    await world.at("2020-04-15 15:00")
    await world.reports("TTHCC", **BODY, pending=50)
    await world.at("2020-04-15 17:00")
    await world.reports("VPUB", **BODY, pending=53)

    [(chat, said)] = await world.news("2020-04-15 18:30")

    assert (chat, "cộng các đơn vị đã báo cáo là 50" in said) == ("VPUB", True)


async def test_an_explanation_is_kept_with_the_report_and_named_beside_the_figure(world: World):
    await differing(world)
    await world.at("2020-04-15 17:00")

    await world.says("VPUB", "vì tính cả 3 hồ sơ của Sở Tư pháp")

    [shown] = await world.says("VPUB", "/xem")
    assert "Đang giải quyết: 53\n» Giải trình: tính cả 3 hồ sơ của Sở Tư pháp\n" in shown


async def test_a_corrected_figure_settles_it(world: World):
    await differing(world)
    await world.at("2020-04-15 17:00")

    [asked] = await world.says("VPUB", "Đang giải quyết 50")
    await world.says("VPUB", "gửi")

    assert "cộng các đơn vị" not in asked
    assert await world.sql("SELECT doubts FROM revision WHERE number = 2") == [("{}",)]


async def test_who_is_at_another_report_is_told_and_stays_there(world: World):
    await differing(world)
    await world.joins("VPUB", "VP-TTHCC", "deputy")
    await world.damage("UPDATE cursor SET step = 'question', unit_id = 1 WHERE chat = 'VPUB'")

    await world.at("2020-04-15 17:00")

    assert await world.sql("SELECT step, unit_id FROM cursor WHERE chat = 'VPUB'") == [
        ("question", 1)
    ]


async def test_figures_that_are_the_sum_are_no_cause_to_ask(world: World):
    await world.all_join(
        ("VPUB", "VP-VPUB", "focal_point"),
        ("TTHCC", "VP-TTHCC", "focal_point"),
    )
    await world.at("2020-04-15 15:00")
    await world.reports("TTHCC", **BODY, pending=50)
    await world.reports("VPUB", **BODY, pending=50)

    assert await world.news("2020-04-15 17:00") == []
