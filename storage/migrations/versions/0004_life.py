"""The life of a report: reopened until when, returned and corrected why, approved, entered for"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Added one by one: a table that SQLite has to copy would lose its triggers.
    op.add_column("report", sa.Column("open_until", UTCDateTime(), nullable=True))
    op.add_column("report", _words("reason"))
    op.add_column("report", _flag("awaits"))
    op.add_column("revision", _words("reason"))
    op.add_column("revision", _flag("for_another"))
    op.add_column("draft", _words("reason"))
    op.add_column("cursor", sa.Column("ordered", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("cursor", sa.Column("enters", sa.JSON(none_as_null=True), nullable=True))


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, AutoString(), nullable=False, server_default="")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def downgrade() -> None:
    raise RuntimeError("why reports were changed would be lost; restore a backup instead")
