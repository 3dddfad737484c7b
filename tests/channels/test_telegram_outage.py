"""A fault that lasts: how long it is rested, and what the log tells of it."""

from bot.channels.outage import Outage


async def test_each_rest_is_twice_the_one_before_up_to_the_longest(caplog):
    outage = Outage("no network", first=1.0, longest=5.0)

    rests = [outage.fault("reset") for _ in range(5)]

    assert rests == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert [record.getMessage() for record in caplog.records] == ["no network (reset)"]


async def test_once_it_is_over_the_next_one_is_new(caplog):
    outage = Outage("no network", first=1.0, longest=5.0)

    outage.over()
    rests = [outage.fault(), outage.fault()]
    outage.over()
    outage.over()

    assert [*rests, outage.fault()] == [1.0, 2.0, 1.0]
    said = [record.getMessage() for record in caplog.records]
    assert said == ["no network", "over: no network", "no network"]


async def test_a_fault_that_comes_and_goes_is_one(caplog):
    outage = Outage("another program", first=1.0, longest=5.0, calm=60.0)

    rests = []
    for _ in range(3):
        rests.append(outage.fault())
        outage.over()

    assert rests == [1.0, 2.0, 4.0]
    assert [record.getMessage() for record in caplog.records] == ["another program"]
