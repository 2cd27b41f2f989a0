"""Forgery: what a browser says of the sender and what the form carries must both hold, in every combination."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import httpx2
import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone, signed_in
from lkportal.web import Edge, FormModel, Request, empty_form, page, route
from tests.web.house import HTTPS, build, client, demo

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class AmountForm(FormModel):
    amount: str


def shown(request: Request) -> Response:
    return page(request, "demo/page.html", said="form", form=empty_form(AmountForm))


def done(request: Request) -> Response:
    return PlainTextResponse("done " + ",".join(f"{name}={value}" for name, value in request.form_data.multi_items()))


@pytest.fixture
def edge(database: Database) -> Edge:
    return build(
        database,
        demo(
            route("/form", shown, name="form", policy=anyone()),
            route("/form", done, name="send", policy=anyone(), methods=("POST",), body=200_000),
            route("/mine", done, name="mine", policy=signed_in(), methods=("POST", "PUT", "PATCH", "DELETE")),
            route("/notice", done, name="notice", policy=anyone(), methods=("POST",), csrf=False, kind="api"),
        ),
    )


def token(answer: httpx2.Response) -> str:
    match = TOKEN.search(answer.text)
    assert match is not None
    return match[1]


SENDERS = {
    "this page": ({"sec-fetch-site": "same-origin", "origin": HTTPS}, True),
    "typed or reloaded": ({"sec-fetch-site": "none"}, True),
    "a sibling subdomain": ({"sec-fetch-site": "same-site", "origin": "https://evil.example.org"}, False),
    "another site": ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, False),
    "another site that lies in Origin": ({"sec-fetch-site": "cross-site", "origin": HTTPS}, False),
    "a word nobody knows": ({"sec-fetch-site": "friendly"}, False),
    "old browser, this page": ({"origin": HTTPS}, True),
    "old browser, another site": ({"origin": "https://evil.example"}, False),
    "old browser, a hidden origin": ({"origin": "null"}, False),
    "old browser, the same host by http": ({"origin": "http://lk.example.org"}, False),
    "old browser, another port": ({"origin": "https://lk.example.org:8443"}, False),
    "old browser, our name in front": ({"origin": "https://lk.example.org.evil.example"}, False),
    "a program that says nothing": ({}, True),
}


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("proof", ["ours", "none", "broken", "of another browser"])
@pytest.mark.parametrize("who", ["", "anna"])
def test_only_our_sender_with_our_token_is_believed(edge: Edge, sender: str, proof: str, who: str) -> None:
    headers, is_ours = SENDERS[sender]
    visitor = client(edge, who)
    own = token(visitor.get("/demo/form"))
    sent = {
        "ours": own,
        "none": "",
        "broken": own[:-8] + "AAAAAAA=",
        "of another browser": token(client(edge).get("/demo/form")),
    }
    answer = visitor.post("/demo/form", data={"amount": "5", "csrf_token": sent[proof]}, headers=headers)

    believed = is_ours and proof == "ours"
    assert (answer.status_code, "done" in answer.text) == ((200, True) if believed else (403, False))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_unsafe_method_is_checked(edge: Edge, method: str) -> None:
    visitor = client(edge, "anna")
    good = token(visitor.get("/demo/form"))

    assert visitor.request(method, "/demo/mine", headers={"sec-fetch-site": "same-origin"}).status_code == 403
    headers = {"sec-fetch-site": "same-origin", "x-csrf-token": good}
    assert visitor.request(method, "/demo/mine", headers=headers).status_code == 200


def test_the_token_differs_in_every_answer_and_proves_the_same(edge: Edge) -> None:
    visitor = client(edge, "anna")
    tokens = [token(visitor.get("/demo/form")) for _ in range(20)]

    assert len(set(tokens)) == 20
    for each in tokens:
        assert visitor.post("/demo/form", data={"csrf_token": each}).status_code == 200
    columns = zip(*(urlsafe_b64decode(each) for each in tokens), strict=True)
    assert all(len(set(column)) > 1 for column in columns)


def test_a_token_dies_with_its_session(edge: Edge) -> None:
    before = token(client(edge, "anna-one").get("/demo/form"))

    answer = client(edge, "anna-two").post("/demo/mine", data={"csrf_token": before}, headers={"origin": HTTPS})
    assert answer.status_code == 403


def test_a_token_from_before_signing_in_is_not_one_of_a_session(edge: Edge) -> None:
    stranger = client(edge)
    before = token(stranger.get("/demo/form"))
    stranger.cookies.set("__Host-lk_session", "anna", domain="lk.example.org")

    assert stranger.post("/demo/mine", data={"csrf_token": before}).status_code == 403


def test_a_planted_browser_cookie_is_not_accepted(edge: Edge) -> None:
    planted = client(edge)
    planted.cookies.set("__Host-lk_browser", "attacker", domain="lk.example.org")
    answer = planted.get("/demo/form")

    assert "lk_browser" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "bad", ["x", "é" * 40, "A" * 86 + "==", urlsafe_b64encode(bytes(64)).decode(), "=" * 90, "A" * 5000]
)
def test_nonsense_is_a_stale_token_not_an_error(edge: Edge, bad: str) -> None:
    visitor = client(edge, "anna")
    assert visitor.post("/demo/form", data={"csrf_token": bad}, headers={"origin": HTTPS}).status_code == 403


def test_a_stale_form_comes_back_with_what_was_typed_but_no_secret(edge: Edge) -> None:
    visitor = client(edge, "anna")
    typed = {
        "amount": '1 482,60"><b>',
        "comment": "строка\nдругая",
        "password": "hunter2",
        "new_password": "kept-apart",
        "sms_code": "5555",
    }
    page_again = visitor.post("/demo/form?tab=2", data={"csrf_token": "old", **typed}, headers={"origin": HTTPS})

    assert page_again.status_code == 403
    assert "1 482,60&#34;&gt;&lt;b&gt;" in page_again.text
    assert "другая" in page_again.text
    assert not any(secret in page_again.text for secret in ("hunter2", "kept-apart", "5555"))
    assert 'action="/demo/form?tab=2"' in page_again.text
    assert "Отправьте ещё раз" in page_again.text

    data = {"csrf_token": token(page_again), "amount": typed["amount"]}
    assert visitor.post("/demo/form?tab=2", data=data, headers={"origin": HTTPS}).status_code == 200


def test_what_another_site_sent_offers_nothing_to_press(edge: Edge) -> None:
    answer = client(edge, "anna").post(
        "/demo/form",
        data={"amount": "999777"},
        headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    )

    assert answer.status_code == 403
    assert "999777" not in answer.text
    assert 'action="/demo/form' not in answer.text


def test_a_route_with_its_own_proof_is_let_through(edge: Edge) -> None:
    assert client(edge).post("/demo/notice", json={"a": 1}, headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_a_page_without_a_form_sets_no_cookie(database: Database) -> None:
    edge = build(database, demo(route("/plain", lambda _r: PlainTextResponse("hi"), name="plain", policy=anyone())))

    assert "set-cookie" not in client(edge).get("/demo/plain").headers


def test_the_token_is_valid_across_the_fragment_and_the_page_of_one_answer(edge: Edge) -> None:
    found = TOKEN.findall(client(edge, "anna").get("/demo/form").text)

    assert len(found) > 1
    assert len(set(found)) == 1
