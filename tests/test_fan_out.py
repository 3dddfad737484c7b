"""The fan-out benchmark sends what it counts; how fast is for `make bench`, never for a test."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.fan_out import (
    Run,
    Sender,
    Terms,
    all_at_once,
    at_share,
    conditions,
    giaoban,
    one_by_one,
    run,
    table,
)

TINY = Terms(people=20, per_second=500, latency=0.0, strict=False)
OURS = Run(
    sender="Giao Ban",
    per_second=25,
    messages=1041,
    delivered=1040,
    seconds=42.0,
    refused=0,
    during_ban=0,
    waits={"digest/1": 0.25, "reply/3": 1.0, "reply/1": 0.5, "reply/2": 0.125},
    peak_mb=123.4,
)
PLAIN = Run("for … await send", 25, 200, 198, 40.0, 3, 2, {}, 130.0)


async def test_a_run_reaches_everybody_but_the_one_who_blocked_the_bot(tmp_path: Path):
    ours = await run("Giao Ban", giaoban, tmp_path, TINY)

    assert ours.messages == TINY.people + len(ours.waits)
    assert ours.delivered == ours.messages - 1
    assert (ours.refused, ours.during_ban) == (0, 0)
    assert len(ours.waited("reply")) == 1
    assert len(ours.waited("digest")) == 1
    assert all(wait > 0 for wait in ours.waits.values())
    assert table([ours]).count("budget: ") == 4


@pytest.mark.parametrize("send", [one_by_one, all_at_once])
async def test_a_plain_sender_also_loses_the_send_that_failed(send: Sender, tmp_path: Path):
    plain = await run("plain", send, tmp_path, TINY)

    assert (plain.messages, plain.delivered) == (20, 18)
    assert plain.waits == {}


def test_the_table_ends_with_the_verdict_on_giao_ban():
    assert table([OURS, PLAIN]).splitlines() == [
        "sender             messages  delivered  seconds  a second  of the rate   429  in a ban",
        "Giao Ban              1,041      1,040     42.0      24.7        99.0%     0         0",
        "for … await send        200        198     40.0       4.9        19.7%     3         2",
        "",
        "3 replies: p50 0.50 s, p95 1.00 s",
        "the digest: 0.25 s",
        "peak memory: 123 MB",
        "",
        "budget: at least 97% of 25/s: kept",
        "budget: no 429: kept",
        "budget: nothing sent in a ban: kept",
        "budget: 95 % of the replies within 1 s: kept",
    ]


@pytest.mark.parametrize(
    ("broken", "budget"),
    [
        ({"seconds": 42.9}, "at least 97% of 25/s"),
        ({"refused": 1}, "no 429"),
        ({"during_ban": 1}, "nothing sent in a ban"),
        ({"waits": {"digest": 0.1, "reply/1": 1.01}}, "95 % of the replies within 1 s"),
    ],
)
def test_each_budget_is_judged_by_itself(broken: dict, budget: str):
    verdict = table([replace(OURS, **broken)])

    assert verdict.count("NOT kept") == 1
    assert f"budget: {budget}: NOT kept" in verdict


def test_of_a_hundred_replies_the_ninety_fifth_is_judged():
    waits = [float(n) for n in range(1, 101)]

    assert at_share(waits, 0.95) == 95.0
    assert at_share(waits[:1], 0.95) == 1.0


def test_what_the_figures_depend_on_is_named():
    said = conditions(Terms(people=1000))

    assert said.endswith("(WAL, synchronous=FULL), 1,000 people, latency 200 ms\n")
