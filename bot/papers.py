"""Papers on request: the digest of a day, the weekly report of a closed week."""

import asyncio
from datetime import date
from pathlib import Path

from bot.app import CannotStart, opened
from bot.config import Config
from bot.core import weekly as weekly_paper
from bot.core.digest import digest_text
from bot.core.office import Office
from bot.core.paper import Paper
from bot.core.periods import Week
from bot.documents import child
from bot.documents.docx import FormFault
from handlers.close import frozen_week
from handlers.post_digest import digest_of_day
from handlers.scope import scope_over
from storage.database import Database


async def digest(config: Config, day: date) -> str | None:
    """Return the newest edition of a day's digest; None before the first."""
    async with opened(config) as (database, office, _clock), database.read_session() as session:
        whole = scope_over(office.root, office.root)
        found = await digest_of_day(session, office, day, whole)
    return digest_text(found) if found else None


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
        first=week.days[0],
        last=week.days[-1],
        issue=week.issue_day,
    )
