"""Second factors, grants with a beginning and an end, sessions that tell where they are, people who are switched off.

Nobody imports this module; Alembic runs it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

def _added() -> tuple[tuple[str, tuple[sa.Column[Any], ...]], ...]:
    """Columns for tables that are there, made anew for each use."""
    return (
        (
            "staff",
            (
                sa.Column("home", sa.String(), nullable=False, server_default=""),
                sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
                sa.Column("disabled_at", sa.BigInteger(), nullable=False, server_default="0"),
                sa.Column("totp_secret", sa.String(), nullable=False, server_default=""),
                sa.Column("totp_wanted", sa.String(), nullable=False, server_default=""),
                sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
            ),
        ),
        (
            "staff_session",
            (
                sa.Column("device", sa.String(), nullable=False, server_default=""),
                sa.Column("confirmed_at", sa.BigInteger(), nullable=False, server_default="0"),
                sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.true()),
                sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false()),
            ),
        ),
        ("sign_in_failure", (sa.Column("kind", sa.String(), nullable=False, server_default="password"),)),
    )


def upgrade() -> None:
    """The way there."""
    for table, columns in _added():
        for column in columns:
            op.add_column(table, column)
    found = op.get_bind().execute(sa.text("select staff, area, role from staff_grant order by staff, area, role")).all()
    op.drop_table("staff_grant")
    grants = op.create_table(
        "staff_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_staff_grant_area_area")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_grant_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_grant")),
    )
    op.create_index(op.f("ix_staff_grant_staff"), "staff_grant", ["staff"])
    op.create_index(op.f("ix_staff_grant_area"), "staff_grant", ["area"])
    op.bulk_insert(grants, [{"staff": s, "area": a, "role": r, "begins": 0, "ends": None} for s, a, r in found])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_recovery_code_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff"), "recovery_code", ["staff"])


def downgrade() -> None:
    """The way back: grants that have ended, or have not begun, are not given again."""
    op.drop_table("recovery_code")
    found = op.get_bind().execute(
        sa.text("select distinct staff, area, role from staff_grant where begins = 0 and ends is null")
    ).all()
    op.drop_table("staff_grant")
    grants = op.create_table(
        "staff_grant",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("staff", "area", "role")),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_staff_grant_area_area")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_grant_staff_staff")),
        sa.PrimaryKeyConstraint("staff", "area", "role", name=op.f("pk_staff_grant")),
    )
    op.bulk_insert(grants, [{"staff": s, "area": a, "role": r} for s, a, r in found])
    # Column by column: a table that is copied is dropped in between, and others refer to this one.
    for table, columns in reversed(_added()):
        for column in columns:
            op.drop_column(table, column.name)
