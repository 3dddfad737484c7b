"""Figures frozen: equal content gives equal text and equal hash."""

from dataclasses import replace
from datetime import timedelta

from entries import absent, day, reported

from bot.core.snapshot import digest_of, from_json, same_figures, to_json

SNAPSHOT = day(
    reported("A", measures=("masks", "distance"), issues="mạng chậm"), absent("B"), at=(18, 30)
)


def test_a_snapshot_comes_back_as_it_was_frozen():
    assert from_json(to_json(SNAPSHOT)) == SNAPSHOT


def test_equal_figures_have_equal_hashes_and_one_changed_figure_another():
    same = day(*SNAPSHOT.entries, at=(18, 30))
    changed = day(reported("A", pending=1), absent("B"), at=(18, 30))

    assert digest_of(to_json(same)) == digest_of(to_json(SNAPSHOT))
    assert digest_of(to_json(changed)) != digest_of(to_json(SNAPSHOT))


def test_the_moment_of_freezing_is_no_change_of_figures():
    later = replace(SNAPSHOT, taken_at=SNAPSHOT.taken_at + timedelta(hours=1))

    assert same_figures(SNAPSHOT, later)
    assert not same_figures(SNAPSHOT, day(absent("A"), absent("B"), at=(18, 30)))
