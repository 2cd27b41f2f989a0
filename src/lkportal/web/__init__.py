"""The HTTP edge everyone shares: middleware, the route wrapper, forms, pages. Modules import these names from here."""

from lkportal.web.cookies import Cookie, forget, session_cookie
from lkportal.web.edge import Edge
from lkportal.web.forms.fields import (
    Amount,
    Checkbox,
    Code,
    Day,
    Email,
    Label,
    Login,
    LongText,
    Password,
    Phone,
    PositiveAmount,
    PublicId,
    ShortText,
    VolumeField,
    misfit,
)
from lkportal.web.forms.multipart import Upload
from lkportal.web.forms.reading import WHOLE, Form, FormModel, empty_form, read_fields, read_form, read_query
from lkportal.web.page.answers import fragment, page, redirect, redirect_to
from lkportal.web.page.papers import attachment, paper
from lkportal.web.portal import Portal, Site
from lkportal.web.request import Request, public_url, unit_of_work
from lkportal.web.routing import RouteGroup, RouteTable, route
from lkportal.web.trust.approving import Change, Proposal
from lkportal.web.trust.destinations import safe_destination
from lkportal.web.trust.guard import Grant, Guard

__all__ = [
    "WHOLE",
    "Amount",
    "Change",
    "Checkbox",
    "Code",
    "Cookie",
    "Day",
    "Edge",
    "Email",
    "Form",
    "FormModel",
    "Grant",
    "Guard",
    "Label",
    "Login",
    "LongText",
    "Password",
    "Phone",
    "Portal",
    "PositiveAmount",
    "Proposal",
    "PublicId",
    "Request",
    "RouteGroup",
    "RouteTable",
    "ShortText",
    "Site",
    "Upload",
    "VolumeField",
    "attachment",
    "empty_form",
    "forget",
    "fragment",
    "misfit",
    "page",
    "paper",
    "public_url",
    "read_fields",
    "read_form",
    "read_query",
    "redirect",
    "redirect_to",
    "route",
    "safe_destination",
    "session_cookie",
    "unit_of_work",
]
