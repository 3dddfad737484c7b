"""The lines of the check-up about Zalo bots."""

from dataclasses import replace
from typing import Any

import pytest
from world import ZONE, moment

from bot.channels.zalo_health import Account, NotReached
from bot.core.messaging import ChannelClosed
from bot.core.quota import Quota, Usage
from bot.doctor_zalo import ZaloBot, zalo_findings

ACCOUNT = Account("c0ffee", "Bot Báo cáo 1", "bot.VKxyz", joins_groups=True, webhook="")
BOT = ZaloBot(
    channel="zalo-4711",
    api_url="https://bot-api.zaloplatforms.com",
    answer=ACCOUNT,
    expected="",
    usage=Usage(messages=1240, people=39, groups=1),
    quota=Quota(),
    heard=moment("2020-04-13 16:20"),
)


def lines(**changes: Any) -> list[str]:
    return [str(finding) for finding in zalo_findings([replace(BOT, **changes)], zone=ZONE)]


def test_a_bot_in_order_is_told_in_three_lines():
    assert lines() == [
        (
            "✓ Zalo 4711: Bot Báo cáo 1 (bot-api.zaloplatforms.com), nhận tin bằng polling, "
            "tin đến gần nhất 16h20 13/4/2020"
        ),
        "✓ Zalo 4711, quyền: được vào nhóm",
        "✓ Zalo 4711, hạn mức: tháng này 1.240/3.000 tin (41%), 39/50 người, 1/3 nhóm",
    ]


def test_each_bot_has_its_own_lines():
    second = replace(BOT, channel="zalo-4712", heard=None)

    found = zalo_findings([BOT, second], zone=ZONE)

    assert [finding.about for finding in found[::3]] == ["Zalo 4711", "Zalo 4712"]
    assert found[3].says.endswith(", chưa có tin đến")


def test_a_webhook_of_ours_is_named_by_its_host():
    ours = "https://giaoban.vinhphuc.gov.vn/zalo/secret"

    first, *_ = lines(answer=replace(ACCOUNT, webhook=ours), expected=ours)

    assert first.startswith("✓")
    assert "nhận tin bằng webhook tại giaoban.vinhphuc.gov.vn, " in first
    assert "secret" not in first


@pytest.mark.parametrize("expected", ["", "https://giaoban.vinhphuc.gov.vn/zalo"])
def test_a_webhook_of_somebody_else_is_named_with_what_to_do(expected: str):
    theirs = replace(ACCOUNT, webhook="https://noi-khac.vn/secret")

    first, *_ = lines(answer=theirs, expected=expected)

    assert first.startswith("✗ Zalo 4711: Bot Báo cáo 1, tin đang được chuyển đến noi-khac.vn ")
    assert first.endswith("chạy: giaoban run --take-over")
    assert "secret" not in first


def test_a_webhook_that_is_not_set_yet_needs_the_bot_to_run():
    first, *_ = lines(expected="https://giaoban.vinhphuc.gov.vn/zalo")

    assert first == "✗ Zalo 4711: Bot Báo cáo 1, webhook chưa được đặt. Chạy: giaoban run"


def test_a_bot_that_may_not_join_groups_is_told_where_to_look():
    _, rights, _ = lines(answer=replace(ACCOUNT, joins_groups=False))

    assert rights.startswith("✗ Zalo 4711, quyền: không được vào nhóm. ")
    assert "Bot Creator của Zalo, tìm mục mời bot vào nhóm" in rights


@pytest.mark.parametrize(
    ("usage", "share", "details"),
    [
        (Usage(2399, 39, 2), "79%", []),
        (Usage(2400, 39, 2), "80%", ["Tin"]),
        (Usage(2699, 39, 2), "89%", ["Tin"]),
        (Usage(2700, 39, 2), "90%", ["Tin", "Tin"]),
        (Usage(3100, 39, 2), "103%", ["Tin", "Tin"]),
        (Usage(0, 40, 2), "0%", ["Người"]),
        (Usage(0, 43, 3), "0%", ["Người", "Nhóm"]),
    ],
)
def test_what_is_nearly_used_up_is_marked_with_what_to_do(
    usage: Usage, share: str, details: list[str]
):
    *_, quota = zalo_findings([replace(BOT, usage=usage)], zone=ZONE)

    assert f" tin ({share}), " in quota.says
    assert [detail.partition(":")[0] for detail in quota.details] == details
    assert quota.ok == (not details)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ChannelClosed("Mã (token) của bot Zalo không đúng."), "Mã (token) của bot Zalo không"),
        (NotReached("mã lỗi 403"), "không hỏi được Zalo tại bot-api.zaloplatforms.com (mã lỗi 403"),
    ],
)
def test_of_a_bot_that_zalo_says_nothing_of_the_usage_is_still_told(answer: Any, says: str):
    first, quota = lines(answer=answer)

    assert first.startswith(f"✗ Zalo 4711: {says}")
    assert quota.startswith("✓ Zalo 4711, hạn mức: tháng này 1.240/3.000 tin")
