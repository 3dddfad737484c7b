"""A small office for each test; it is Monday 13 April 2020, 8 in the morning."""

import pytest
from world import World, opened

from storage.database import Database


@pytest.fixture
async def world(database: Database) -> World:
    return await opened(database)
