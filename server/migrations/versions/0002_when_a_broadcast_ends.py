"""When a broadcast ends, so that looking ahead does not grow with what has long been aired.

Nobody imports this module; Alembic runs it.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The way there."""
    with op.batch_alter_table("broadcast") as batch:
        batch.add_column(sa.Column("ends_at", sa.BigInteger(), nullable=True))
        batch.create_index(batch.f("ix_broadcast_ends_at"), ["ends_at"])
    broadcast = sa.table("broadcast", sa.column("id"), sa.column("recurrence"), sa.column("ends_at"))
    rows = op.get_bind().execute(sa.select(broadcast.c.id, broadcast.c.recurrence)).all()
    for id_, recurrence in rows:
        ends_at = _ends_at(json.loads(recurrence)) if recurrence else None
        op.execute(broadcast.update().where(broadcast.c.id == id_).values(ends_at=ends_at))


def downgrade() -> None:
    """The way back."""
    with op.batch_alter_table("broadcast") as batch:
        batch.drop_index(batch.f("ix_broadcast_ends_at"))
        batch.drop_column("ends_at")


def _ends_at(rule: dict) -> int | None:  # type: ignore[type-arg]
    """The last instant of a rule as it was stored when this was written: civil time is UTC+7."""
    if rule["type"] == "once":
        return int(rule["at"])
    if rule.get("last") is None:
        return None
    midnight = datetime.fromisoformat(rule["last"]).replace(tzinfo=UTC)
    return int(midnight.timestamp()) * 1000 + (int(rule["minute"]) - 7 * 60) * 60_000
