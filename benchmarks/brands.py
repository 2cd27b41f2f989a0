"""How long a brand takes: the theme of pages, everything of it in a fresh process, and the palette beside materialyoucolor's.

Each in processes of its own, so that neither warms the other's tables. Prints lines; `rows` are for build/bench.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.places import BUILD
from benchmarks.table import Row

COLOURS = ("#0B3F86", "#E30611", "#FFCC00", "#00B956", "#7700FF", "#1F2229", "#FF7900", "#1EA2B1")

_OURS = """
import json, sys, time
from pathlib import Path
begun = time.perf_counter()
from lkportal.theming.brand.book import plain_book
from lkportal.theming.brand.file import load_book
from lkportal.theming.colour.palette import Seed, palette
from lkportal.theming.theme import build_theme
from lkportal.theming.files.assets import computed
from lkportal.theming.making.tokens import export_tokens
from lkportal.theming.making.report import report
folder, colours = sys.argv[1], sys.argv[2].split()
imported = time.perf_counter()
theme = build_theme(load_book(folder))
files = [body if isinstance(body, bytes) else body.make() for body in computed(theme).values()]
files += [theme.letterhead.png, *export_tokens(theme).values()]
assert report(theme).ok
cold = time.perf_counter()
def each(work):
    spent = []
    for _ in range(6):
        for colour in colours:
            start = time.process_time()
            work(colour)
            spent.append((time.process_time() - start) * 1000)
    return sorted(spent)
print(json.dumps({"imports": [(imported - begun) * 1000], "cold": [(cold - imported) * 1000],
    "palette": each(lambda colour: palette(Seed(colour))), "page": each(lambda colour: build_theme(plain_book("Aqua", colour)))}))
"""
_THEIRS = """
import json, sys, time
from materialyoucolor.dynamiccolor.material_dynamic_colors import MaterialDynamicColors
from materialyoucolor.hct import Hct
from materialyoucolor.scheme.scheme_tonal_spot import SchemeTonalSpot
colours, spent = sys.argv[2].split(), []
for _ in range(3):
    for colour in colours:
        start = time.process_time()
        for dark in (False, True):
            for contrast in (0.0, 1.0):
                scheme = SchemeTonalSpot(Hct.from_int(0xFF000000 | int(colour[1:], 16)), dark, contrast)
                for role in MaterialDynamicColors().all_colors:
                    role.get_rgba(scheme)
        spent.append((time.process_time() - start) * 1000)
print(json.dumps({"palette": sorted(spent)}))
"""


def rows() -> list[Row]:
    """Return what was measured: workloads `palette` (four modes), `theme` (of pages), `everything` (cold) and `imports`."""
    ours, theirs = _run(_OURS), _run(_THEIRS)
    made = [
        _row("palette", "lkportal", ours["palette"]),
        _row("palette", "materialyoucolor", theirs["palette"]),
        _row("theme", "lkportal", ours["page"]),
    ]
    return [*made, _row("everything", "lkportal", ours["cold"]), _row("imports", "lkportal", ours["imports"])]


def lines(found: list[Row]) -> list[str]:
    """Return the rows in words."""
    by_name = {(row.workload, row.subject): row for row in found}
    ours, theirs = by_name["palette", "lkportal"].p50_ms, by_name["palette", "materialyoucolor"].p50_ms
    return [
        f"palette of four modes (processor time): lkportal {ours:.1f} ms, materialyoucolor {theirs:.1f} ms: {theirs / ours:.0f}x",
        f"theme of pages (palette, stylesheet, marks; processor time): {by_name['theme', 'lkportal'].p50_ms:.1f} ms",
        f"everything cold (book, theme, icons, letterhead, tokens, report): {by_name['everything', 'lkportal'].p50_ms:.0f} ms"
        f" after {by_name['imports', 'lkportal'].p50_ms:.0f} ms of imports",
    ]


def _run(program: str) -> dict[str, list[float]]:
    brand = Path(__file__).parents[1] / "examples/utility/brand"
    command = [sys.executable, "-c", program, str(brand), " ".join(COLOURS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=BUILD.parents[1])
    if done.returncode:
        raise SystemExit(f"The brands could not be timed:\n{done.stderr}")
    return dict(json.loads(done.stdout))


def _row(workload: str, subject: str, spent: list[float]) -> Row:
    middle = median(spent)
    return Row(workload, "", subject, 1000 / middle, round(middle, 3), round(spent[-1], 3), round(middle, 3), 0.0)


if __name__ == "__main__":
    print("\n".join(lines(rows())))
