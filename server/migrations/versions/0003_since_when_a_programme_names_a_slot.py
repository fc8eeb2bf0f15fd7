"""Since which revision a programme names each of its slots, so that a loudspeaker with an older one is judged rightly.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The way there. What was published before counts as named by its newest revision only."""
    with op.batch_alter_table("programme") as batch:
        batch.add_column(sa.Column("named", sa.Text(), nullable=False, server_default="{}"))
    with op.batch_alter_table("programme") as batch:
        batch.alter_column("named", server_default=None)


def downgrade() -> None:
    """The way back."""
    with op.batch_alter_table("programme") as batch:
        batch.drop_column("named")
