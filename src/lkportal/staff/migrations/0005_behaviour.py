"""Steps of tasks that people reach, by consent, and sums of them."""

import sqlalchemy as sa
from alembic import op

revision = "staff_0005"
down_revision = "staff_0004"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_behaviour_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_staff_behaviour_salts")),
    )
    op.create_table(
        "staff_behaviour_facts",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        *_named(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_behaviour_facts")),
        sa.UniqueConstraint(
            "day", "visit", "task", "step", "code", name=op.f("uq_staff_behaviour_facts_day_visit_task_step_code")
        ),
    )
    op.create_table(
        "staff_behaviour_totals",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_named(),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_behaviour_totals")),
        sa.UniqueConstraint(
            "day", "task", "step", "code", "device", name=op.f("uq_staff_behaviour_totals_day_task_step_code_device")
        ),
    )
    op.create_index(op.f("ix_staff_behaviour_totals_task_day"), "staff_behaviour_totals", ["task", "day"])


def _named() -> list[sa.Column[str]]:
    widths = {"task": 60, "step": 40, "code": 40, "device": 10}
    return [sa.Column(name, sa.String(length=width), nullable=False) for name, width in widths.items()]
