"""A bulletin may be an exercise.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    """The way there."""
    op.add_column("bulletin", sa.Column("exercise", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """The way back."""
    op.drop_column("bulletin", "exercise")
