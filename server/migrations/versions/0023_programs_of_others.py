"""Programs of others come in by the JSON API: accounts without a password, their tokens, what they were answered.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0018"


def upgrade() -> None:
    """The way there."""
    op.add_column("staff", sa.Column("machine", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "api_token",
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("revoked_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_api_token_area_area")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_api_token_made_by_staff")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_api_token_staff_staff")),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_area"), "api_token", ["area"], unique=False)
    op.create_index(op.f("ix_api_token_secret_hash"), "api_token", ["secret_hash"], unique=True)
    op.create_table(
        "api_answer",
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_api_answer_staff_staff")),
        sa.PrimaryKeyConstraint("staff", "key", name=op.f("pk_api_answer")),
    )
    op.create_index(op.f("ix_api_answer_at"), "api_answer", ["at"], unique=False)
    _sources()


def _sources() -> None:
    op.create_table(
        "source_bulletin",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_source_bulletin_area_area")),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name=op.f("fk_source_bulletin_draft_draft")),
        sa.PrimaryKeyConstraint("id", "version", "area", name=op.f("pk_source_bulletin")),
    )
    op.create_index(op.f("ix_source_bulletin_draft"), "source_bulletin", ["draft"], unique=False)
    op.create_index(op.f("ix_source_bulletin_received_at"), "source_bulletin", ["received_at"], unique=False)
    op.create_table(
        "source_unplaced",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", "place", name=op.f("pk_source_unplaced")),
    )
    op.create_index(op.f("ix_source_unplaced_received_at"), "source_unplaced", ["received_at"], unique=False)
    op.create_table(
        "source_told",
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence", "area", name=op.f("pk_source_told")),
    )
    op.create_table(
        "source_standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("fault_says", sa.Text(), nullable=False),
        sa.Column("fault_at", sa.BigInteger(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_standing")),
    )


def downgrade() -> None:
    """The way back."""
    for table in ("source_standing", "source_told", "source_unplaced", "source_bulletin"):
        op.drop_table(table)
    op.drop_table("api_answer")
    op.drop_table("api_token")
    op.drop_column("staff", "machine")
