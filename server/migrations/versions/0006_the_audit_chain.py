"""The audit chain: what was noted so far becomes its first lines; the database refuses to change or delete any.

Nobody imports this module; Alembic runs it.
"""

import msgspec
import sqlalchemy as sa
from alembic import op

from server.audit import BEGINNING, AuditLine, linked

revision = "0006"
down_revision = "0005"

_LINE = sa.table("audit_line", *(sa.column(name) for name in AuditLine.__struct_fields__))
_SQLITE = "create trigger audit_line_no_{0} before {0} on {1} begin select raise(abort, 'the audit is only added to'); end"
_STAYS = """
create function {0}_stays() returns trigger language plpgsql as
$$ begin raise exception 'the audit is only added to'; end $$
"""
_POSTGRES = "create trigger {0}_no_change before update or delete or truncate on {0} execute function {0}_stays()"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "audit_line",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("staff", "role", "area", "act", "subject")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("before", "after")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("address", "device", "previous", "hash")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_line")),
    )
    op.create_index(op.f("ix_audit_line_at"), "audit_line", ["at"])
    op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_end")),
    )
    op.create_table(
        "audit_day",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_day")),
    )
    _move()
    _protect()
    op.drop_table("audit")


def _move() -> None:
    found = op.get_bind().execute(sa.text("select at, staff, act, subject, details from audit order by id")).all()
    previous = BEGINNING
    for number, (at, staff, act, subject, details) in enumerate(found, 1):
        line = linked(AuditLine(number, at, staff, "", "", act, subject, "", details, "", "", previous))
        op.execute(_LINE.insert().values(**msgspec.structs.asdict(line)))
        previous = line.hash
    op.execute(sa.text(f"insert into audit_end (id, number, hash) values (1, {len(found)}, '{previous}')"))  # noqa: S608


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in ("audit_line", "audit_day"):
            for act in ("update", "delete"):
                op.execute(_SQLITE.format(act, table).replace("audit_line_no", f"{table}_no"))
        return
    for table in ("audit_line", "audit_day"):
        op.execute(_STAYS.format(table))
        op.execute(_POSTGRES.format(table))


def downgrade() -> None:
    """The way back."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("staff", "act", "subject", "details")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.execute(
        "insert into audit (id, at, staff, act, subject, details)"
        " select number, at, staff, act, subject, after from audit_line"
    )
    for table in ("audit_day", "audit_line"):
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"drop function {table}_stays()")
    op.drop_table("audit_end")
