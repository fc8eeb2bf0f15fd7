"""How loudspeakers become this server's: claim codes, wrong tries, certificates.

Nobody imports this module; Alembic runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """The way there."""
    op.create_table(
        "claim",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["loudspeaker.id"], name=op.f("fk_claim_device_loudspeaker")),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_claim")),
        sa.UniqueConstraint("hash", name=op.f("uq_claim_hash")),
    )
    op.create_table(
        "wrong_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_claim")),
    )
    op.create_index(op.f("ix_wrong_claim_address"), "wrong_claim", ["address"])
    op.create_index(op.f("ix_wrong_claim_at"), "wrong_claim", ["at"])
    op.create_table(
        "certificate",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_device"), "certificate", ["device"])
    op.create_index(op.f("ix_certificate_name"), "certificate", ["name"])


def downgrade() -> None:
    """The way back."""
    op.drop_table("certificate")
    op.drop_table("wrong_claim")
    op.drop_table("claim")
