"""Tell rescore who has news, so that it looks through nobody else

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("first", columns.Key, nullable=False),
        sa.Column("last", columns.Key, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    everybody = "SELECT min(id) AS least, max(id) AS most FROM lead"
    op.execute(f"INSERT INTO news (first, last) SELECT least, most FROM ({everybody}) AS everybody WHERE least IS NOT NULL")  # any of them may have some
    op.create_index("ix_score_version", "score", ["role", "version"])
    is_profiling = sa.text("purpose = 'profiling'")
    op.create_index("ix_consent_profiling", "consent", ["lead_id"], postgresql_where=is_profiling, sqlite_where=is_profiling)


def downgrade() -> None:
    op.drop_index("ix_consent_profiling", "consent")
    op.drop_index("ix_score_version", "score")
    op.drop_table("news")
