"""Lay the ground

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("seniority", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employees", columns.Key, nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("more", columns.Document, nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("updated_at", columns.UtcDateTime(), nullable=False),
        sa.Column("facts_seq", columns.Key, nullable=False),
        sa.Column("erased_at", columns.UtcDateTime(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_at", columns.UtcDateTime(), nullable=False),
        sa.Column("is_on_hold", sa.Boolean(), nullable=False),
        sa.Column("segmented_revision", columns.Key, nullable=False),
        sa.Column("segmented_version", sa.String(), nullable=False),
        sa.Column("segment_review_at", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address_key"),
        sa.UniqueConstraint("external_id"),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index("ix_lead_segment_review_at", ["segment_review_at"], unique=False)

    op.create_table(
        "parked_event",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_ref", sa.String(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("properties", columns.Document, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "source_id"),
    )
    with op.batch_alter_table("parked_event", schema=None) as batch_op:
        batch_op.create_index("ix_parked_event_lead_ref", ["lead_ref"], unique=False)

    op.create_table(
        "playbook_version",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("files", columns.Document, nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "suppression",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("address_hash_lower", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address_hash", "scope", "reason"),
    )
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suppression_address_hash"), ["address_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_suppression_address_hash_lower"), ["address_hash_lower"], unique=False)

    op.create_table(
        "sweep_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sweep", sa.String(), nullable=False),
        sa.Column("now", columns.UtcDateTime(), nullable=False),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.Column("counts", columns.Document, nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sweep_run", schema=None) as batch_op:
        batch_op.create_index("ix_sweep_run_sweep_started_at", ["sweep", "started_at"], unique=False)

    op.create_table(
        "attribute_change",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attribute_change", schema=None) as batch_op:
        batch_op.create_index("ix_attribute_change_lead_id_at", ["lead_id", "at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("subject_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_lead_id_purpose", ["lead_id", "purpose", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_subject_hash"), ["subject_hash"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("entered_at", columns.UtcDateTime(), nullable=False),
        sa.Column("entered_because", sa.String(), nullable=False),
        sa.Column("exhausted_at", columns.UtcDateTime(), nullable=True),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_lead_id", ["lead_id"], unique=False)
        batch_op.create_index(
            "uq_enrolment_open", ["lead_id", "group"], unique=True, sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )

    op.create_table(
        "event",
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("asset", sa.String(), nullable=True),
        sa.Column("touch", sa.String(), nullable=True),
        sa.Column("seconds", columns.Key, nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("more", columns.Document, nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("lead_id", "at", "id"),
        sa.UniqueConstraint("source", "source_id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_message_id",
            ["message_id"],
            unique=False,
            sqlite_where=sa.text("message_id IS NOT NULL"),
            postgresql_where=sa.text("message_id IS NOT NULL"),
        )

    op.create_table(
        "handoff",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rep", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("meeting_because", sa.String(), nullable=False),
        sa.Column("total", columns.Key, nullable=False),
        sa.Column("fit", columns.Key, nullable=False),
        sa.Column("engagement", columns.Key, nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("opened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("offered_at", columns.UtcDateTime(), nullable=True),
        sa.Column("accept_by", columns.UtcDateTime(), nullable=True),
        sa.Column("closed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index("ix_handoff_lead_id", ["lead_id"], unique=False)
        batch_op.create_index(
            "uq_handoff_open", ["lead_id"], unique=True, sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )

    op.create_table(
        "playbook_application",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("applied_at", columns.UtcDateTime(), nullable=False),
        sa.Column("applied_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hash"],
            ["playbook_version.hash"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "score",
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("fit", columns.Key, nullable=False),
        sa.Column("engagement", columns.Key, nullable=False),
        sa.Column("total", columns.Key, nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=True),
        sa.Column("excluded", sa.String(), nullable=True),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("as_of", columns.UtcDateTime(), nullable=False),
        sa.Column("next_review_at", columns.UtcDateTime(), nullable=True),
        sa.Column("scored_seq", columns.Key, nullable=False),
        sa.Column("revision", columns.Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("lead_id", "role"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index("ix_score_next_review_at", ["next_review_at"], unique=False)
        batch_op.create_index("ix_score_total", ["role", "total"], unique=False)

    op.create_table(
        "score_change",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("total", columns.Key, nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("score_change", schema=None) as batch_op:
        batch_op.create_index("ix_score_change_lead_id_at", ["lead_id", "at"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", columns.Key, nullable=False),
        sa.Column("handoff_id", columns.Key, nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", columns.UtcDateTime(), nullable=False),
        sa.Column("ends_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lead_zone", sa.String(), nullable=False),
        sa.Column("rep_zone", sa.String(), nullable=False),
        sa.Column("stamped_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"],
            ["handoff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_handoff_id", ["handoff_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lead_id", columns.Key, nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("recipient_key", sa.String(), nullable=False),
        sa.Column("enrolment_id", columns.Key, nullable=True),
        sa.Column("handoff_id", columns.Key, nullable=True),
        sa.Column("meeting_id", columns.Key, nullable=True),
        sa.Column("touch", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("local_at", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("zone_source", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("zone_database", sa.String(), nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("lease_until", columns.UtcDateTime(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("mail_at", columns.UtcDateTime(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_sha256", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("locale_because", sa.String(), nullable=True),
        sa.Column("last_code", sa.Integer(), nullable=True),
        sa.Column("last_text", sa.String(), nullable=True),
        sa.Column("planned_at", columns.UtcDateTime(), nullable=False),
        sa.Column("accepted_at", columns.UtcDateTime(), nullable=True),
        sa.Column("in_doubt_at", columns.UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolved_how", sa.String(), nullable=True),
        sa.Column("consent_id", columns.Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["consent.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"],
            ["handoff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("mail_id"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_enrolment_id", ["enrolment_id"], unique=False)
        batch_op.create_index("ix_message_lead_id", ["lead_id"], unique=False)
        batch_op.create_index("ix_message_recipient_accepted", ["recipient_key", "accepted_at"], unique=False)
        batch_op.create_index("ix_message_state_due_at", ["state", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_state_due_at")
        batch_op.drop_index("ix_message_recipient_accepted")
        batch_op.drop_index("ix_message_lead_id")
        batch_op.drop_index("ix_message_enrolment_id")

    op.drop_table("message")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_handoff_id")

    op.drop_table("meeting")
    with op.batch_alter_table("score_change", schema=None) as batch_op:
        batch_op.drop_index("ix_score_change_lead_id_at")

    op.drop_table("score_change")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index("ix_score_total")
        batch_op.drop_index("ix_score_next_review_at")

    op.drop_table("score")
    op.drop_table("playbook_application")
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.drop_index("uq_handoff_open", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))
        batch_op.drop_index("ix_handoff_lead_id")

    op.drop_table("handoff")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_message_id", sqlite_where=sa.text("message_id IS NOT NULL"), postgresql_where=sa.text("message_id IS NOT NULL"))

    op.drop_table("event")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index("uq_enrolment_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
        batch_op.drop_index("ix_enrolment_lead_id")

    op.drop_table("enrolment")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_subject_hash"))
        batch_op.drop_index("ix_consent_lead_id_purpose")

    op.drop_table("consent")
    with op.batch_alter_table("attribute_change", schema=None) as batch_op:
        batch_op.drop_index("ix_attribute_change_lead_id_at")

    op.drop_table("attribute_change")
    with op.batch_alter_table("sweep_run", schema=None) as batch_op:
        batch_op.drop_index("ix_sweep_run_sweep_started_at")

    op.drop_table("sweep_run")
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suppression_address_hash_lower"))
        batch_op.drop_index(batch_op.f("ix_suppression_address_hash"))

    op.drop_table("suppression")
    op.drop_table("playbook_version")
    with op.batch_alter_table("parked_event", schema=None) as batch_op:
        batch_op.drop_index("ix_parked_event_lead_ref")

    op.drop_table("parked_event")
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_segment_review_at")

    op.drop_table("lead")
