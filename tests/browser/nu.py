"""The Nu checker over saved pages: one Java for all of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.packages import npm_package

OUR_ATTRIBUTES = "Attribute “hx-"
"""htmx reads attributes of its own; no browser minds them. Nothing else is let through."""


def errors(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Return what the checker calls an error, each once: "message: html (the pages it stands on)". `pages` is {title: HTML}."""
    java = shutil.which("java")
    assert java, "The Nu checker needs Java: run `bash tools/java.sh` (Debian: apt-get install default-jre-headless)."
    files = {folder / f"{number:04}.html": title for number, title in enumerate(pages)}
    for file, title in files.items():
        file.write_text(pages[title], encoding="utf-8")
    checker = npm_package("gates", "vnu-jar") / "build/dist/vnu.jar"
    command = [
        java,
        "-Xss2m",
        "-jar",
        str(checker),
        "--format",
        "json",
        "--exit-zero-always",
        "--stdout",
        *map(str, files),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    names = {file.as_uri(): title for file, title in files.items()}
    found: dict[str, list[str]] = {}
    for message in json.loads(told.stdout)["messages"]:
        if message["type"] != "info" and not message["message"].startswith(OUR_ATTRIBUTES):
            said = f"{message['message']}: {message.get('extract', '')}"
            found.setdefault(said, []).append(
                names.get(message["url"].replace("file:/", "file:///", 1), message["url"])
            )
    return [f"{said} ({len(where)} pages, such as {where[0]})" for said, where in found.items()]
