"""Buttons, edits and groups of a messenger"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_kept_file")),
    )
    op.create_table(
        "join_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("chat", AutoString(), nullable=False),
        sa.Column("thread", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("said", AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("invite_id", sa.Integer(), nullable=True),
        sa.Column("phone", AutoString(), nullable=False),
        sa.Column("phone_asked_by", sa.JSON(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('focal_point', 'group')", name=op.f("ck_join_request_role")),
        sa.CheckConstraint(
            "(role = 'group') = (invite_id IS NOT NULL)", name=op.f("ck_join_request_invite")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_join_request_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["invite_id"], ["invite.id"], name=op.f("fk_join_request_invite_id_invite")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_join_request_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
    )
    with op.batch_alter_table("join_request", schema=None) as batch_op:
        batch_op.create_index(
            "uq_join_request_open",
            ["channel", "chat"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gone_since", UTCDateTime(), nullable=True))

    with op.batch_alter_table("cursor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("screens", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("posted", AutoString(), nullable=False, server_default=""))

    with op.batch_alter_table("group_chat", schema=None) as batch_op:
        batch_op.add_column(sa.Column("thread", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("title", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("gone_since", UTCDateTime(), nullable=True))

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("message_id", AutoString(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("stood", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index(
            "ix_inbox_message",
            ["message_id", "chat"],
            unique=False,
            sqlite_where=sa.text("stood IS NOT NULL"),
            postgresql_where=sa.text("stood IS NOT NULL"),
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_outbox_fate"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_outbox_fate"),
            "fate IN ('pending', 'waiting', 'sending', 'sent', 'refused', 'gone', 'unknown',"
            " 'expired')",
        )
        batch_op.add_column(sa.Column("edits", AutoString(), nullable=True))
        batch_op.add_column(sa.Column("file", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("instead", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("tap", AutoString(), nullable=True))
        batch_op.add_column(
            sa.Column("passing", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("thread", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("screen", AutoString(), nullable=True))
        batch_op.create_index(
            "ix_outbox_asked",
            ["external_id", "chat"],
            unique=False,
            sqlite_where=sa.text("asks IS NOT NULL"),
            postgresql_where=sa.text("asks IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_edits",
            ["edits"],
            unique=False,
            sqlite_where=sa.text("edits IS NOT NULL"),
            postgresql_where=sa.text("edits IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_waiting",
            ["useful_until"],
            unique=False,
            sqlite_where=sa.text("fate = 'waiting'"),
            postgresql_where=sa.text("fate = 'waiting'"),
        )
        batch_op.create_index(
            "ix_outbox_posts",
            ["chat", "channel", "id"],
            unique=False,
            sqlite_where=sa.text("edits IS NULL"),
            postgresql_where=sa.text("edits IS NULL"),
        )
        batch_op.create_index(
            "ix_outbox_screen",
            ["screen"],
            unique=False,
            sqlite_where=sa.text("screen IS NOT NULL"),
            postgresql_where=sa.text("screen IS NOT NULL"),
        )


def downgrade() -> None:
    raise RuntimeError("screens and edits would be lost; restore a backup instead")
