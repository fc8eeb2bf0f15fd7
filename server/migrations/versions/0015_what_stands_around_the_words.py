"""The library of sounds, the chimes that came with the program, and what a bulletin puts around its words. Music has a
language of its own: none.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "tune",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_tune_area_area")),
        sa.ForeignKeyConstraint(["clip"], ["clip.sha256"], name=op.f("fk_tune_clip_clip")),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_tune_added_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tune")),
    )
    op.create_index(op.f("ix_tune_area"), "tune", ["area"])
    op.create_index(op.f("ix_tune_clip"), "tune", ["clip"])
    op.create_table(
        "built_in_chime",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.sha256"], name=op.f("fk_built_in_chime_clip_clip")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_built_in_chime")),
    )
    for name in ("opening", "closing"):
        op.add_column("bulletin", sa.Column(name, sa.String(), nullable=False, server_default=""))
    languages = sa.table("language", *(sa.column(c) for c in ("tag", "name", "own_name", "variety", "orthography")))
    op.bulk_insert(
        languages, [{"tag": "zxx", "name": "Không lời", "own_name": "", "variety": "", "orthography": ""}]
    )


def downgrade() -> None:
    """The way back."""
    op.execute(sa.text("delete from variant where language = 'zxx'"))
    op.execute(sa.text("delete from language where tag = 'zxx'"))
    for name in ("closing", "opening"):
        op.drop_column("bulletin", name)
    op.drop_table("built_in_chime")
    op.drop_index(op.f("ix_tune_clip"), "tune")
    op.drop_index(op.f("ix_tune_area"), "tune")
    op.drop_table("tune")
