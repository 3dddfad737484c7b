"""What many tests stand on: a real SQLite file with the newest schema."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import upgrade


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: of several workers none is to end alone."""
    items.sort(key=_minutes, reverse=True)


def _minutes(item: pytest.Item) -> float:
    mark = item.get_closest_marker("minutes")
    return mark.args[0] if mark else 0.0


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file; copied, never opened, since migrating takes a second."""
    path = tmp_path_factory.mktemp("schema") / "giaoban.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def database_path(empty_database: Path, tmp_path: Path) -> Path:
    return shutil.copy(empty_database, tmp_path / "giaoban.db")


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{database_path}")
    yield opened
    await opened.close()
