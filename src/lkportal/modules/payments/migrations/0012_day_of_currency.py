"""A day of the cash desk counts one currency: what came in another was added to it."""

from alembic import op

revision = "payments_0012"
down_revision = "payments_0011"


def upgrade() -> None:
    with op.batch_alter_table("payments_cash_days") as batch:
        batch.drop_constraint(op.f("uq_payments_cash_days_day"), type_="unique")
        batch.create_unique_constraint(op.f("uq_payments_cash_days_day_currency"), ["day", "currency"])
