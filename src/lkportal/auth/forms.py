"""What people type on the pages of auth."""

from __future__ import annotations

from typing import Annotated, Literal

from lkportal.core.i18n import text
from lkportal.web import Code, Email, FormModel, Label, Login, Password, Phone, ShortText

_LOGIN = Label(text("auth.field.login", "Phone, e-mail or login"))
_PASSWORD = Label(text("auth.field.password", "Password"))
_NEW = Label(text("auth.field.new_password", "New password"))


class SignInForm(FormModel):
    """Login and password; `next` is the page to go on to."""

    login: Annotated[Login, _LOGIN]
    password: Annotated[Password, _PASSWORD]
    next: str = ""


class ProofForm(FormModel):
    """The password again, before something delicate."""

    password: Annotated[Password, _PASSWORD]
    next: str = ""
    purpose: str = ""


class SecondForm(FormModel):
    """A code of the app or a recovery code; `kind` is the form it was typed into."""

    code: Annotated[ShortText, Label(text("auth.field.second_code", "Code"))]
    kind: Literal["totp", "recovery"] = "totp"
    next: str = ""
    purpose: str = ""


class AppForm(FormModel):
    """The first code of a new authenticator app, and the seed that was shown, sealed."""

    code: Annotated[Code, Label(text("auth.field.second_code", "Code"))]
    seed: str


class AsksForm(FormModel):
    """For what a second factor is asked."""

    asks: tuple[Literal["entry", "payment", "signature", "contacts"], ...] = ()


class RegisterForm(FormModel):
    """Who asks for access."""

    name: Annotated[ShortText, Label(text("auth.field.name", "Your name"))]
    email: Annotated[Email, Label(text("auth.field.email", "E-mail"))]


class RecoverForm(FormModel):
    """Whose password is forgotten."""

    login: Annotated[Login, _LOGIN]


class NewPasswordForm(FormModel):
    """A password chosen behind a link from a letter."""

    password: Annotated[Password, _NEW]


class ChangePasswordForm(FormModel):
    """The password as it is and as it shall be."""

    current: Annotated[Password, Label(text("auth.field.current", "Password now"))]
    password: Annotated[Password, _NEW]


class CodeRequestForm(FormModel):
    """Who wants a code instead of typing a password; `next` is the page to go on to."""

    login: Annotated[Login, _LOGIN]
    next: str = ""


class CodeForm(FormModel):
    """The code from a letter or a text message."""

    code: Annotated[Code, Label(text("auth.field.code", "Code"))]


class SendAgainForm(FormModel):
    """By which way the code shall come once more."""

    by: Literal["email", "sms"] = "email"


class NothingForm(FormModel):
    """A press of a button: nothing is typed."""


class NewEmailForm(FormModel):
    """Another mailbox."""

    email: Annotated[Email, Label(text("auth.field.new_email", "New e-mail"))]


class NewPhoneForm(FormModel):
    """Another phone."""

    phone: Annotated[Phone, Label(text("auth.field.new_phone", "New phone"))]


class LoginForm(FormModel):
    """Another login."""

    login: Annotated[Login, Label(text("auth.field.own_login", "Login"))]


class PasskeyProofForm(FormModel):
    """What a browser answered when it was asked for a passkey."""

    credential: str = ""
    next: str = ""
    purpose: str = ""


class PasskeyForm(FormModel):
    """A new passkey as the browser made it, and what its owner calls it."""

    name: Annotated[ShortText, Label(text("auth.field.passkey_name", "Name of the passkey"))]
    credential: str = ""


class PasskeyNameForm(FormModel):
    """What a passkey is called."""

    name: Annotated[ShortText, Label(text("auth.field.passkey_name", "Name of the passkey"))]
