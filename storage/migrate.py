"""Brings a database to the newest schema."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url


def upgrade(url: str) -> None:
    """Bring the database to the newest schema, creating it when it does not exist.

    Interrupted, it leaves the database as it was.

    Args:
        url: as in the settings, with the asynchronous driver; migrating itself is synchronous.
    """
    engine = _engine(url)
    if engine.url.database and engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(url: str) -> bool:
    """Whether the database exists and has the newest schema."""
    engine = _engine(url)
    if engine.url.database and not Path(engine.url.database).exists():
        return False
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _engine(url: str) -> Engine:
    """Return a synchronous engine that keeps no connection open."""
    parsed = make_url(url)
    engine = create_engine(
        parsed.set(drivername=parsed.get_backend_name()), poolclass=NullPool, hide_parameters=True
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # Without it the driver commits each CREATE TABLE on its own.
    connection.exec_driver_sql("BEGIN")


def _config() -> Config:
    config = Config()
    with resources.as_file(resources.files("storage") / "migrations") as folder:
        config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config
