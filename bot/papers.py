"""Papers on request: the digest of a day, the weekly report of a closed week."""

import asyncio
from datetime import date
from pathlib import Path

from bot.app import CannotStart, opened
from bot.config import Config
from bot.core import weekly as weekly_paper
from bot.core.office import Office
from bot.core.paper import Paper
from bot.core.periods import Week
from bot.documents import child
from bot.documents.docx import FormFault
from handlers.close import frozen_week
from handlers.editions import posted_texts
from handlers.scope import scope_over
from storage.database import Database


async def digests(config: Config, day: date) -> list[str]:
    """Return a day's digest and its updates as the committee got them; none before the first."""
    async with opened(config) as (database, office, _clock), database.read_session() as session:
        whole = scope_over(office.root, office.root)
        return await posted_texts(session, office, day, whole)


async def weekly(config: Config, week_id: str, folder: Path) -> Path:
    """Write the weekly report of a closed week as DOCX; return its path.

    Raises:
        CannotStart: there is no such week, it is not closed yet, or it could not be drawn.
    """
    async with opened(config) as (database, office, _clock):
        week = _week(office, week_id)
        paper = await _paper(database, office, week)
    documents = config.documents
    try:
        content = await asyncio.to_thread(
            child.render, paper, documents.form, seconds=documents.time_limit_seconds
        )
    except FormFault as error:
        raise CannotStart(f"Không dùng được mẫu báo cáo: {error}") from error
    except child.RenderError as error:
        raise CannotStart(f"Chưa lập được báo cáo, đề nghị chạy lại: {error}") from error
    return _write(folder / f"bao-cao-tuan-{week.id}.docx", content)


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _week(office: Office, week_id: str) -> Week:
    try:
        return office.week_named(week_id)
    except ValueError as error:
        raise CannotStart(f"Không có tuần báo cáo {week_id}. Ví dụ đúng: 2020-W16") from error


async def _paper(database: Database, office: Office, week: Week) -> Paper:
    before = office.week_of(office.calendar.previous_reporting_day(week.days[0]))
    async with database.read_session() as session:
        days = await frozen_week(session, week)
        previous = await frozen_week(session, before)
    if days is None:
        raise CannotStart(
            f"Tuần {week.id} chưa khép số liệu (khép lúc {week.closes_at:%Hh%M %d/%m/%Y})."
        )
    return weekly_paper.build(
        office.form,
        days,
        previous or [],
        office.letterhead,
        week=week.id,
        first=days[0].day,
        last=days[-1].day,
        issue=week.issue_day,
    )
