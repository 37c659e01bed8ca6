"""Let a card stand in shadow

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shadow_application",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("hash", sa.String(), nullable=True),
        sa.Column("applied_at", columns.UtcDateTime(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["playbook_version.hash"]),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("shadow_application")
