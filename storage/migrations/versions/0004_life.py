"""The life of a report: reopened until when, returned and corrected why, approved, entered for"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_until", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reason", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("awaits", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("for_another", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", AutoString(), nullable=False, server_default=""))

    with op.batch_alter_table("cursor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ordered", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("enters", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("why reports were changed would be lost; restore a backup instead")
