"""Drafts and versions, who answers for an emergency, what was heard before it was approved, reviews, legal holds.

Nobody imports this module; Alembic runs it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

def upgrade() -> None:
    """The way there."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(op.f("ix_decision_alone"), "decision", ["alone"])
    op.create_table(
        "broadcast_writer",
        _of("broadcast", "broadcast.id"),
        _of("staff", "staff.id"),
        _key("broadcast_writer", "broadcast", "staff"),
    )
    op.execute("insert into broadcast_writer (broadcast, staff) select id, author from broadcast")
    op.create_table(
        "review",
        _of("broadcast", "broadcast.id"),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _of("reviewer", "staff.id"),
        _instant("at"),
        _key("review", "broadcast"),
    )
    _drafts()
    _sounds()


def _added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "bulletin": [
            sa.Column(name, sa.Text(), nullable=False, server_default="")
            for name in ("authority", "responsible", "reason")
        ],
        "clip": [sa.Column("gone_at", sa.BigInteger(), nullable=True)],
        "broadcast": [
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
            sa.Column("replaces", sa.String(), nullable=False, server_default=""),
            sa.Column("successor", sa.String(), nullable=False, server_default=""),
            sa.Column("ordered", sa.String(), nullable=False, server_default=""),
            sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        ],
        "decision": [
            sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("heard", sa.String(), nullable=False, server_default="[]"),
            sa.Column("by_text", sa.String(), nullable=False, server_default="[]"),
        ],
        "planned_play": [sa.Column("seal", sa.String(), nullable=False, server_default="")],
    }


def _drafts() -> None:
    op.create_table(
        "draft",
        _text("id"),
        _of("area", "area.id"),
        _of("author", "staff.id"),
        _instant("created_at"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("replaces"),
        _text("broadcast"),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        _key("draft", "id"),
    )
    op.create_index(op.f("ix_draft_area"), "draft", ["area"])
    op.create_index(op.f("ix_draft_broadcast"), "draft", ["broadcast"])
    op.create_table(
        "draft_edition",
        _of("draft", "draft.id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _of("staff", "staff.id"),
        _instant("at"),
        sa.Column("form", sa.Text(), nullable=False),
        _key("draft_edition", "draft", "number"),
    )


def _sounds() -> None:
    op.create_table(
        "listening",
        _of("staff", "staff.id"),
        _text("seal"),
        _text("clip"),
        _instant("fetched_at"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        _key("listening", "staff", "seal", "clip"),
    )
    op.create_table(
        "hold",
        _text("id"),
        _text("kind"),
        _text("subject"),
        sa.Column("reason", sa.Text(), nullable=False),
        _of("staff", "staff.id"),
        _instant("at"),
        _text("lifted_by"),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        _key("hold", "id"),
    )
    op.create_index(op.f("ix_hold_subject"), "hold", ["subject"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _instant(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _of(name: str, other: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), sa.ForeignKey(other), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def downgrade() -> None:
    """The way back."""
    for table in ("hold", "listening", "draft_edition", "draft", "review", "broadcast_writer"):
        op.drop_table(table)
    op.drop_index(op.f("ix_decision_alone"), "decision")
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
