"""Scripts, actors, tokens and results of analyses; steps that wait for deliveries; traces of jobs."""

import sqlalchemy as sa
from alembic import op

from pansori.db.tables import Utc

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    for name in ("scripts", "actors"):
        own = (
            (sa.Column("title", sa.String(length=200), nullable=False), sa.Column("lines", sa.JSON(), nullable=False))
            if name == "scripts"
            else (
                sa.Column("name", sa.String(length=200), nullable=False),
                sa.Column("voice", sa.JSON(), nullable=False),
            )
        )
        op.create_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("owner", sa.Uuid(), nullable=False),
            sa.Column("language", sa.String(length=16), nullable=False),
            *own,
            sa.Column("notes", sa.Text(), nullable=False),
            sa.Column("search", sa.Text(), nullable=False),
            sa.Column("created_at", Utc(), nullable=False),
            sa.Column("updated_at", Utc(), nullable=False),
            sa.ForeignKeyConstraint(
                ["owner"], ["accounts.id"], name=op.f(f"fk_{name}_owner_accounts"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        )
        op.create_index(f"ix_{name}_owner_created", name, ["owner", "created_at", "id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("script_id", sa.Uuid(), nullable=True),
        sa.Column("first_line", sa.Integer(), nullable=True),
        sa.Column("last_line", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=True),
        sa.Column("reference_own", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["accounts.id"], name=op.f("fk_tokens_owner_accounts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["script_id"], ["scripts.id"], name=op.f("fk_tokens_script_id_scripts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_tokens_actor_id_actors"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reference_id"], ["assets.id"], name=op.f("fk_tokens_reference_id_assets"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_owner_created", "tokens", ["owner", "created_at", "id"], unique=False)
    op.create_index("ix_tokens_script", "tokens", ["script_id"], unique=False)
    op.create_index("ix_tokens_actor", "tokens", ["actor_id"], unique=False)
    op.create_index("ix_tokens_reference", "tokens", ["reference_id"], unique=False)
    op.create_table(
        "analysis_results",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_analysis_results_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["accounts.id"], name=op.f("fk_analysis_results_owner_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_analysis_results")),
    )
    op.create_index(
        "ix_analysis_results_owner_created", "analysis_results", ["owner", "created_at", "job_id"], unique=False
    )
    op.create_index("ix_analysis_results_token", "analysis_results", ["token_id"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("part_size", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", Utc(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["accounts.id"], name=op.f("fk_uploads_owner_accounts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_uploads_asset_id_assets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_asset", "uploads", ["asset_id"], unique=True)
    op.create_index("ix_uploads_owner", "uploads", ["owner", "state"], unique=False)
    op.create_index("ix_uploads_expires", "uploads", ["expires_at"], unique=False)
    # not in a batch, which would copy the table and forget the order of its indexes
    op.add_column("jobs", sa.Column("trace", sa.String(length=55), nullable=True))
    op.add_column("jobs", sa.Column("request_id", sa.String(length=64), nullable=True))
    op.drop_index("ix_jobs_state_deadline", "jobs")
    op.create_index("ix_jobs_state_deadline", "jobs", ["state", "deadline", "kind"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("labels", sa.String(length=255), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("buckets", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_tallies")),
    )
    op.add_column("steps", sa.Column("parked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("steps", sa.Column("delivery", sa.JSON(), nullable=True))
    op.add_column("steps", sa.Column("reused", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("steps", "reused")
    op.drop_column("steps", "delivery")
    op.drop_column("steps", "parked")
    op.drop_table("tallies")
    op.drop_index("ix_jobs_state_deadline", "jobs")
    op.create_index("ix_jobs_state_deadline", "jobs", ["state", "deadline"], unique=False)
    op.drop_column("jobs", "request_id")
    op.drop_column("jobs", "trace")
    for table in ("uploads", "analysis_results", "tokens", "actors", "scripts"):
        op.drop_table(table)
