"""Where each row of the log stands, what counts of it, corrections by people, the daily summary, and views that people
keep.

Nobody imports this module; Alembic runs it.
"""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_SQLITE = "create trigger {0}_no_{1} before {1} on {0} begin select raise(abort, 'the log is only added to'); end"
_STAYS = """
create function {0}_stays() returns trigger language plpgsql as
$$ begin raise exception 'the log is only added to'; end $$
"""
_POSTGRES = "create trigger {0}_no_change before update or delete or truncate on {0} execute function {0}_stays()"
_SOUNDED = ("played", "late", "cut")
_STATE = "case when outcome = '' and withdrawn then 'withdrawn' else outcome end"
_DAY = "(planned + 25200000) / 86400000"
_WORDLESS = "zxx"


def upgrade() -> None:
    """The way there."""
    _columns()
    _tables()
    _indexes()
    _fill_places()
    _fill_rows()
    _count()
    for table in ("playback", "correction"):
        _protect(table)


def _columns() -> None:
    if op.get_bind().dialect.name == "postgresql":  # elsewhere, an integer is as large as that
        op.alter_column("playback", "sequence", type_=sa.BigInteger())
    for name in ("place", "commune"):
        op.add_column("planned_play", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("topic", "languages", "reason"):
        op.add_column("planned_play", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("planned_play", sa.Column("sounded_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("planned_play", sa.Column("missing", sa.String(), nullable=False, server_default=""))


def _tables() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("commune", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index(op.f("ix_place_path"), "place", ["path"], unique=True)
    for column in ("area", "commune"):
        op.create_index(op.f(f"ix_place_{column}"), "place", [column])
    op.create_table(
        "correction",
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("loudspeaker", "occurrence", "names", "outcome")),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_correction_by_staff")),
        sa.ForeignKeyConstraint(["loudspeaker"], ["loudspeaker.id"], name=op.f("fk_correction_loudspeaker_loudspeaker")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_told_of", "correction", ["occurrence", "loudspeaker"])
    _daily("daily_play", ("broadcast_class", "topic", "outcome", "reason"), ("plays", "sounded_ms"))
    _daily("daily_language", ("language", "broadcast_class", "outcome"), ("plays", "missing"))
    op.create_index("ix_daily_play_outcome", "daily_play", ["outcome", "day"])
    op.create_index("ix_daily_language_language", "daily_language", ["language", "day"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_saved_view_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_staff"), "saved_view", ["staff"])


def _daily(table: str, by: tuple[str, ...], counted: tuple[str, ...]) -> None:
    op.create_table(
        table,
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("commune", "day")),
        *(sa.Column(name, sa.String(), nullable=False) for name in by),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counted),
        sa.PrimaryKeyConstraint("commune", "day", *by, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_day"), table, ["day"])


def _indexes() -> None:
    for name in ("planned", "bulletin", "outcome"):
        op.drop_index(op.f(f"ix_planned_play_{name}"), "planned_play")
    op.drop_index(op.f("ix_playback_occurrence"), "playback")
    op.create_index("ix_playback_told_of", "playback", ["occurrence", "loudspeaker"])
    op.create_index("ix_planned_play_time", "planned_play", ["planned", "outcome", "broadcast_class", "commune"])
    op.create_index(
        "ix_planned_play_commune", "planned_play", ["commune", "planned", "outcome", "broadcast_class", "place"]
    )
    op.create_index(
        "ix_planned_play_bulletin", "planned_play", ["bulletin", "planned", "outcome", "broadcast_class", "commune"]
    )
    op.create_index("ix_planned_play_loudspeaker", "planned_play", ["loudspeaker", "planned"])


def _fill_places() -> None:
    """Rows of before stand where their loudspeaker stands today: nobody has kept where it stood."""
    bind = op.get_bind()
    communes = {row[0] for row in bind.execute(sa.text("select id from area where level = 'commune'"))}
    known: dict[str, int] = {}

    def place(path: str, commune: int | None) -> int:
        if path not in known:
            known[path] = len(known) + 1
            area = path.strip("/").rpartition("/")[2]
            row = {"id": known[path], "path": path, "area": area, "commune": commune or known[path]}
            bind.execute(sa.text("insert into place (id, path, area, commune) values (:id, :path, :area, :commune)"), row)
        return known[path]

    query = "select id, path from area where id in (select distinct loudspeaker from planned_play) order by path"
    for loudspeaker, path in bind.execute(sa.text(query)).all():
        ids = path.strip("/").split("/")
        around = ids[:-1] or ids
        deep = max((n for n, id_ in enumerate(around, 1) if id_ in communes), default=len(around))
        commune = place(f"/{'/'.join(around[:deep])}/", None)
        own = place(f"/{'/'.join(around)}/", commune)
        bind.execute(
            sa.text("update planned_play set place = :own, commune = :commune where loudspeaker = :loudspeaker"),
            {"own": own, "commune": commune, "loudspeaker": loudspeaker},
        )
    if bind.dialect.name == "postgresql":
        bind.execute(sa.text("select setval(pg_get_serial_sequence('place', 'id'), coalesce(max(id), 1)) from place"))


def _fill_rows() -> None:
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "update planned_play set topic ="
            " coalesce((select topic from bulletin where bulletin.id = planned_play.bulletin), '')"
        )
    )
    languages = {sha: tag for sha, tag in bind.execute(sa.text("select sha256, language from clip"))}
    for (clips,) in bind.execute(sa.text("select distinct clips from planned_play")).all():
        tags = dict.fromkeys(languages.get(sha, _WORDLESS) for sha in msgspec.json.decode(clips))
        said = _spaced([tag for tag in tags if tag != _WORDLESS])
        bind.execute(sa.text("update planned_play set languages = :said where clips = :clips"), {"said": said, "clips": clips})
    counts: dict[tuple[str, str], tuple[bool, int, dict[str, object]]] = {}
    query = "select loudspeaker, occurrence, body from playback order by filed_at, journal, sequence"
    for loudspeaker, occurrence, body in bind.execute(sa.text(query)):
        told = msgspec.json.decode(body)
        rank = (told.get("outcome") not in _SOUNDED, told.get("sequence", 0), told)
        before = counts.get((loudspeaker, occurrence))
        if before is None or rank[:2] < before[:2]:
            counts[loudspeaker, occurrence] = rank
    update = sa.text(
        "update planned_play set reason = :reason, sounded_ms = :ms, missing = :missing"
        " where loudspeaker = :loudspeaker and occurrence = :occurrence"
    )
    for (loudspeaker, occurrence), (_, _, told) in counts.items():
        values = {
            "reason": told.get("reason", "none"),
            "ms": told.get("sounded_ms", 0) or 0,
            "missing": _spaced(list(told.get("missing", ()))),  # type: ignore[call-overload]
        }
        bind.execute(update, {**values, "loudspeaker": loudspeaker, "occurrence": occurrence})


def _spaced(tags: list[str]) -> str:
    return f" {' '.join(tags)} " if tags else ""


def _count() -> None:
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "insert into daily_play (commune, day, broadcast_class, topic, outcome, reason, plays, sounded_ms)"  # noqa: S608
            f" select commune, {_DAY}, broadcast_class, topic, {_STATE}, reason, count(*), sum(sounded_ms)"
            f" from planned_play group by commune, {_DAY}, broadcast_class, topic, {_STATE}, reason"
        )
    )
    counts: dict[tuple[object, ...], list[int]] = {}
    query = f"select commune, {_DAY}, broadcast_class, {_STATE}, languages, missing, count(*) from planned_play"  # noqa: S608
    grouped = f"{query} group by commune, {_DAY}, broadcast_class, {_STATE}, languages, missing"
    for commune, day, klass, state, languages, missing, number in bind.execute(sa.text(grouped)):
        for tag in dict.fromkeys([*languages.split(), *missing.split()]):
            count = counts.setdefault((commune, day, tag, klass, state), [0, 0])
            count[0] += number
            count[1] += number if tag in missing.split() else 0
    insert = sa.text(
        "insert into daily_language (commune, day, language, broadcast_class, outcome, plays, missing)"
        " values (:commune, :day, :tag, :klass, :state, :plays, :missing)"
    )
    for key, (plays, missing) in counts.items():
        names = dict(zip(("commune", "day", "tag", "klass", "state"), key, strict=True))
        bind.execute(insert, {**names, "plays": plays, "missing": missing})


def _protect(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(_SQLITE.format(table, act))
        return
    op.execute(_STAYS.format(table))
    op.execute(_POSTGRES.format(table))


def downgrade() -> None:
    """The way back."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for act in ("update", "delete") if not postgres else ("change",):
        op.execute(f"drop trigger playback_no_{act}{' on playback' if postgres else ''}")
    for table in ("saved_view", "daily_language", "daily_play", "correction", "place"):
        op.drop_table(table)
    if postgres:
        for table in ("playback", "correction"):
            op.execute(f"drop function {table}_stays()")
    for name in ("time", "commune", "bulletin", "loudspeaker"):
        op.drop_index(f"ix_planned_play_{name}", "planned_play")
    op.drop_index("ix_playback_told_of", "playback")
    op.create_index(op.f("ix_playback_occurrence"), "playback", ["occurrence"])
    for name in ("planned", "bulletin", "outcome"):
        op.create_index(op.f(f"ix_planned_play_{name}"), "planned_play", [name])
    for name in ("missing", "sounded_ms", "reason", "languages", "topic", "commune", "place"):
        op.drop_column("planned_play", name)
