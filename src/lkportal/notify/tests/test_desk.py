"""Staff see what became of a message, and send again what was not delivered."""

from __future__ import annotations

import re

from lkportal.notify.tests.test_choices import states, tell, token
from lkportal.notify.tests.town import Town

_ORIGIN = {"origin": "http://lk.example.org"}


def test_a_letter_that_was_refused_is_seen_on_the_card_and_sent_again(village: Town) -> None:
    village.person("anna@example.org", village.account)
    village.office.answers = [("RCPT", "550 no such user")]
    tell(village, "one", "news")
    village.work()
    operator = village.client(village.world.staff("operator@example.org", "operator"), "en")
    card = f"/staff/accounts/{village.account.public_id}"
    page = operator.get(card).text
    assert "there is no such mailbox" in page
    (again,) = re.findall(r'action="(/staff/[^"]+/again)"', page)
    sent = {"csrf_token": token(page)}
    assert operator.post(again, data=sent, headers=_ORIGIN).status_code == 303
    village.work()
    assert states(village) == [("email", "sent", "")]
    assert "Accepted" in operator.get(card).text
    assert operator.post(again, data=sent, headers=_ORIGIN).status_code == 409
    assert len(village.office.letters) == 1
