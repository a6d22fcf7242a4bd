"""List the licence of every pinned package in docs/licences.md: `make licences`.

Licences are read from the installed packages. Of what another system or Python needs, and of what states none, the
page's own line is kept; where there is none, that is an error: look it up and write the line by hand.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (.+?) \| (.*?) \|$", re.MULTILINE)
COPYLEFT = re.compile(r"GPL|GNU|MPL|Mozilla|EUPL|CDDL|EPL|OSL|CC-BY-SA")


def licence(name: str) -> str:
    """Return the licence that a package states, by expression, else by classifiers, else in its own words; or ""."""
    told = metadata(name)
    classified = [
        words.split(" :: ")[-1] for words in told.get_all("Classifier", []) if words.startswith("License :: ")
    ]
    own = (told.get("License") or "").strip().split("\n")[0]  # some put the whole text there
    return told.get("License-Expression") or " or ".join(classified) or ("" if "Copyright" in own else own)


def needed(name: str, extras: frozenset[str] = frozenset(), found: set[str] | None = None) -> set[str]:
    """Return the packages that an installation of `name` brings, itself among them."""
    found = set() if found is None else found
    found.add(canonicalize_name(name))
    for line in requires(name) or []:
        wanted = Requirement(line)
        marker = wanted.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        if wanted.extras or canonicalize_name(wanted.name) not in found:
            needed(wanted.name, frozenset(wanted.extras), found)
    return found


def main() -> None:
    """Write the rows of the page anew, and name what could not be told."""
    page = PAGE.read_text("utf-8")
    kept = {name: stated for name, stated, _ in ROW.findall(page)}
    pins = re.findall(
        r"^([a-z0-9._-]+)==", (ROOT / "requirements" / "pins.txt").read_text("utf-8"), re.MULTILINE
    )
    always, rows, unknown = needed("serbia-sim"), [], []
    for name in sorted({canonicalize_name(pin) for pin in pins}):
        try:
            stated = licence(name)
        except PackageNotFoundError:
            stated = ""
        stated = stated or kept.get(name, "")
        if not stated:
            unknown.append(name)
        rows.append(f"| {name} | {stated} | {'yes' if name in always else ''} |")
    head = page.split("| package |")[0]
    PAGE.write_text(
        head + "\n".join(["| package | licence | always |", "|---|---|---|", *rows]) + "\n", "utf-8"
    )
    copyleft = [row for row in rows if COPYLEFT.search(row)]
    print(f"{len(rows)} packages, {len(copyleft)} of them copyleft:", *copyleft, sep="\n")
    if unknown:
        sys.exit(f"not stated, and not on the page: {', '.join(unknown)}; look them up and write their rows")


if __name__ == "__main__":
    main()
