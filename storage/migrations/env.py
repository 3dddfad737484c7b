"""Alembic's entry: runs migrations on the connection that storage/migrate.py hands over."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables  # noqa: F401  # gives SQLModel.metadata its tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    user_module_prefix="",
)
with context.begin_transaction():
    context.run_migrations()
