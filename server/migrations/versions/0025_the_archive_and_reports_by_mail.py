"""Months of the log move to files, with a registry of them; reports go out by e-mail.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"

_LEFT = (
    "select 1 from planned_play p join archived_part a on p.planned >= a.since and p.planned < a.until"
    " where a.state = 'moving' and p.loudspeaker = old.loudspeaker and p.occurrence = old.occurrence"
)
"""A report may leave the database only while its month is being moved to a file that is written."""
_SQLITE_ANY = "create trigger playback_no_delete before delete on playback begin select raise(abort, 'the log is only added to'); end"
_SQLITE = f"""
create trigger playback_no_delete before delete on playback when not exists ({_LEFT})
begin select raise(abort, 'the log is only added to'); end
"""  # noqa: S608
_FUNCTION = f"""
create function playback_leaves() returns trigger language plpgsql as
$$ begin
  if not exists ({_LEFT}) then raise exception 'the log is only added to'; end if;
  return old;
end $$
"""  # noqa: S608
_EACH = "create trigger playback_no_delete before delete on playback for each row execute function playback_leaves()"
_STAYS = "create trigger playback_no_change before update{0} or truncate on playback execute function playback_stays()"


def upgrade() -> None:
    """The way there."""
    _archive()
    _mailings()
    op.execute(f"drop trigger playback_no_{'change on playback' if _postgres() else 'delete'}")
    if _postgres():
        op.execute(_STAYS.format(""))
        op.execute(_FUNCTION)
    op.execute(_EACH if _postgres() else _SQLITE)


def _archive() -> None:
    op.create_table(
        "archived_part",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "month", "state", "sha256")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("since", "until", "made_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("rows", "playbacks", "moved", "changes")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_archived_part")),
    )
    op.create_index(op.f("ix_archived_part_month"), "archived_part", ["month"])
    for table, key, more in (
        ("recalled_play", sa.Column("number", sa.Integer(), nullable=False), ()),
        (
            "archived_bulletin",
            sa.Column("bulletin", sa.String(), nullable=False),
            (sa.Column("useful_until", sa.BigInteger(), nullable=False),),
        ),
    ):
        op.create_table(
            table,
            sa.Column("part", sa.String(), nullable=False),
            key,
            *more,
            sa.ForeignKeyConstraint(["part"], ["archived_part.name"], name=op.f(f"fk_{table}_part_archived_part")),
            sa.PrimaryKeyConstraint("part", key.name, name=op.f(f"pk_{table}")),
        )


def _mailings() -> None:
    op.create_table(
        "report_mailing",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "area", "every", "formats", "language")),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "ended_at")),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_report_mailing_area_area")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_report_mailing_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mailing")),
    )
    op.create_index(op.f("ix_report_mailing_area"), "report_mailing", ["area"])
    op.create_table(
        "report_dispatch",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("mailing", "period", "address", "letter", "fault")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mailing"], ["report_mailing.id"], name=op.f("fk_report_dispatch_mailing_report_mailing")),
        sa.PrimaryKeyConstraint("mailing", "period", "address", name=op.f("pk_report_dispatch")),
    )
    op.create_index(op.f("ix_report_dispatch_letter"), "report_dispatch", ["letter"])


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    """The way back, where no month is in a file: what is there would be lost from sight."""
    if op.get_bind().execute(sa.text("select count(*) from archived_part")).scalar():
        raise RuntimeError("months of the log are in the archive: bring them back first (loaban archive --restore)")
    for name in ("delete", "change") if _postgres() else ("delete",):
        op.execute(f"drop trigger playback_no_{name}{' on playback' if _postgres() else ''}")
    if _postgres():
        op.execute("drop function playback_leaves()")
    op.execute(_STAYS.format(" or delete") if _postgres() else _SQLITE_ANY)
    for table in ("report_dispatch", "report_mailing", "archived_bulletin", "recalled_play", "archived_part"):
        op.drop_table(table)
