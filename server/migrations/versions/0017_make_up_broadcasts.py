"""Which broadcast says again what failed at an occurrence.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "make_up",
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("broadcast", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence", "number", name=op.f("pk_make_up")),
    )
    op.create_index(op.f("ix_make_up_broadcast"), "make_up", ["broadcast"])


def downgrade() -> None:
    """The way back."""
    op.drop_index(op.f("ix_make_up_broadcast"), "make_up")
    op.drop_table("make_up")
