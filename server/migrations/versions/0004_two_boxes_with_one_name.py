"""Two boxes with one name: which runs of a loudspeaker have spoken, and when an older one did so again.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The way there."""
    with op.batch_alter_table("device_status") as batch:
        batch.add_column(sa.Column("runs", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("doubled_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("device_status") as batch:
        batch.alter_column("runs", server_default=None)


def downgrade() -> None:
    """The way back."""
    with op.batch_alter_table("device_status") as batch:
        batch.drop_column("doubled_at")
        batch.drop_column("runs")
