"""An explanation stands beside its figure: in the report as shown, the digest, the weekly paper."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from desks import FORM, STANDING, TODAY, WHOLE_FORM, past, second_day, talk
from entries import WEDNESDAY, day, reported

from bot.core.desk import Desk
from bot.core.dialogue import CONFIRMED, show_sent
from bot.core.digest import Digest, Section, digest_text, section_text, update_text
from bot.core.explanations import Explanation
from bot.core.messages import carried_line
from bot.core.paper import Item, Para
from bot.core.rollup import Entry
from bot.core.snapshot import from_json, to_json
from bot.core.weekly_ages import old_facts
from bot.core.weekly_explanations import explanations
from bot.core.weekly_record import gather

SAYS = "Nhận trực tuyến 430, trong khi thường ngày khoảng 38 đến 52 (15 báo cáo gần đây)."
RUSH = Explanation(("received_online",), SAYS, "vì cấp đổi thẻ, hỏi 0912345678")
SURE = Explanation(("received_online",), SAYS, CONFIRMED)
GAP = Explanation(
    ("received_direct", "pending"), "Lệch 9 hồ sơ: hôm trước còn 9.", "lý do: đếm thiếu"
)


def odd(*said: Explanation) -> Entry:
    return replace(reported("A", received_online=430), explanations=said)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("vì hôm qua đếm thiếu", "hôm qua đếm thiếu"),
        ("do mất mạng.", "mất mạng"),
        ("Lý do: mất mạng", "mất mạng"),
        ("giải trình: vì mất mạng", "vì mất mạng"),
        ("dồn sau nghỉ lễ", "dồn sau nghỉ lễ"),
        ("vì bà Lan 0912345678 nộp", "bà Lan 091…78 nộp"),
        (CONFIRMED, ""),
    ],
)
def test_a_reason_is_shown_without_the_word_before_it_and_without_phone_numbers(
    answer: str, reason: str
) -> None:
    assert Explanation((), "", answer).reason == reason


def test_the_digest_names_odd_figures_with_their_reasons() -> None:
    text = digest_text(Digest(FORM, "Bộ phận Một cửa", day(odd(RUSH, GAP))))

    assert (
        "- Số liệu có giải trình, 1 đơn vị: "
        "Xã A: Nhận trực tuyến 430 – cấp đổi thẻ, hỏi 091…78; Lệch 9 hồ sơ – đếm thiếu\n" in text
    )


def test_what_was_only_confirmed_is_shown_on_request() -> None:
    digest = Digest(FORM, "Bộ phận Một cửa", day(odd(SURE)))

    assert "giải trình" not in digest_text(digest)
    assert section_text(digest, Section.EXPLAINED) == (
        f"Giải trình số liệu ngày 15/4: 1 đơn vị\n- Xã A: {SAYS} Đơn vị xác nhận số liệu đúng."
    )


def test_an_update_names_who_explained_figures_that_stay() -> None:
    before, now = day(odd()), day(odd(RUSH), at=(18, 30))

    text = update_text(Digest(FORM, "Bộ phận Một cửa", now), before, before, edition=2)

    assert "- Có giải trình số liệu (1): Xã A\n" in text
    assert "Có sửa" not in text


def test_a_snapshot_carries_explanations() -> None:
    snapshot = day(odd(RUSH, GAP))

    assert from_json(to_json(snapshot)) == snapshot


def test_a_snapshot_without_explanations_is_as_it_was_before_there_were_any() -> None:
    assert "explanations" not in to_json(day(odd()))


def test_the_weekly_report_lists_what_was_explained_and_counts_what_was_confirmed() -> None:
    snapshots = [
        day(odd(RUSH, replace(GAP, answer=RUSH.answer)), on=WEDNESDAY - timedelta(days=1)),
        day(odd(SURE)),
    ]

    heading, *blocks = explanations(gather(FORM, snapshots, []))

    assert heading.text == "7. Giải trình số liệu"
    assert blocks == [
        Para("Các đơn vị có số liệu khác thường đã giải trình như sau:"),
        Item(
            f"- Xã A (D1), ngày 14/4: {SAYS[:-1]}; Lệch 9 hồ sơ: hôm trước còn 9 "
            "(giải trình: cấp đổi thẻ, hỏi 091…78)."
        ),
        Para("Ngoài ra, có 1 số liệu khác thường được đơn vị xác nhận là đúng."),
    ]


def test_a_week_without_doubts_has_no_such_part() -> None:
    assert explanations(gather(FORM, [day(odd())], [])) == []


def test_of_very_many_explanations_the_paper_counts_the_rest() -> None:
    units = [replace(odd(RUSH), unit=f"U{n}") for n in range(43)]

    blocks = explanations(gather(FORM, [day(*units)], []))

    assert sum(isinstance(b, Item) for b in blocks) == 40
    assert blocks[-1] == Para("Còn 3 lượt giải trình khác được lưu tại hệ thống báo cáo.")


def test_what_was_sent_is_shown_with_the_explanations() -> None:
    person = talk(second_day())
    person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), "vì hôm qua đếm thiếu 2")

    says = show_sent(person.desk).says.text

    assert "\n» Lệch 2 hồ sơ: " in says
    assert "Giải trình: hôm qua đếm thiếu 2." in says


# Facts that stand since long


def since(days: int) -> Desk:
    """A unit whose standing facts were stated that many days ago."""
    stated_on = dict.fromkeys(STANDING, TODAY - timedelta(days=days))
    return replace(second_day(), earlier=replace(past(), stated_on=stated_on))


@pytest.mark.parametrize(("days", "shown"), [(7, False), (8, True)])
def test_what_was_sent_shows_the_day_of_an_old_fact(days: int, shown: bool) -> None:
    person = talk(since(days))
    person.says(WHOLE_FORM, "gửi")

    says = show_sent(person.desk).says.text

    stated = TODAY - timedelta(days=days)
    assert (f"Tổng số cán bộ: 3\n» (từ {stated.day}/{stated.month})\n" in says) is shown


def test_what_was_sent_can_be_copied_back_with_its_days_and_explanations() -> None:
    person = talk(since(8))
    person.says(WHOLE_FORM.replace("giải quyết 3", "giải quyết 5"), "vì hôm qua đếm thiếu 2")
    shown = show_sent(person.desk).says.text.partition("\n")[2]

    turn = person.says(shown.replace("Nhận trực tiếp: 5", "Nhận trực tiếp: 6"))

    assert "\nNhận trực tiếp: 5 → 6\n" in turn.says.text
    assert "chưa rõ" not in turn.says.text


@pytest.mark.parametrize(("days", "asked"), [(30, False), (31, True)])
def test_a_very_old_fact_is_asked_once_whether_it_still_holds(days: int, asked: bool) -> None:
    person = talk(since(days))

    turn = person.says(WHOLE_FORM)

    assert ("đã lâu chưa cập nhật, đề nghị xem còn đúng không." in turn.says.text) is asked


def test_old_facts_are_asked_together_and_there_is_nothing_to_explain() -> None:
    desk = since(31)

    turn = talk(desk).says(WHOLE_FORM)

    facts = [carried_line(FORM.field(f), STANDING, date(2020, 3, 15)) for f in STANDING]
    assert f"» {'; '.join(facts)}: đã lâu chưa cập nhật" in turn.says.text
    assert [b.label for b in turn.says.buttons] == [
        *("Gửi", "Sửa Tổng số cán bộ", "Sửa Niêm yết", "Sửa Phòng dịch", "Hủy")
    ]


def test_sending_confirms_old_facts_as_of_this_day() -> None:
    person = talk(since(31))

    person.says(WHOLE_FORM, "gửi")

    [report] = person.sent
    assert report.stated_on == dict.fromkeys(STANDING, TODAY)
    assert report.doubts == {}


def test_an_old_fact_that_has_changed_is_stated_anew() -> None:
    person = talk(since(31))

    person.says(WHOLE_FORM, "ghi lại Tổng số cán bộ", "4", "gửi")

    assert person.sent[0].answers["staff_total"] == 4


def test_who_states_an_old_fact_by_themselves_is_not_asked_about_it() -> None:
    turn = talk(since(31)).says(f"{WHOLE_FORM}\nTổng số cán bộ 3, niêm yết có, phòng dịch đủ")

    assert "đã lâu chưa cập nhật" not in turn.says.text


def test_a_correction_does_not_ask_about_old_facts() -> None:
    person = talk(since(31))
    person.says(WHOLE_FORM, "gửi")

    turn = person.says("Trực tiếp 6")

    assert "đã lâu chưa cập nhật" not in turn.says.text


def test_a_paper_says_how_many_units_rest_on_old_facts() -> None:
    old = replace(
        reported("A", notice_posted=True),
        stated_on={"notice_posted": date(2020, 4, 1), "staff_total": date(2020, 4, 15)},
    )
    record = gather(FORM, [day(old, replace(old, unit="B", stated_on={}))], [])

    [said] = old_facts(record)

    assert said == Para("Giữ nguyên theo báo cáo trước ngày 8/4: Niêm yết (1 đơn vị).")
