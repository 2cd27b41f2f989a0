"""Privacy: what people agreed to, their data handed out or erased, rows let go in time, who of the company looked."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Module, Topic
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.privacy.personal import IMPERSONAL, PERSONAL
from lkportal.privacy.settings import PrivacySettings

module = Module(
    name="privacy",
    title=text("privacy.title", "Personal data"),
    version=__version__,
    package="lkportal.privacy",
    models="lkportal.privacy.models",
    hooks="lkportal.privacy.hooks",
    requires=("accounts", "notify"),
    settings=PrivacySettings,
    always_on=True,
    permissions=(
        Permission(
            "privacy.requests",
            text("privacy.right.requests", "See consents and wishes about personal data"),
            staff=("operator", "administrator", "auditor"),
        ),
        Permission(
            "privacy.map",
            text("privacy.right.map", "See what is held of people and for how long"),
            staff=("administrator", "auditor"),
        ),
    ),
    topics=(
        Topic(
            "privacy.data",
            text("privacy.topic.data", "Your personal data"),
            hint=text("privacy.topic.data_hint", "A copy is ready, or your data will be erased"),
            obligatory=text(
                "privacy.topic.data_must", "It is about your own wish: you would not know that it is carried out."
            ),
            urgent=True,
            order=210,
        ),
    ),
    actions=(
        Action("privacy.consent_decided", text("privacy.act.decided", "A consent given, refused or withdrawn")),
        Action("privacy.export_asked", text("privacy.act.export_asked", "A copy of personal data asked for")),
        Action("privacy.export_made", text("privacy.act.export_made", "A copy of personal data made")),
        Action("privacy.export_taken", text("privacy.act.export_taken", "A copy of personal data downloaded")),
        Action("privacy.erasure_asked", text("privacy.act.erasure_asked", "Erasure asked for")),
        Action("privacy.erasure_cancelled", text("privacy.act.erasure_cancelled", "Erasure taken back")),
        Action("privacy.erasure_begun", text("privacy.act.erasure_begun", "Erasure begun")),
        Action("privacy.erased", text("privacy.act.erased", "Personal data erased")),
        Action("privacy.consents_seen", text("privacy.act.consents_seen", "Consents of a customer looked at")),
    ),
    personal=PERSONAL,
    impersonal=IMPERSONAL,
    append_only=("privacy_texts", "privacy_decisions"),
)
