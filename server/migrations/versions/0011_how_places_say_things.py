"""How places say what is written; and what the editor answered of a variant's text is kept with it.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "reading",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_reading_area_area")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_reading_staff_staff")),
        sa.PrimaryKeyConstraint("area", "written", name=op.f("pk_reading")),
    )
    op.add_column("variant", sa.Column("answers", sa.Text(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """The way back."""
    op.drop_column("variant", "answers")
    op.drop_table("reading")
