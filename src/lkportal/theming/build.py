"""From a brand folder to a report or to files: what `lkportal theme check` and `build` do."""

import json
from pathlib import Path

from lkportal.theming.brandfile import load_book
from lkportal.theming.palette import MODES
from lkportal.theming.report import Report, report
from lkportal.theming.theme import build_theme


def check(brand_dir: Path | str) -> Report:
    """Read and compute a brand and check every pair of its colours. Raises BrandError for a book that cannot be read."""
    return report(build_theme(load_book(brand_dir)))


def build(brand_dir: Path | str, out_dir: Path | str) -> list[Path]:
    """Write `brand.css`, `roles.json`, the mark and the logos into `out_dir`; the same book writes the same bytes."""
    theme = build_theme(load_book(brand_dir))
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    roles = {mode: dict(theme.roles(mode)) for mode in MODES}
    files = {
        "brand.css": theme.css.encode(),
        "roles.json": (json.dumps(roles, indent=2) + "\n").encode(),
        f"mark{theme.logos.mark.suffix}": theme.logos.mark.body,
    }
    for name, picture in (("logo", theme.logos.light), ("logo-dark", theme.logos.dark)):
        if picture:
            files[f"{name}{picture.suffix}"] = picture.body
    for name, body in files.items():
        (out / name).write_bytes(body)
    return [out / name for name in files]
