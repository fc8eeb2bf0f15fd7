"""Groups of places have names.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0017"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "place_group",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_place_group_area_area")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_place_group_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_group")),
    )
    op.create_index(op.f("ix_place_group_area"), "place_group", ["area"])


def downgrade() -> None:
    """The way back."""
    op.drop_table("place_group")
