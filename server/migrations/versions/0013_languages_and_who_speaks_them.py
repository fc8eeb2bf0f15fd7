"""Languages that people edit, who reviews them, shares of households, where a variant comes from, and requests for
recordings.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    """The way there."""
    op.add_column("language", sa.Column("engines", sa.Text(), nullable=False, server_default="null"))
    op.add_column("language", sa.Column("phrase_forms", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("language", sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("area", sa.Column("households", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("variant", sa.Column("origin", sa.String(), nullable=False, server_default=""))
    op.add_column("variant", sa.Column("translator", sa.Text(), nullable=False, server_default=""))
    op.add_column("variant", sa.Column("reviewer", sa.String(), nullable=False, server_default=""))
    op.add_column("variant", sa.Column("reviewed_at", sa.BigInteger(), nullable=False, server_default="0"))
    _reviewers()
    _requests()


def _reviewers() -> None:
    op.create_table(
        "language_reviewer",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_language_reviewer_by_staff")),
        sa.ForeignKeyConstraint(["language"], ["language.tag"], name=op.f("fk_language_reviewer_language_language")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_language_reviewer_staff_staff")),
        sa.PrimaryKeyConstraint("language", "staff", name=op.f("pk_language_reviewer")),
    )
    op.create_index(op.f("ix_language_reviewer_staff"), "language_reviewer", ["staff"], unique=False)


def _requests() -> None:
    op.create_table(
        "recording_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("broadcast", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcast.id"], name=op.f("fk_recording_request_broadcast_broadcast")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_recording_request_by_staff")),
        sa.ForeignKeyConstraint(["language"], ["language.tag"], name=op.f("fk_recording_request_language_language")),
        sa.ForeignKeyConstraint(["line"], ["broadcast.id"], name=op.f("fk_recording_request_line_broadcast")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_recording_request_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_request")),
    )
    for column in ("line", "staff", "state"):
        op.create_index(op.f(f"ix_recording_request_{column}"), "recording_request", [column], unique=False)


def downgrade() -> None:
    """The way back."""
    op.drop_table("recording_request")
    op.drop_table("language_reviewer")
    for column in ("reviewed_at", "reviewer", "translator", "origin"):
        op.drop_column("variant", column)
    op.drop_column("area", "households")
    for column in ("retired", "phrase_forms", "engines"):
        op.drop_column("language", column)
