"""Where the benchmarks keep things and how their portal is set: the utility preset with everything on."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "bench"
SECRET = "a secret of the benchmarks, used nowhere else"
_KEY = "b1:" + b64encode(b"a key of the benchmarks, 32 byte").decode()


def overrides(
    database: str, public_url: str = "http://127.0.0.1:8000", sandbox: str = "http://127.0.0.1:9"
) -> dict[str, Any]:
    """Return what changes of examples/utility/portal.toml: its database, its address and a shop to pay at."""
    shop = {
        "shop_id": "100500",
        "secret_key": "test_sandbox",
        "base_url": f"{sandbox}/v3",
        "payment_page_origins": [sandbox],
        "notification_networks": ["127.0.0.0/8"],
    }
    return {
        "secret_key": SECRET,
        "encryption_keys": [_KEY],
        "portal": {"public_url": public_url, "data_dir": BUILD / "files"},
        "database": {"url": database},
        "payments": {"gateway": "yookassa", "yookassa": shop},
    }
