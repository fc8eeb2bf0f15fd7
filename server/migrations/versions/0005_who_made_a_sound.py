"""Who made a sound that no bulletin carries yet; and which bulletins carry one is found at once.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "clip_maker",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"]),
        sa.PrimaryKeyConstraint("clip", "staff"),
    )
    op.create_index("ix_clip_maker_at", "clip_maker", ["at"])
    op.create_index("ix_variant_clip", "variant", ["clip"])


def downgrade() -> None:
    """The way back."""
    op.drop_index("ix_variant_clip", "variant")
    op.drop_index("ix_clip_maker_at", "clip_maker")
    op.drop_table("clip_maker")
