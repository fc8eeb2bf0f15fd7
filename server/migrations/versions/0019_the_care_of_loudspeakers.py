"""How loudspeakers were over time, trial tones, repairs, who looks after them, where they stand, and borders of areas.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0020"

_KEPT = ("model", "sim", "caretaker", "telephone", "switching")


def upgrade() -> None:
    """The way there."""
    for name in ("lat", "lon"):
        op.add_column("area", sa.Column(name, sa.Float(), nullable=True))
    for name in _KEPT:
        op.add_column("loudspeaker", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "boundary",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_boundary_area_area")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_boundary_by_staff")),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_boundary")),
    )
    _condition()
    _trial()
    _repair()


def _condition() -> None:
    op.create_table(
        "condition",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("grain", sa.Integer(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("trust", sa.String(), nullable=False),
        sa.Column("bound_ms", sa.BigInteger(), nullable=False),
        sa.Column("disk_free", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("temperature", sa.Integer(), nullable=True),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("mains", sa.Boolean(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["loudspeaker.id"], name=op.f("fk_condition_device_loudspeaker")),
        sa.PrimaryKeyConstraint("device", "at", name=op.f("pk_condition")),
    )
    op.create_index(op.f("ix_condition_grain"), "condition", ["grain"])


def _trial() -> None:
    op.create_table(
        "trial",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip"], ["clip.sha256"], name=op.f("fk_trial_clip_clip")),
        sa.ForeignKeyConstraint(["device"], ["loudspeaker.id"], name=op.f("fk_trial_device_loudspeaker")),
        sa.ForeignKeyConstraint(["ordered_by"], ["staff.id"], name=op.f("fk_trial_ordered_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
    )
    op.create_index(op.f("ix_trial_device"), "trial", ["device"])
    op.create_index(op.f("ix_trial_until"), "trial", ["until"])


def _repair() -> None:
    op.create_table(
        "repair",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_repair_closed_by_staff")),
        sa.ForeignKeyConstraint(["device"], ["loudspeaker.id"], name=op.f("fk_repair_device_loudspeaker")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_repair_opened_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    op.create_index(op.f("ix_repair_device"), "repair", ["device"])
    op.create_index(op.f("ix_repair_closed_at"), "repair", ["closed_at"])
    op.create_table(
        "repair_note",
        sa.Column("repair", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("parts", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_repair_note_by_staff")),
        sa.ForeignKeyConstraint(["repair"], ["repair.id"], name=op.f("fk_repair_note_repair_repair")),
        sa.PrimaryKeyConstraint("repair", "number", name=op.f("pk_repair_note")),
    )


def downgrade() -> None:
    """The way back."""
    for table in ("repair_note", "repair", "trial", "condition", "boundary"):
        op.drop_table(table)
    for name in reversed(_KEPT):
        op.drop_column("loudspeaker", name)
    for name in ("lon", "lat"):
        op.drop_column("area", name)
