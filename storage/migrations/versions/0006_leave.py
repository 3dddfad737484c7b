"""Leaves with who stands in, and the times in which the bot did not run"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_leave_validity")),
        sa.CheckConstraint(
            "stand_in_id IS NULL OR stand_in_id <> person_id", name=op.f("ck_leave_stand_in")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_leave_person_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_leave_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["person.id"], name=op.f("fk_leave_stand_in_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_leave_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_leave_until", ["valid_until", "unit_id"], unique=False)

    op.create_table(
        "outage",
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_outage_duration")),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_outage")),
    )
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_outage_until"), ["until"], unique=False)


def downgrade() -> None:
    raise RuntimeError("leaves and outages would be lost; restore a backup instead")
