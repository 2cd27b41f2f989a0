"""How dense the grids of crash points are in the proof."""

from __future__ import annotations

import os

EVERY = int(os.environ.get("CRASH_EVERY", "7"))
"""Every how many points a flow is crashed at (an odd number: points come in pairs, before and after). By seven all grids together have
more than two thousand; 1 is each point, many hours long."""
