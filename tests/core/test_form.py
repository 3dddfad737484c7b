import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desks import FORM, QUIET_DAY

from bot.core.form import Adds, Field, FormError, Kind, form_from

DATA = tomllib.loads(Path("bot/forms/daily_one_stop.toml").read_text("utf-8"))


def ids(fields: list[Field]) -> list[str]:
    return [f.id for f in fields]


def test_a_commune_is_not_asked_for_online_payments_but_a_district_is() -> None:
    assert "online_payments" not in ids(FORM.asked("commune", {}))
    assert "online_payments" in ids(FORM.asked("district", {}))


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        ("open", []),
        ("reduced", ["counter_cause", "counter_until"]),
        ("online_only", ["counter_cause", "counter_until", "counter_substitute"]),
        ("closed", ["counter_cause", "counter_until", "counter_substitute"]),
    ],
)
def test_a_counter_that_is_not_open_says_why_until_when_and_who_stands_in(
    status: str, asked: list[str]
) -> None:
    answers = {"counter_status": status}

    missing = ids(FORM.missing("commune", answers))

    assert [f for f in missing if f.startswith("counter_")] == asked


def test_a_counter_that_opens_again_drops_its_cause() -> None:
    answers = {"counter_status": "open", "counter_cause": "phun khử khuẩn", "pending": 3}

    assert FORM.applicable("commune", answers) == {"counter_status": "open", "pending": 3}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, []),
        ({"staff_on_duty": 3}, []),
        ({"staff_on_duty": 4}, ["Cán bộ trực (4) nhiều hơn Tổng số cán bộ (3)."]),
        ({"overdue": 4}, []),
        ({"overdue": 5}, ["Quá hạn chưa trả (5) nhiều hơn Đang giải quyết (4)."]),
        ({"staff_online": 4}, ["Cán bộ nhận trực tuyến (4) nhiều hơn Tổng số cán bộ (3)."]),
        ({"urgent_resolved": 2}, ["Cấp thiết xong (2) nhiều hơn Cấp thiết nhận (1)."]),
        (
            {"urgent_received": 8, "urgent_resolved": 8},
            ["Cấp thiết nhận (8) nhiều hơn tổng số nhận trong ngày (7)."],
        ),
    ],
)
def test_figures_that_contradict_each_other_are_named(
    changes: dict[str, int], broken: list[str]
) -> None:
    mismatches = FORM.mismatches({**QUIET_DAY, **changes})

    assert [m.says for m in mismatches] == broken


def test_the_carry_over_is_said_so_that_it_adds_up_with_the_dossiers_returned() -> None:
    today = {**QUIET_DAY, "returned": 1, "pending": 6}

    (mismatch,) = FORM.mismatches(today, QUIET_DAY)

    # 4 + 7 received; 7 resolved + 1 returned + 6 pending.
    assert not mismatch.hard
    assert mismatch.says == (
        "Lệch 3 hồ sơ: hôm trước còn 4, cộng mới nhận là 11; đã trả, trả lại hoặc rút, cộng đang "
        "giải quyết (6) là 14."
    )


def test_dossiers_that_were_returned_are_part_of_the_carry_over() -> None:
    today = {**QUIET_DAY, "returned": 1, "pending": 3}

    assert FORM.mismatches(today, QUIET_DAY) == []


def test_hard_mismatches_come_first() -> None:
    today = {**QUIET_DAY, "urgent_resolved": 2, "overdue": 5}

    assert [m.hard for m in FORM.mismatches(today)] == [True, False]


def test_a_rule_without_all_its_figures_does_not_apply() -> None:
    assert FORM.mismatches({"overdue": 5}) == []


@pytest.mark.parametrize(
    ("field_id", "value", "shown"),
    [
        ("pending", 1234, "1.234"),
        ("counter_status", "online_only", "chỉ trực tuyến"),
        ("notice_posted", False, "chưa"),
        ("measures", ("masks", "distance"), "khẩu trang, giãn cách"),
        ("measures", ("masks", "temperature", "distance", "disinfection"), "đủ"),
        ("measures", (), "không"),
        ("counter_until", "2020-04-20", "20/4"),
        ("counter_until", "", "chưa rõ"),
        ("issues", "", "không"),
    ],
)
def test_an_answer_is_shown_in_words_that_could_be_typed_back(
    field_id: str, value: Any, shown: str
) -> None:
    assert FORM.field(field_id).shown(value) == shown


def test_every_field_can_be_called_by_its_label_and_names_its_source() -> None:
    assert all(f.label.lower() in f.words and f.source for f in FORM.fields)


def test_only_counts_add_up() -> None:
    assert all((f.adds is Adds.STATE) != (f.kind is Kind.COUNT) for f in FORM.fields)


def _with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.pop("title"), "title"),
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d["fields"][0].update(colour="red"), "colour"),
        (lambda d: d["fields"][0].update(kind="number"), "number"),
        (lambda d: d["fields"][1].update(id="counter_status"), "doubled field counter_status"),
        (lambda d: d["fields"][4].update(pair="staff"), "unknown field staff"),
        (lambda d: d["fields"][6].update(label="Nhận"), "also names another field"),
        (lambda d: d["fields"][0]["options"][0].update(label="đóng"), "doubled option dong"),
        (lambda d: d["rules"][0].update(compare=">"), "unknown comparison >"),
        (lambda d: d["rules"][0].update(left=["duty"]), "unknown field duty"),
        (lambda d: d["rules"][0].update(says="{pending}"), "unknown figure pending"),
        (lambda d: d["rules"][0].update(weight=1), "weight"),
        (lambda d: d.update(shares=[]), "shares"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused_with_the_place(
    change: Callable[[dict[str, Any]], object], named: str
) -> None:
    with pytest.raises(FormError, match=named):
        form_from(_with(change))
