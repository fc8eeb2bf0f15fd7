"""Other systems are told what happens on the air: happenings in their order, occurrences that are looked at, and how
far each subscriber has come.

Nobody imports this module; Alembic runs it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """The way there. What was planned for after the last act in the audit is told of when it comes."""
    op.create_table(
        "happening",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_happening")),
        sa.UniqueConstraint("key", name=op.f("uq_happening_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_happening_at", "happening", ["at"], unique=False)
    op.create_table(
        "happening_area",
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["happening.number"], name=op.f("fk_happening_area_number_happening"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("area", "number", name=op.f("pk_happening_area")),
    )
    op.create_index(op.f("ix_happening_area_number"), "happening_area", ["number"], unique=False)
    _still_to_come()
    # Ten minutes after its useful time whoever has not reported is overdue.
    op.execute(
        "INSERT INTO watched_occurrence (occurrence, broadcast, planned, useful_until, due, told, revision)"
        " SELECT occurrence, MIN(broadcast), MIN(planned), MAX(useful_until), MAX(useful_until) + 600000, '', 0"
        " FROM planned_play WHERE outcome = '' AND NOT withdrawn AND useful_until > planned"
        " AND planned > (SELECT COALESCE(MAX(at), 0) FROM audit_line) AND occurrence LIKE '%@%' GROUP BY occurrence"
    )


def _still_to_come() -> None:
    op.create_table(
        "watched_occurrence",
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("broadcast", sa.String(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("useful_until", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence", name=op.f("pk_watched_occurrence")),
    )
    op.create_index("ix_watched_occurrence_due", "watched_occurrence", ["due"], unique=False)
    op.create_index(op.f("ix_watched_occurrence_planned"), "watched_occurrence", ["planned"], unique=False)
    op.create_table(
        "undelivered",
        sa.Column("webhook", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["webhook"], ["webhook.id"], name=op.f("fk_undelivered_webhook_webhook")),
        sa.PrimaryKeyConstraint("webhook", "number", name=op.f("pk_undelivered")),
    )
    for column in _columns():
        op.add_column("webhook", column)


def _columns() -> list[sa.Column[Any]]:
    texts = {"happenings": "[]", "secret_before": "", "why": ""}
    numbers = ("before_until", "reached", "due", "failing_since", "paused_at")
    return [
        *(
            sa.Column(name, sa.Text() if name == "why" else sa.String(), nullable=False, server_default=default)
            for name, default in texts.items()
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in numbers),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    ]


def downgrade() -> None:
    """The way back."""
    with op.batch_alter_table("webhook") as batch:
        for column in _columns():
            batch.drop_column(str(column.name))
    for table in ("undelivered", "watched_occurrence", "happening_area", "happening"):
        op.drop_table(table)
