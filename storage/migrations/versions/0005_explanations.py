"""What is usual for a unit, and which fields a doubt was about"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Not as a batch, which might make the table anew and lose its triggers.
    op.add_column(
        "revision", sa.Column("doubt_fields", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column("draft", sa.Column("raised", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "usual",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("form_id", AutoString(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_usual_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "form_id", name=op.f("pk_usual")),
    )


def downgrade() -> None:
    raise RuntimeError("what explanations were about would be lost; restore a backup instead")
