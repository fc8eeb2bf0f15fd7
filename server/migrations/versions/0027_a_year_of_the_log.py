"""Indexes for a year of the log, and how long each bulletin sounded, by day and commune.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0024"

_DAY = "(planned + 25200000) / 86400000"
_PARTLY = {
    "missing": (
        ["planned", "occurrence", "loudspeaker", "missing", "languages", "outcome", "broadcast_class", "commune"],
        "missing <> ''",
    ),
    "open": (
        ["planned", "useful_until", "withdrawn", "commune", "broadcast_class", "topic", "loudspeaker"],
        "outcome = ''",
    ),
}


def upgrade() -> None:
    """The way there."""
    for name, (columns, where) in _PARTLY.items():
        some = sa.text(where)
        op.create_index(
            f"ix_planned_play_{name}", "planned_play", columns, sqlite_where=some, postgresql_where=some
        )
    op.drop_index("ix_daily_play_day", "daily_play")
    op.drop_index("ix_daily_play_outcome", "daily_play")
    op.create_index("ix_daily_play_day", "daily_play", ["day", "outcome", "broadcast_class", "commune", "plays"])
    op.drop_index("ix_daily_language_language", "daily_language")
    op.create_index(
        "ix_daily_language_language",
        "daily_language",
        ["language", "day", "outcome", "broadcast_class", "commune", "plays", "missing"],
    )
    op.create_table(
        "daily_sound",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("commune", "day")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("bulletin", "languages", "missing")),
        sa.Column("sounded_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune", "day", "bulletin", "languages", "missing", name=op.f("pk_daily_sound")),
    )
    op.create_index("ix_daily_sound_day", "daily_sound", ["day"])
    op.execute(
        "insert into daily_sound (commune, day, bulletin, languages, missing, sounded_ms)"  # noqa: S608
        f" select commune, {_DAY}, bulletin, languages, missing, sum(sounded_ms) from planned_play"
        f" where sounded_ms > 0 group by commune, {_DAY}, bulletin, languages, missing"
    )


def downgrade() -> None:
    """The way back."""
    op.drop_table("daily_sound")
    op.drop_index("ix_daily_language_language", "daily_language")
    op.create_index("ix_daily_language_language", "daily_language", ["language", "day"])
    op.drop_index("ix_daily_play_day", "daily_play")
    op.create_index("ix_daily_play_day", "daily_play", ["day"])
    op.create_index("ix_daily_play_outcome", "daily_play", ["outcome", "day"])
    for name in _PARTLY:
        op.drop_index(f"ix_planned_play_{name}", "planned_play")
