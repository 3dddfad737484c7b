"""A day's figures frozen: one canonical form, one hash, from which every paper is made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.core.explanations import Explanation
from bot.core.form import Answers, Value
from bot.core.life import Status
from bot.core.rollup import Counts, DaySnapshot, Entry

_MARKS = ("reason", "entered_by", "awaits")


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys and no spaces: equal content gives equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(body: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def to_json(snapshot: DaySnapshot) -> str:
    """Return the snapshot as canonical JSON."""
    return canonical(
        {
            "day": snapshot.day.isoformat(),
            "taken_at": snapshot.taken_at.isoformat(),
            "entries": [_entry_to(e) for e in snapshot.entries],
        }
    )


def from_json(body: str) -> DaySnapshot:
    """Return the snapshot that `to_json` wrote."""
    data = json.loads(body)
    return DaySnapshot(
        date.fromisoformat(data["day"]),
        datetime.fromisoformat(data["taken_at"]),
        tuple(_entry_from(e) for e in data["entries"]),
    )


def same_figures(one: DaySnapshot, other: DaySnapshot) -> bool:
    """Whether two snapshots differ in nothing but the moment at which they were taken."""
    return to_json(replace(one, taken_at=other.taken_at)) == to_json(other)


def answers_from(data: Mapping[str, Any]) -> dict[str, Value]:
    """Return answers read from JSON, in which a tuple has become a list."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}


def _entry_to(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON; what it explains only if it does, as in the first snapshots."""
    answers: Answers | None = entry.answers
    explained = [[list(e.fields), e.says, e.answer] for e in entry.explanations]
    return {
        **({"explanations": explained} if explained else {}),
        "unit": entry.unit,
        "name": entry.name,
        "level": entry.level,
        "parent": entry.parent,
        "counts": entry.counts,
        "status": entry.status,
        "on_time": entry.on_time,
        "answers": None if answers is None else dict(answers),
        "stated_on": {k: d.isoformat() for k, d in entry.stated_on.items()},
        "revision": entry.revision,
        "sent_at": entry.sent_at.isoformat() if entry.sent_at else None,
        # Seldom set, and not known to the snapshots of the first weeks.
        **{name: mark for name in _MARKS if (mark := getattr(entry, name))},
    }


def _entry_from(data: Mapping[str, Any]) -> Entry:
    return Entry(
        unit=data["unit"],
        name=data["name"],
        level=data["level"],
        parent=data["parent"],
        counts=Counts(data["counts"]),
        status=Status(data["status"]),
        on_time=data["on_time"],
        answers=None if data["answers"] is None else answers_from(data["answers"]),
        stated_on={k: date.fromisoformat(d) for k, d in data["stated_on"].items()},
        revision=data["revision"],
        sent_at=datetime.fromisoformat(data["sent_at"]) if data["sent_at"] else None,
        explanations=tuple(
            Explanation(tuple(fields), says, answer)
            for fields, says, answer in data.get("explanations", ())
        ),
        **{name: data[name] for name in _MARKS if name in data},
    )
