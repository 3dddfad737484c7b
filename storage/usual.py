"""What is usual for a unit, derived anew whenever it sends a report.

A message is judged by one small row of its unit; the twenty reports behind it are read only when
one is added.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.history import History, usual_of
from storage.database import insert_into
from storage.tables import Report, Revision, UsualRow, columns

_report = columns(Report)
_revision = columns(Revision)
_LOOK_BACK = timedelta(days=60)


async def keep_usual(
    connection: AsyncConnection,
    units: Collection[int],
    history: History,
    *,
    form_id: str,
    today: date,
) -> None:
    """Keep what is usual for these units by their reports as they stand now.

    The fields of the history must have columns of their own in the table of revisions.
    """
    if not units:
        return
    found = await connection.execute(_newest(units, history, form_id, today))
    reports: dict[int, list[Any]] = defaultdict(list)
    for row in found.all():
        reports[row.unit_id].append(row)
    rows = [
        {"unit_id": unit, "form_id": form_id, "figures": _figures(sent, history)}
        for unit, sent in reports.items()
    ]
    statement = insert_into(connection, UsualRow)
    statement = statement.on_conflict_do_update(
        index_elements=["unit_id", "form_id"], set_={"figures": statement.excluded.figures}
    )
    await connection.execute(statement, rows)


def _newest(units: Collection[int], history: History, form_id: str, today: date) -> Any:
    """Return the query for the figures of each unit's newest reports."""
    newest = (
        select(
            _report.id,
            _report.unit_id,
            _report.revisions,
            func.row_number()
            .over(partition_by=_report.unit_id, order_by=_report.day.desc())
            .label("rank"),
        )
        .where(
            _report.unit_id.in_(units),
            _report.form_id == form_id,
            _report.day > today - _LOOK_BACK,
            _report.revisions > 0,
        )
        .subquery()
    )
    report = newest.c
    return (
        select(report.unit_id, _revision.doubt_fields, *(_revision[f] for f in history.fields))
        .select_from(newest)
        .join(
            Revision,
            and_(_revision.report_id == report.id, _revision.number == report.revisions),
        )
        .where(report.rank <= history.reports)
    )


def _figures(reports: Sequence[Any], history: History) -> dict[str, list[int]]:
    """Return for each field with enough reports the values of its `Usual`.

    Args:
        reports: rows of unit, fields of each doubt, and the figures.
    """
    _, doubts, *columns_of = zip(*reports, strict=True)
    doubted = [{f for fields in d.values() for f in fields} if d else () for d in doubts]
    found = {}
    for field, column in zip(history.fields, columns_of, strict=True):
        figures = [figure for figure in column if figure is not None]
        asked = zip(column, doubted, strict=True)
        confirmed = [f for f, about in asked if field in about and f is not None]
        if usual := usual_of(figures, confirmed, history):
            found[field] = [usual.low, usual.high, usual.least, usual.most, usual.reports]
    return found
