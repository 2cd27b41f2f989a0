"""The API: tokens, the open REST API whose calls modules declare, and the bulk feed, whose kinds they declare as import kinds."""

from lkportal.api.settings import ApiSettings
from lkportal.core.i18n import text
from lkportal.core.module import Action, Module, PersonalTable
from lkportal.core.policy import Permission
from lkportal.core.version import __version__

_OF_STAFF = tuple(
    PersonalTable(
        "api_tokens",
        path,
        by="label",
        export=("name", "created_at", "revoked_at"),
        retain="5 years",
        at_end="keep",
        title=title,
        because=text("api.personal.because", "Shows who let a system in."),
    )
    for path, title in (
        ("created_by", text("api.personal.created", "Tokens you gave to systems")),
        ("revoked_by", text("api.personal.revoked", "Tokens of systems you revoked")),
    )
)
module = Module(
    name="api",
    title=text("api.title", "Exchange with systems"),
    version=__version__,
    package="lkportal.api",
    models="lkportal.api.models",
    hooks="lkportal.api.hooks",
    settings=ApiSettings,
    requires=("accounts",),
    always_on=True,
    mount="",
    permissions=(
        Permission(
            "api.tokens", text("api.right.tokens", "Give tokens to systems and revoke them"), staff=("administrator",)
        ),
        Permission(
            "api.webhooks",
            text("api.right.webhooks", "Say which systems are told of events"),
            staff=("administrator",),
        ),
        Permission(
            "api.runs",
            text("api.right.runs", "See what files and systems brought, with the rejected rows"),
            staff=("accountant", "administrator"),
        ),
    ),
    actions=(
        Action("api.token_added", text("api.action.token_added", "A token given to a system")),
        Action("api.rejects_read", text("api.action.rejects_read", "Rejected rows of an import read")),
        Action("api.key_made", text("api.action.key_made", "Access given to a program")),
        Action("api.key_revoked", text("api.action.key_revoked", "Access of a program taken back")),
        Action("api.webhook_added", text("api.action.webhook_added", "A webhook added")),
        Action("api.webhook_on", text("api.action.webhook_on", "A webhook switched on")),
        Action("api.webhook_off", text("api.action.webhook_off", "A webhook switched off")),
        Action("api.webhook_replayed", text("api.action.webhook_replayed", "Events sent to a webhook again")),
        Action("api.token_revoked", text("api.action.token_revoked", "A token of a system revoked")),
    ),
    impersonal=("api_tokens.name", "api_feed_runs", "api_deliveries"),
    personal=(
        PersonalTable(
            "api_tokens",
            "identity_id",
            export=("name", "created_at", "expires_at", "used_at", "revoked_at"),
            title=text("api.personal.own", "Tokens of your programs"),
        ),
        PersonalTable(
            "api_answers",
            "caller",
            by="label",
            export=("created_at", "body"),
            labels=(("body", text("api.column.body", "Answer")),),
            title=text("api.personal.answers", "Answers to calls of your programs"),
        ),
        PersonalTable(
            "api_webhooks",
            "created_by",
            by="label",
            export=("url", "created_at"),
            retain="5 years after created_at",
            at_end="keep",
            title=text("api.personal.webhooks", "Webhooks you added"),
            because=text("api.personal.because", "Shows who let a system in."),
        ),
        *_OF_STAFF,
    ),
)
