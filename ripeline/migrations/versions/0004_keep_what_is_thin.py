"""Keep which rules are thin

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("leads", columns.Key, nullable=False),
        sa.Column("thin", columns.Document, nullable=False),
        sa.Column("left_out", columns.Document, nullable=False),
        sa.PrimaryKeyConstraint("version", "at"),
    )


def downgrade() -> None:
    op.drop_table("coverage")
