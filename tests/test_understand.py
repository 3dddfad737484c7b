"""`giaoban understand`: an office tries its own people's way of writing."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.profile import read_form
from bot.understand import NotMessages, understood

FORM = read_form("daily_one_stop")
DAY = date(2020, 4, 15)


def understand(*messages: str, any_day: bool = False):
    lines = [json.dumps({"text": text}) for text in messages]
    return [json.loads(line) for line in understood(lines, FORM, day=DAY, any_day=any_day)]


def giaoban(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "understand", *arguments]
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_each_figure_comes_with_the_words_that_say_it():
    [found] = understand("Nhận trực tiếp 5 hs, trực tuyến 43 hồ sơ")

    assert found["fields"]["received_online"] == 43
    assert found["reasons"]["received_online"] == "trực tuyến 43 hồ sơ"
    assert found["fields"]["pending"] is None
    assert found["doubts"] == []


def test_what_is_doubtful_is_null_and_asked_for_each_field_that_it_may_be():
    [found] = understand("đã giải quyết 10 hs")

    assert found["fields"]["resolved_on_time"] is None
    assert [doubt["field"] for doubt in found["doubts"]] == ["resolved_on_time", "resolved_late"]
    assert all("chưa rõ" in doubt["question"] for doubt in found["doubts"])


def test_figures_that_cannot_both_be_true_are_null_and_asked():
    [found] = understand("Đang giải quyết 4 hs, trong đó quá hạn 6. Trực tiếp 5")

    fields = found["fields"]
    assert (fields["pending"], fields["overdue"], fields["received_direct"]) == (None, None, 5)
    assert [doubt["field"] for doubt in found["doubts"]] == ["overdue", "pending"]
    assert "Quá hạn chưa trả (6) nhiều hơn Đang giải quyết (4)." in found["doubts"][0]["question"]
    assert found["reasons"].keys() == {"received_direct"}


def test_a_figure_that_belongs_nowhere_is_asked_about_without_a_field():
    [found] = understand("trực tiếp 5\ncó 3 đoàn đến thăm")

    assert [doubt["field"] for doubt in found["doubts"]] == [None]


def test_a_field_that_is_not_asked_every_day_is_there_when_it_is_said():
    silent, told = understand("trực tiếp 5", "niêm yết: có")

    assert "notice_posted" not in silent["fields"]
    assert told["fields"]["notice_posted"] is True


@pytest.mark.parametrize(("any_day", "doubts"), [(True, 0), (False, 1)])
def test_another_day_is_doubted_only_where_the_day_is_given(any_day: bool, doubts: int):
    [found] = understand("Báo cáo ngày 7/4: trực tiếp 5", any_day=any_day)

    assert len(found["doubts"]) == doubts


@pytest.mark.parametrize("line", ["{", "[]", '{"said": "x"}', '{"text": 5}', "5"])
def test_a_line_that_is_no_message_is_named(line: str):
    with pytest.raises(NotMessages, match="Dòng 2"):
        list(understood(['{"text": "trực tiếp 5"}', line], FORM, day=DAY))


def test_messages_are_read_from_standard_input_one_object_a_line():
    ended = giaoban("-", typed='{"text": "trực tiếp 5"}\n\n{"text": "chào anh"}\n')

    first, second = map(json.loads, ended.stdout.splitlines())
    assert first["fields"]["received_direct"] == 5
    assert set(second["fields"].values()) == {None}
    assert ended.returncode == 0


def test_a_file_that_cannot_be_read_ends_with_one_clear_line(tmp_path: Path):
    wrong = tmp_path / "tin.jsonl"
    wrong.write_bytes(b"\xff\xfe")

    missing, binary = giaoban(str(tmp_path / "khong-co.jsonl")), giaoban(str(wrong))

    assert missing.returncode == binary.returncode == 1
    assert len(missing.stderr.splitlines()) == 1
    assert "UTF-8" in binary.stderr
