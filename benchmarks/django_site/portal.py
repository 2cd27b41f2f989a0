"""The portal whose card rules, drawings and settings the Django subject shares, so that both say the same."""

from __future__ import annotations

import os

from benchmarks.places import ROOT, overrides
from lkportal.app import create_app

PORTAL = create_app(ROOT / "examples/utility/portal.toml", overrides=overrides(os.environ["BENCH_DATABASE"]))
