"""Zalo: posts by hand, counted messages, numbered choices, a second messenger, an account's grant"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("group_chat", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    op.create_table(
        "hand_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("posted_at", UTCDateTime(), nullable=True),
        sa.Column("posted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_chat.id"], name=op.f("fk_hand_post_group_id_group_chat")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hand_post_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["posted_by_id"], ["person.id"], name=op.f("fk_hand_post_posted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_post")),
        sa.UniqueConstraint("key", name=op.f("uq_hand_post_key")),
    )
    with op.batch_alter_table("hand_post", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hand_post_open",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("posted_at IS NULL"),
            postgresql_where=sa.text("posted_at IS NULL"),
        )

    op.create_table(
        "oa_grant",
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("access_token", AutoString(), nullable=False),
        sa.Column("refresh_token", AutoString(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("refreshed_at", UTCDateTime(), nullable=False),
        sa.Column("seed", AutoString(), nullable=False),
        sa.Column("dead_since", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_oa_grant")),
    )

    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_invite_person_id_person"), "person", ["person_id"], ["id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_invite_person_id"), "(role = 'address') = (person_id IS NOT NULL)"
        )

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_received", ["channel", "received_at"], unique=False)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("numbered", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.drop_index("ix_outbox_posts")
        batch_op.create_index("ix_outbox_posts", ["chat", "channel", "id"], unique=False)
        batch_op.create_index(
            "ix_outbox_sent",
            ["channel", "settled_at"],
            unique=False,
            sqlite_where=sa.text("fate IN ('sent', 'unknown')"),
            postgresql_where=sa.text("fate IN ('sent', 'unknown')"),
        )


def downgrade() -> None:
    raise RuntimeError("grants and posts by hand would be lost; restore a backup instead")
