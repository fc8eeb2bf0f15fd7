"""What loosens a guard waits for a second person.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("before", "wish")),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "decided_by")),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_proposal_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    for name in ("area", "state"):
        op.create_index(op.f(f"ix_proposal_{name}"), "proposal", [name])


def downgrade() -> None:
    """The way back."""
    op.drop_table("proposal")
