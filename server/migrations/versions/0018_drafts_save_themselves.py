"""Drafts save themselves: which page saved an edition, and whether by itself.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0019"


def upgrade() -> None:
    """The way there."""
    with op.batch_alter_table("draft") as table:
        table.add_column(sa.Column("begun_as", sa.String(), nullable=True))
        table.create_unique_constraint("uq_draft_author", ["author", "begun_as"])
    with op.batch_alter_table("draft_edition") as table:
        table.add_column(sa.Column("tab", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("automatic_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """The way back."""
    with op.batch_alter_table("draft_edition") as table:
        for column in ("automatic_since", "turn", "tab"):
            table.drop_column(column)
    with op.batch_alter_table("draft") as table:
        table.drop_constraint("uq_draft_author", type_="unique")
        table.drop_column("begun_as")
