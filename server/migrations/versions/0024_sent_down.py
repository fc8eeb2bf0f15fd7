"""Offices send bulletins down, and communes answer.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0026"


def upgrade() -> None:
    """The way there."""
    op.add_column("broadcast", sa.Column("pushed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "uptake",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("broadcast", "area", "answer", "turn")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "accepted_at", "reminded_at")),
        sa.Column("reminded_by", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcast.id"], name=op.f("fk_uptake_broadcast_broadcast")),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_uptake_area_area")),
        sa.PrimaryKeyConstraint("broadcast", "area", name=op.f("pk_uptake")),
    )
    op.create_index(op.f("ix_uptake_area"), "uptake", ["area"])


def downgrade() -> None:
    """The way back."""
    op.drop_table("uptake")
    op.drop_column("broadcast", "pushed")
