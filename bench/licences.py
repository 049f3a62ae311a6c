"""The licence of everything that an installation brings along.

python -m bench.licences
"""

from __future__ import annotations

import re
from importlib import metadata
from typing import Final

from packaging.requirements import Requirement

ALLOWED: Final = re.compile(r"MIT|BSD|Apache|PSF|Python|ISC|MPL|Unlicense|Zlib|0BSD|CC0", re.IGNORECASE)
"""Licences under which a dependency may stand beside MIT code."""


def licences(distribution: str = "tandem-mcp") -> dict[str, str]:
    """Each run-time dependency, direct or not, with its licence as its metadata tells it."""
    found: dict[str, str] = {}
    pending = [distribution]
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if name in found:
            continue
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # wanted on another platform only
        found[name] = _licence(about)
        for line in metadata.requires(name) or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                pending.append(wanted.name)
    return dict(sorted(found.items()))


def _licence(about: metadata.PackageMetadata) -> str:
    classified = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if "License ::" in one
    ]
    told = ", ".join(
        [*(about.get_all("License-Expression") or classified or about.get_all("License") or ["not told"])]
    )
    return " ".join(told.split())[:80]


def main() -> None:
    """Print the table."""
    print("| package | version | licence |\n|---|---|---|")
    for name, licence in licences().items():
        print(f"| {name} | {metadata.version(name)} | {licence} |")


if __name__ == "__main__":
    main()
