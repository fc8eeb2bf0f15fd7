"""What is being recorded in a browser.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0015"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "take",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("music", sa.Boolean(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_take_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take")),
    )
    for column in ("staff", "began_at", "clip"):
        op.create_index(op.f(f"ix_take_{column}"), "take", [column], unique=False)


def downgrade() -> None:
    """The way back."""
    op.drop_table("take")
