"""looks at customers are found by whom they were at"""

import sqlalchemy as sa
from alembic import op

revision = "audit_0002"
down_revision = "audit_0001"

_AS = sa.text("on_behalf_of IS NOT NULL")
_LOOKS = sa.text("action IN ('staff.view_begun', 'privacy.consents_seen')")


def upgrade() -> None:
    with op.batch_alter_table("audit_records", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_records_on_behalf_of",
            ["on_behalf_of", "id"],
            unique=False,
            sqlite_where=_AS,
            postgresql_where=_AS,
        )
        batch_op.create_index(
            "ix_audit_records_looks", ["target", "id"], unique=False, sqlite_where=_LOOKS, postgresql_where=_LOOKS
        )
