"""The open API as modules see it: calls, scopes, parts of lists. How a call is answered stands in the room api."""

from lkportal.core.rest.declaring import (
    MOST_ITEMS,
    PUBLIC_ID,
    USUAL_ITEMS,
    ApiDay,
    ApiFile,
    ApiModel,
    ApiMoney,
    ApiRoute,
    ApiScope,
    ListPage,
    Nothing,
)

__all__ = [
    "MOST_ITEMS",
    "PUBLIC_ID",
    "USUAL_ITEMS",
    "ApiDay",
    "ApiFile",
    "ApiModel",
    "ApiMoney",
    "ApiRoute",
    "ApiScope",
    "ListPage",
    "Nothing",
]
