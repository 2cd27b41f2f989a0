"""What every module keeps: texts in both languages, pages of the kit, migrations, few statements, and that nobody sees what is others'."""

from lkportal_insurance import module, service
from lkportal_insurance.models import Policy, Premium
from lkportal_insurance.seed import seed
from sqlalchemy import select

from lkportal.core.policy import AccountRef
from lkportal.testing.checklist import ModuleChecklist
from lkportal.testing.town import Town


class TestChecklist(ModuleChecklist):
    module = module
    enabled = ("payments", "documents", "tickets")

    def plant(self, town: Town, account: AccountRef) -> None:
        with town.world.unit() as db:
            seed(db, [account])
            planned = select(Premium, Policy.number).join(Policy).where(Premium.account_id == account.id)
            premium, number = db.execute(planned.order_by(Premium.due_on)).first() or (None, "")
            assert service.ask(db, account, premium, number)
