"""The phrase bank: editions of templates, presenters with their consent, takes, and who says what in a sound. And which
variants may sound no more, because a presenter has withdrawn.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0013"


def upgrade() -> None:
    """The way there."""
    _editions()
    _presenters()
    _takes_and_manifests()
    op.add_column("variant", sa.Column("revoked", sa.Boolean(), nullable=False, server_default=sa.false()))


def _editions() -> None:
    op.create_table(
        "phrase_edition",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translator", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["language"], ["language.tag"], name=op.f("fk_phrase_edition_language_language")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_phrase_edition_staff_staff")),
        sa.PrimaryKeyConstraint("language", "template", "number", name=op.f("pk_phrase_edition")),
    )


def _presenters() -> None:
    op.create_table(
        "presenter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("consent_on", sa.String(), nullable=False),
        sa.Column("consent_scope", sa.Text(), nullable=False),
        sa.Column("consent_note", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.Column("withdrawn_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_presenter_area_area")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_presenter_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presenter")),
    )
    op.create_index(op.f("ix_presenter_area"), "presenter", ["area"])


def _takes_and_manifests() -> None:
    op.create_table(
        "phrase_take",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("presenter", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["language"], ["language.tag"], name=op.f("fk_phrase_take_language_language")),
        sa.ForeignKeyConstraint(["presenter"], ["presenter.id"], name=op.f("fk_phrase_take_presenter_presenter")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_phrase_take_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase_take")),
    )
    for column in ("language", "presenter", "unit"):
        op.create_index(op.f(f"ix_phrase_take_{column}"), "phrase_take", [column])
    op.create_table(
        "phrase_manifest",
        sa.Column("clip", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("take", sa.String(), nullable=False),
        sa.Column("presenter", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["presenter"], ["presenter.id"], name=op.f("fk_phrase_manifest_presenter_presenter")),
        sa.ForeignKeyConstraint(["take"], ["phrase_take.id"], name=op.f("fk_phrase_manifest_take_phrase_take")),
        sa.PrimaryKeyConstraint("clip", "position", name=op.f("pk_phrase_manifest")),
    )
    op.create_index(op.f("ix_phrase_manifest_presenter"), "phrase_manifest", ["presenter"])


def downgrade() -> None:
    """The way back."""
    op.drop_column("variant", "revoked")
    for table in ("phrase_manifest", "phrase_take", "presenter", "phrase_edition"):
        op.drop_table(table)
