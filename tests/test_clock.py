"""What time it is for the bot, and what wakes it."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import JUMP, Alarm, Clock, jumped

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime.fromisoformat("2020-04-10T14:30+07:00")
HOUR = timedelta(hours=1)


def test_the_real_clock_shows_the_machine_s_time_in_the_office_s_zone():
    before = datetime.now(UTC)

    shown = Clock(HANOI).now()

    assert before <= shown <= datetime.now(UTC)
    assert shown.tzinfo is HANOI


def test_a_clock_that_was_started_elsewhere_runs_on_from_there():
    clock = Clock(HANOI, start=START.astimezone(UTC))

    first, second = clock.now(), clock.now()

    assert START <= first < second < START + timedelta(minutes=1)
    assert first.tzinfo is HANOI


def test_a_stepped_clock_stands_still_until_it_is_moved():
    clock = Clock(HANOI, start=START, stepped=True)

    shown = [clock.now(), clock.now()]
    clock.set((START + HOUR).astimezone(UTC))

    assert shown == [START, START]
    assert clock.now() == START + HOUR
    assert clock.now().tzinfo is HANOI


def test_a_stepped_clock_without_a_start_stands_still_too():
    clock = Clock(HANOI, stepped=True)

    assert clock.now() == clock.now()


def test_no_clock_goes_back():
    clock = Clock(HANOI, start=START, stepped=True)

    clock.set(START - HOUR)

    assert clock.now() == START


@pytest.mark.parametrize(
    ("shown", "passed", "wrong"),
    [
        (timedelta(seconds=20), 20.0, False),
        (JUMP, 0.0, False),
        (JUMP + timedelta(seconds=1), 0.0, True),
        (-JUMP, 0.0, False),
        (-JUMP - timedelta(seconds=1), 0.0, True),
        (timedelta(days=10), 10 * 86400.0, False),  # a machine under such load that nothing ran
    ],
)
def test_a_clock_has_jumped_when_it_shows_much_more_or_less_than_has_passed(
    shown: timedelta, passed: float, wrong: bool
):
    assert jumped((START, 100.0), (START + shown, 100.0 + passed)) is wrong


class Sleeper:
    """Somebody to wake; notes when, and fails when told to."""

    def __init__(self, *, failures: int = 0) -> None:
        self.woken: list[datetime] = []
        self.jumps: list[tuple[datetime, datetime]] = []
        self.awake = asyncio.Event()
        self._failures = failures

    async def wake(self, now: datetime) -> None:
        self.woken.append(now)
        if self._failures:
            self._failures -= 1
            raise OSError("the database is locked")
        self.awake.set()

    async def told(self, before: datetime, now: datetime) -> None:
        self.jumps.append((before, now))


async def test_the_alarm_wakes_at_once_and_again_and_again():
    sleeper = Sleeper()
    alarm = Alarm(Clock(HANOI, start=START), sleeper.wake, sleeper.told, seconds=0.05)

    alarm.start()
    async with asyncio.timeout(10):
        for _ in range(3):
            await sleeper.awake.wait()
            sleeper.awake.clear()
    await alarm.stop()

    assert START <= sleeper.woken[0] < sleeper.woken[1] < sleeper.woken[2]


async def test_the_first_alarm_does_not_wait_for_its_interval():
    sleeper = Sleeper()
    alarm = Alarm(Clock(HANOI), sleeper.wake, sleeper.told, seconds=3600)

    alarm.start()
    async with asyncio.timeout(10):
        await sleeper.awake.wait()
    await alarm.stop()

    assert len(sleeper.woken) == 1


async def test_an_alarm_that_failed_rings_again():
    sleeper = Sleeper(failures=2)
    alarm = Alarm(Clock(HANOI), sleeper.wake, sleeper.told, seconds=0.05)

    alarm.start()
    async with asyncio.timeout(10):
        await sleeper.awake.wait()
    await alarm.stop()

    assert len(sleeper.woken) == 3


async def test_an_alarm_that_is_stopped_wakes_nobody():
    sleeper = Sleeper()
    alarm = Alarm(Clock(HANOI), sleeper.wake, sleeper.told, seconds=0.02)

    alarm.start()
    await sleeper.awake.wait()
    await alarm.stop()
    await asyncio.sleep(0)
    woken = len(sleeper.woken)
    await asyncio.sleep(0.1)

    assert len(sleeper.woken) == woken


async def test_a_clock_that_jumped_wakes_nobody_and_somebody_is_told(
    caplog: pytest.LogCaptureFixture,
):
    sleeper = Sleeper()
    clock = Clock(HANOI, start=START, stepped=True)
    alarm = Alarm(clock, sleeper.wake, sleeper.told, seconds=3600)

    await alarm.tick()
    clock.set(START + JUMP)
    await alarm.tick()
    clock.set(START + JUMP + JUMP + HOUR)
    await alarm.tick()
    await alarm.tick()

    assert sleeper.woken == [START, START + JUMP]
    assert sleeper.jumps == [(START + JUMP, START + JUMP + JUMP + HOUR)] * 2
    assert "the clock jumped" in caplog.text


async def test_an_alarm_that_is_stopped_lets_the_work_under_way_come_to_its_end():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wake(_: datetime) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        ended.set()

    alarm = Alarm(Clock(HANOI), wake, Sleeper().told, seconds=3600)
    alarm.start()
    await begun.wait()
    await alarm.stop()

    assert ended.is_set()
