"""Voice: users of the voice backend, conversations, turns."""

import sqlalchemy as sa
from alembic import op

from pansori.db.tables import Utc

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_table(
        "voice_users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("manner", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["accounts.id"], name=op.f("fk_voice_users_owner_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_users")),
    )
    op.create_index("ix_voice_users_owner_number", "voice_users", ["owner", "number"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["accounts.id"], name=op.f("fk_conversations_owner_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index("ix_conversations_owner_created", "conversations", ["owner", "created_at", "id"], unique=False)
    op.create_table(
        "turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("user_number", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("input_id", sa.Uuid(), nullable=True),
        sa.Column("input_path", sa.String(length=500), nullable=True),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("output_id", sa.Uuid(), nullable=True),
        sa.Column("output_path", sa.String(length=500), nullable=True),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["owner"], ["accounts.id"], name=op.f("fk_turns_owner_accounts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_turns_conversation_id_conversations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_turns_job_id_jobs"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["input_id"], ["assets.id"], name=op.f("fk_turns_input_id_assets"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["output_id"], ["assets.id"], name=op.f("fk_turns_output_id_assets"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_owner_user", "turns", ["owner", "user_number", "created_at", "id"], unique=False)
    op.create_index("ix_turns_conversation", "turns", ["conversation_id", "created_at"], unique=False)
    op.create_index("ix_turns_job", "turns", ["job_id"], unique=False)
    op.create_index("ix_turns_input", "turns", ["input_id"], unique=False)
    op.create_index("ix_turns_output", "turns", ["output_id"], unique=False)


def downgrade() -> None:
    for table in ("turns", "conversations", "voice_users"):
        op.drop_table(table)
