"""Brings a database to the newest schema."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url


def upgrade(url: str) -> None:
    """Bring the database to the newest schema, creating it when it does not exist.

    Args:
        url: as in the settings, with the asynchronous driver; migrating itself is synchronous.
    """
    parsed = make_url(url).set(drivername=make_url(url).get_backend_name())
    if parsed.database and parsed.get_backend_name() == "sqlite":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database exists and has the newest schema."""
    parsed = make_url(url).set(drivername=make_url(url).get_backend_name())
    if parsed.database and not Path(parsed.database).exists():
        return False
    engine = create_engine(parsed)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    with resources.as_file(resources.files("storage") / "migrations") as folder:
        config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config
