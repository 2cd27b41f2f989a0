"""docs/deploy/proxy.md: its nginx and its Caddy are started as they stand there, before a portal whose second process is down."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from lkportal.app import Portal
from lkportal.core.module import Module
from tests.docs import proxied
from tools import snippets
from tools.tree import ROOT

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
PAGE = ROOT / "docs/deploy/proxy.md"
HOST = "lk.example.org"


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    return (proxied.module,)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {
        "portal": {"public_url": f"https://{HOST}"},
        "web": {"trusted_proxies": ["127.0.0.1/32"]},
        "modules": {"enabled": ["arrivals"]},
    }


@pytest.fixture
def behind(portal: Portal) -> Iterator[int]:
    """The portal's edge on a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(portal.edge, log_config=None, lifespan="off", proxy_headers=False, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    portal.edge.streams.close()
    server.should_exit = True
    thread.join(10)
    listener.close()


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def program(name: str) -> str:
    """The program, of the system or as tools/proxies.sh fetched it."""
    places = [ROOT / "build/proxies/usr/sbin" / name, ROOT / "build/proxies/usr/bin" / name]
    found = shutil.which(name) or next((str(place) for place in places if place.exists()), "")
    assert found, "run `make gates`"
    return found


def configuration(language: str, ports: Mapping[str, int]) -> str:
    """The block of the page, with ports of this machine for those of the page."""
    text = next(block.text for block in snippets.blocks(PAGE) if block.language == language)
    for of_the_page, here in ports.items():
        assert of_the_page in text
        text = text.replace(of_the_page, re.sub(r"\d+$", "", of_the_page) + str(here))
    return text


def nginx(folder: Path, ports: Mapping[str, int]) -> list[str]:
    """Write the page's servers into a whole configuration, with a certificate made now; return the command."""
    subject = [
        "-subj",
        f"/CN={HOST}",
        "-days",
        "1",
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(folder / "fullchain.pem"),
    ]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(["openssl", "req", "-x509", "-nodes", *curve, *subject], check=True, capture_output=True)
    servers = configuration("nginx", ports).replace("/etc/ssl/portal", str(folder))
    kept = " ".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    around = f"daemon off; master_process off; pid {folder}/pid; events {{}} http {{ access_log off; {kept}\n"
    (folder / "nginx.conf").write_text(f"{around}{servers}}}", "utf-8")
    return [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def caddy(folder: Path, ports: Mapping[str, int]) -> list[str]:
    """Write the page's site with a certificate of Caddy's own authority; return the command."""
    site = configuration("caddyfile", {name: port for name, port in ports.items() if name.startswith("127")})
    tls = f"https://{HOST}:{ports['listen 443']} {{\n\tbind 127.0.0.1\n\ttls internal\n"
    own = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(own + site.replace(f"{HOST} {{\n", tls, 1), "utf-8")
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, behind: int, tmp_path: Path) -> Iterator[httpx2.Client]:
    """A browser before the proxy of that name; the portal's second process is down."""
    outside = free_port()
    ports = {"listen 443": outside, "listen 80": free_port(), "127.0.0.1:8001": free_port(), "127.0.0.1:8002": behind}
    command = {"nginx": nginx, "caddy": caddy}[request.param](tmp_path, ports)
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env=os.environ | dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(tmp_path)),
        )
    try:
        with httpx2.Client(
            base_url=f"https://127.0.0.1:{outside}", headers={"host": HOST}, verify=False, trust_env=False, timeout=20
        ) as client:
            _await(client, running, tmp_path / "log")
            yield client
    finally:
        running.terminate()
        running.wait(10)


def _await(client: httpx2.Client, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        assert running.poll() is None, log.read_text("utf-8")
        try:
            client.get("/health/live", extensions={"sni_hostname": HOST})
            return
        except httpx2.TransportError:
            time.sleep(0.025)
    raise AssertionError(log.read_text("utf-8"))


def test_a_portal_behind_the_proxy_of_the_page(proxy: httpx2.Client) -> None:
    sni = {"sni_hostname": HOST}
    forged = {"x-forwarded-for": "198.51.100.9", "x-forwarded-proto": "http"}
    told = [proxy.get("/arrivals/tell", headers=forged, extensions=sni) for _ in range(4)]
    assert [answer.status_code for answer in told] == [200] * 4
    assert {(answer.json()["client"], answer.json()["scheme"]) for answer in told} == {("127.0.0.1", "https")}
    assert len({answer.json()["number"] for answer in told}) == 4

    page = proxy.get("/login", extensions=sni)
    assert page.headers["strict-transport-security"]
    assert "'nonce-" in page.headers["content-security-policy"]
    assert all(
        cookie.startswith("__Host-") and "secure" in cookie.lower() for cookie in page.headers.get_list("set-cookie")
    )

    assert proxy.get("/health/ready", extensions=sni).status_code == 404
    photo = proxy.post("/arrivals/take", content=bytes(3_000_000), extensions=sni)
    assert (photo.status_code, photo.json()["took"]) == (200, 3_000_000)

    with proxy.stream("GET", "/arrivals/live", headers={"accept": "text/event-stream"}, extensions=sni) as heard:
        lines = heard.iter_lines()
        assert next(lines) == "retry: 3000"
        proxied.bell.rung.append("door")
        asked = time.monotonic()
        assert next(line for line in lines if line.startswith("event")) == "event: changed"
        assert time.monotonic() - asked < 5
