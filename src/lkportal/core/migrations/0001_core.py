"""The tables of the core: outbox and deliveries, jobs, schedules, workers, counters, imports, state."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "core_0001"
down_revision = None


def upgrade() -> None:
    _outbox()
    _deliveries()
    _jobs()
    _job_indexes()
    _imports()
    _rejects()
    _small()


def _outbox() -> None:
    op.create_table(
        "core_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=60), nullable=True),
        sa.Column("account", sa.String(length=32), nullable=True),
        sa.Column("organisation", sa.String(length=32), nullable=True),
        sa.Column("brand", sa.String(length=60), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("body", JSONText(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("relayed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_core_outbox_event_id")),
        sa.UniqueConstraint("number", name=op.f("uq_core_outbox_number")),
    )
    with op.batch_alter_table("core_outbox", schema=None) as batch_op:
        batch_op.create_index("ix_core_outbox_relayed_at", ["relayed_at"], unique=False)
        batch_op.create_index(
            "ix_core_outbox_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        )


def _deliveries() -> None:
    op.create_table(
        "core_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("handler", sa.String(length=120), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_deliveries")),
        sa.UniqueConstraint("event_id", "handler", name=op.f("uq_core_deliveries_event_id_handler")),
    )
    with op.batch_alter_table("core_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_core_deliveries_done_at", ["done_at"], unique=False)


def _jobs() -> None:
    op.create_table(
        "core_jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("args", JSONText(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("dedup", sa.String(length=250), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("error_class", sa.String(length=120), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_jobs")),
    )


def _job_indexes() -> None:
    with op.batch_alter_table("core_jobs", schema=None) as batch_op:
        batch_op.create_index(
            "ix_core_jobs_due",
            ["run_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("ix_core_jobs_event_id", ["event_id"], unique=False)
        batch_op.create_index("ix_core_jobs_finished_at", ["finished_at"], unique=False)
        batch_op.create_index(
            "ix_core_jobs_leases",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('handed', 'running')"),
            postgresql_where=sa.text("state IN ('handed', 'running')"),
        )
        batch_op.create_index(
            "uq_core_jobs_dedup",
            ["dedup"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'handed', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'handed', 'running')"),
        )


def _imports() -> None:
    op.create_table(
        "core_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("layout", JSONText(), nullable=False),
        sa.Column("parameters", JSONText(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("counts", JSONText(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_imports")),
        sa.UniqueConstraint("fingerprint", "run", name=op.f("uq_core_imports_fingerprint_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_imports_public_id")),
    )


def _rejects() -> None:
    op.create_table(
        "core_import_rejects",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("column_name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["core_imports.id"], name=op.f("fk_core_import_rejects_import_id")),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_core_import_rejects")),
    )


def _small() -> None:
    op.create_table(
        "core_counters",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_counters")),
    )
    op.create_table(
        "core_schedules",
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("last_tick", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_schedules")),
    )
    op.create_table(
        "core_workers",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_workers")),
    )
    op.create_table(
        "core_state",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", JSONText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_state")),
    )
