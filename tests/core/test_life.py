from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_oracle import Event as Told
from life_oracle import Oracle, locked_again

from bot.core.life import (
    Life,
    Refusal,
    Status,
    approve,
    draft,
    exempt,
    lift,
    reopen,
    send,
    send_back,
)
from bot.core.periods import Period
from bot.core.rollup import Counts, Entry

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CUT_OFF = datetime(2020, 4, 15, 16, 30, tzinfo=HANOI)
LOCK = datetime(2020, 4, 16, 9, tzinfo=HANOI)
PERIOD = Period(
    day=date(2020, 4, 15),
    opens_at=datetime(2020, 4, 14, 15, tzinfo=HANOI),
    closes_at=datetime(2020, 4, 15, 15, tzinfo=HANOI),
    cut_off=CUT_OFF,
    locks_at=LOCK,
)
SECOND = timedelta(seconds=1)
IN_TIME = CUT_OFF - timedelta(hours=1)
LATE = CUT_OFF + timedelta(hours=1)
AFTER_LOCK = LOCK + timedelta(hours=1)
NEXT_LOCK = LOCK + timedelta(days=1)

Step = Callable[[Life], Life | Refusal]


def drafted(now: datetime = IN_TIME) -> Step:
    return lambda life: draft(life, PERIOD, now=now)


def sent(now: datetime, *, for_another: bool = False, to_approve: bool = False) -> Step:
    return lambda life: send(
        life, PERIOD, sent_at=now, now=now, for_another=for_another, to_approve=to_approve
    )


def sent_back(now: datetime = LATE) -> Step:
    return lambda life: send_back(life, PERIOD, "Sai số", now=now)


def reopened(now: datetime = AFTER_LOCK, until: datetime = NEXT_LOCK) -> Step:
    return lambda life: reopen(life, PERIOD, "Nhập nhầm", until=until, now=now)


def exempted(now: datetime = IN_TIME) -> Step:
    return lambda life: exempt(life, PERIOD, "Cả xã cách ly y tế", now=now)


def lifted(now: datetime = IN_TIME) -> Step:
    return lambda life: lift(life, PERIOD, now=now)


def lived(*steps: Step) -> Life:
    life = Life()
    for step in steps:
        after = step(life)
        assert isinstance(after, Life)
        life = after
    return life


@dataclass(frozen=True)
class Row:
    """A row of the table of DESIGN §5, for a unit whose figures count."""

    status: Status
    expected: bool
    received: bool
    on_time: bool
    in_totals: bool


def received(status: Status, *, on_time: bool) -> Row:
    return Row(status, expected=True, received=True, on_time=on_time, in_totals=True)


def absent(status: Status, *, expected: bool) -> Row:
    return Row(status, expected=expected, received=False, on_time=False, in_totals=False)


def entry(life: Life, counts: Counts = Counts.OWN) -> Entry:
    """The unit of a life as it enters a snapshot: with its newest answers, if any were sent."""
    standing = life.standing
    return Entry(
        "A",
        "Xã A",
        "commune",
        "D1",
        counts,
        standing.status,
        on_time=standing.on_time,
        answers={} if life.revisions else None,
        revision=life.revisions,
    )


def row(life: Life) -> Row:
    unit = entry(life)
    return Row(unit.status, unit.expected, unit.received, unit.on_time, unit.in_totals)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        pytest.param([], absent(Status.MISSING, expected=True), id="none, unit owes one"),
        pytest.param([drafted()], absent(Status.DRAFT, expected=True), id="draft"),
        pytest.param(
            [drafted(), sent(IN_TIME)], received(Status.ON_TIME, on_time=True), id="in time"
        ),
        pytest.param([sent(LATE)], received(Status.LATE, on_time=False), id="late"),
        pytest.param(
            [sent(IN_TIME), sent(LATE)],
            received(Status.CORRECTED, on_time=True),
            id="in time, corrected after the deadline",
        ),
        pytest.param(
            [sent(LATE), sent(LATE)],
            received(Status.CORRECTED, on_time=False),
            id="late, corrected",
        ),
        pytest.param(
            [sent(IN_TIME), drafted()],
            received(Status.ON_TIME, on_time=True),
            id="correction begun and not sent",
        ),
        pytest.param(
            [sent(IN_TIME), sent_back()],
            received(Status.RETURNED, on_time=True),
            id="returned for correction",
        ),
        pytest.param(
            [sent(LATE), sent_back()], received(Status.RETURNED, on_time=False), id="late, returned"
        ),
        pytest.param(
            [sent(IN_TIME), sent_back(), sent(LATE)],
            received(Status.CORRECTED, on_time=True),
            id="returned and corrected",
        ),
        pytest.param(
            [sent(IN_TIME, for_another=True)],
            received(Status.ENTERED_FOR, on_time=True),
            id="entered for another",
        ),
        pytest.param(
            [sent(LATE, for_another=True)],
            received(Status.ENTERED_FOR, on_time=False),
            id="entered for another, late",
        ),
        pytest.param(
            [sent(IN_TIME, for_another=True), sent(LATE)],
            received(Status.CORRECTED, on_time=True),
            id="entered for another, corrected by the unit",
        ),
        pytest.param(
            [sent(IN_TIME), reopened()],
            received(Status.ON_TIME, on_time=True),
            id="reopened, nothing sent again",
        ),
        pytest.param(
            [sent(IN_TIME), reopened(), sent(AFTER_LOCK)],
            received(Status.AMENDED, on_time=True),
            id="reopened after the lock",
        ),
        pytest.param(
            [reopened(), sent(AFTER_LOCK)],
            received(Status.AMENDED, on_time=False),
            id="first sent after the lock",
        ),
        pytest.param(
            [sent(IN_TIME), reopened(), sent_back(AFTER_LOCK)],
            received(Status.RETURNED, on_time=True),
            id="reopened and returned",
        ),
        pytest.param([exempted()], absent(Status.EXEMPT, expected=False), id="exempted"),
        pytest.param(
            [sent(IN_TIME), exempted()],
            absent(Status.EXEMPT, expected=False),
            id="exempted after it had reported",
        ),
        pytest.param(
            [reopened(), exempted(AFTER_LOCK)],
            absent(Status.EXEMPT, expected=False),
            id="reopened to be exempted",
        ),
    ],
)
def test_report_counts_as_its_row_of_the_table_says(steps: list[Step], says: Row) -> None:
    assert row(lived(*steps)) == says


@pytest.mark.parametrize("counts", [Counts.INSIDE, Counts.AGGREGATE])
def test_report_of_a_unit_that_is_counted_elsewhere_is_received_but_not_added(
    counts: Counts,
) -> None:
    unit = entry(lived(sent(IN_TIME)), counts)

    assert (unit.expected, unit.received, unit.in_totals) == (True, True, False)


@pytest.mark.parametrize(
    ("sent_at", "on_time"),
    [(CUT_OFF - SECOND, True), (CUT_OFF, True), (CUT_OFF + SECOND, False)],
)
def test_report_sent_at_the_cut_off_is_on_time_and_a_second_later_is_late(
    sent_at: datetime, on_time: bool
) -> None:
    assert lived(sent(sent_at)).standing.on_time is on_time


def test_report_is_on_time_by_the_moment_it_was_sent_not_by_that_of_its_arrival() -> None:
    life = send(Life(), PERIOD, sent_at=CUT_OFF, now=LATE)

    assert isinstance(life, Life)
    assert row(life) == received(Status.ON_TIME, on_time=True)


@pytest.mark.parametrize("event", [drafted, sent, sent_back, exempted])
def test_nothing_happens_to_a_report_from_its_lock_on(
    event: Callable[[datetime], Step],
) -> None:
    life = lived(sent(IN_TIME))

    assert isinstance(event(LOCK - SECOND)(life), Life)
    assert event(LOCK)(life) is Refusal.LOCKED
    assert event(LOCK + SECOND)(life) is Refusal.LOCKED


@pytest.mark.parametrize("event", [drafted, sent, sent_back, exempted])
def test_exempted_unit_is_neither_asked_nor_heard(event: Callable[[datetime], Step]) -> None:
    life = lived(sent(IN_TIME), exempted())

    assert event(LATE)(life) is Refusal.EXEMPT
    assert event(AFTER_LOCK)(life) is Refusal.EXEMPT


@pytest.mark.parametrize(
    ("now", "may"), [(LOCK - SECOND, False), (LOCK, True), (LOCK + SECOND, True)]
)
def test_report_is_reopened_only_after_the_lock(now: datetime, may: bool) -> None:
    after = reopened(now)(lived(sent(IN_TIME)))

    assert (after is not Refusal.NOT_LOCKED) is may


@pytest.mark.parametrize(
    ("now", "may"), [(NEXT_LOCK - SECOND, True), (NEXT_LOCK, False), (NEXT_LOCK + SECOND, False)]
)
def test_reopened_report_is_locked_again_from_its_deadline_on(now: datetime, may: bool) -> None:
    life = lived(sent(IN_TIME), reopened())

    assert isinstance(sent(now)(life), Life) is may


def test_lifted_exemption_gives_back_what_had_been_sent() -> None:
    life = lived(sent(IN_TIME), exempted(), lifted())

    assert row(life) == received(Status.ON_TIME, on_time=True)


def test_exemption_of_a_locked_day_is_lifted_only_after_reopening() -> None:
    life = lived(exempted())

    assert lifted(AFTER_LOCK)(life) is Refusal.LOCKED
    assert row(lived(exempted(), reopened(), lifted(AFTER_LOCK))) == absent(
        Status.MISSING, expected=True
    )


def test_nothing_is_lifted_that_was_not_exempted() -> None:
    assert lifted()(lived(sent(IN_TIME))) is Refusal.NOT_EXEMPT


def test_report_that_waits_for_approval_counts_as_if_it_did_not() -> None:
    life = lived(sent(IN_TIME, to_approve=True))

    assert life.awaits
    assert row(life) == received(Status.ON_TIME, on_time=True)


def test_approval_is_given_once_and_a_correction_needs_a_new_one() -> None:
    waiting = sent(IN_TIME, to_approve=True)

    assert approve(lived(waiting, approve)) is Refusal.NOTHING_AWAITS
    assert lived(waiting, approve, waiting).awaits
    assert not lived(waiting, sent_back()).awaits
    assert approve(lived(waiting, exempted())) is Refusal.EXEMPT


def test_what_the_district_itself_enters_needs_no_approval() -> None:
    assert not lived(sent(IN_TIME, for_another=True, to_approve=True)).awaits


def test_reopened_report_may_be_sent_once_more_and_not_twice() -> None:
    life = lived(sent(IN_TIME), reopened(), sent(AFTER_LOCK))

    assert sent(AFTER_LOCK)(life) is Refusal.LOCKED


def test_report_that_was_never_sent_cannot_be_returned() -> None:
    assert sent_back()(lived(drafted())) is Refusal.NOTHING_SENT


# --- any order of events


@dataclass(frozen=True)
class Event:
    """Something that somebody tries; minutes are counted from the closing of figures."""

    name: str
    minute: int

    @property
    def now(self) -> datetime:
        return PERIOD.closes_at + timedelta(minutes=self.minute)

    def happens_to(self, life: Life) -> Life | Refusal:
        steps: dict[str, Step] = {
            "draft": drafted(self.now),
            "send": sent(self.now),
            "enter for": sent(self.now, for_another=True),
            "send back": sent_back(self.now),
            "reopen": reopened(self.now, locked_again(self.now)),
            "exempt": exempted(self.now),
            "lift": lifted(self.now),
            "approve": approve,
        }
        return steps[self.name](life)


# Sending is drawn more often, and the minutes meet cut-off (90) and lock (1080) exactly.
names = st.sampled_from(["draft", "send", "send", "enter for", "send back", "reopen", "exempt"])
minutes = st.sampled_from([0, 89, 90, 91, 1079, 1080, 1081]) | st.integers(0, 3000)
events = st.lists(st.builds(Event, names, minutes), max_size=15)
in_order = events.map(lambda drawn: sorted(drawn, key=lambda event: event.minute))


@given(events | in_order)
def test_table_holds_for_any_order_of_events(tried: list[Event]) -> None:
    life = Life()
    sendings: list[datetime] = []

    for event in tried:
        after = event.happens_to(life)
        if isinstance(after, Refusal):
            continue
        if event.name in ("send", "enter for"):
            sendings.append(event.now)
        assert event.now < LOCK or life.reopened or event.name == "reopen"
        life = after
        assert_row_of_the_table(life, sendings)


def assert_row_of_the_table(life: Life, sendings: list[datetime]) -> None:
    """What DESIGN §5 says of every row, told from the sendings that were accepted."""
    stands = row(life)
    in_time = bool(sendings) and sendings[0] <= CUT_OFF
    assert life.revisions == len(sendings)
    assert life.first_sent_at == (sendings[0] if sendings else None)
    assert stands.expected is (stands.status is not Status.EXEMPT)
    assert stands.received is (stands.expected and bool(sendings))
    assert stands.in_totals is stands.received
    assert stands.on_time is (stands.received and in_time)
    if stands.status in (Status.ON_TIME, Status.LATE):
        assert stands.on_time is (stands.status is Status.ON_TIME)
    if stands.status in (Status.MISSING, Status.DRAFT):
        assert not stands.received


TOLD = {"send back": "return"}
every_name = st.sampled_from(
    ["draft", "send", "enter for", "send back", "reopen", "reopen", "exempt", "lift", "approve"]
)
lives = st.lists(st.builds(Event, every_name, minutes), max_size=25)


@given(lives.map(lambda drawn: sorted(drawn, key=lambda event: event.minute)))
def test_a_life_stands_as_its_history_says(tried: list[Event]) -> None:
    life = Life()
    told: list[Told] = []

    for event in tried:
        before = Oracle(told, approval=False)
        after = event.happens_to(life)
        if event.name not in ("reopen", "lift", "approve"):
            open_for_it = before.open(event.now) and not before.exempt
            owes = event.name != "send back" or bool(before.sendings)
            assert isinstance(after, Life) is (open_for_it and owes)
        if isinstance(after, Life):
            life = after
            told.append(Told(TOLD.get(event.name, event.name), event.now))
        stands, oracle = row(life), Oracle(told, approval=False)
        assert stands == Row(
            Status(oracle.status),
            oracle.expected,
            oracle.received,
            on_time=oracle.on_time,
            in_totals=oracle.in_totals,
        )


without_reopening = st.sampled_from(["draft", "send", "enter for", "send back", "exempt"])


@given(events, st.builds(Event, without_reopening, st.integers(1080, 3000)))
def test_locked_report_stands_still_until_it_is_reopened(before: list[Event], late: Event) -> None:
    life = Life()
    for event in before:
        after = event.happens_to(life)
        life = after if isinstance(after, Life) else life

    assert life.reopened or isinstance(late.happens_to(life), Refusal)
