"""What every module keeps: texts in both languages, pages of the kit, migrations, few statements, and that nobody sees what is others'."""

from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.testing.checklist import ModuleChecklist
from lkportal.testing.town import Town
from lkportal_things import module, service


class TestChecklist(ModuleChecklist):
    module = module

    def plant(self, town: Town, account: AccountRef) -> None:
        with town.world.unit() as db:
            service.add(db, account, "planted entry", "planted remark", token=public_id())
