"""The repository that agents edit: two branches, small functions with their names in their bodies."""

from __future__ import annotations

import random
import re
import threading
from pathlib import Path

from bench.indexing.trees import commit_all, git

FILES = 60
BRANCHES = ("main", "feature")
_DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)


class Repository:
    """Edits are made one at a time, as by people who share a checkout; searches go on beside them."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self._chance = chance
        self._disk = threading.Lock()
        self._count = 0
        (folder / "src").mkdir(parents=True)
        for number in range(FILES):
            self._write(number)
        commit_all(folder)
        git(folder, "branch", BRANCHES[1])

    def edit(self) -> str:
        """Write, delete or rename a module; what was done."""
        with self._disk:
            number = self._chance.randrange(FILES)
            target = self._module(number)
            dice = self._chance.random()
            if dice < 0.1 and target.exists():
                target.unlink()
                return "delete"
            if dice < 0.2 and target.exists():
                target.rename(self._module(self._chance.randrange(FILES)))
                return "rename"
            self._write(number)
            return "edit"

    def switch(self) -> None:
        """Commit what was edited and check the other branch out."""
        with self._disk:
            now = git(self.folder, "rev-parse", "--abbrev-ref", "HEAD").strip()
            git(self.folder, "add", "-A")
            git(self.folder, "commit", "-q", "--allow-empty", "-m", "work in progress")
            git(self.folder, "checkout", "-q", BRANCHES[now == BRANCHES[0]])

    def some_function(self) -> str:
        """A reference, ``path::name``, to a function that stands there now; empty when there is none."""
        with self._disk:
            files = sorted((self.folder / "src").glob("*.py"))
            file = self._chance.choice(files)
            names = _DEFINITION.findall(file.read_text())
        return f"src/{file.name}::{self._chance.choice(names)}" if names else ""

    def names(self) -> dict[str, set[str]]:
        """The functions of each file, as they stand on disk."""
        with self._disk:
            return {
                f"src/{file.name}": set(_DEFINITION.findall(file.read_text()))
                for file in (self.folder / "src").glob("*.py")
            }

    def _module(self, number: int) -> Path:
        return self.folder / "src" / f"module_{number:03d}.py"

    def _write(self, number: int) -> None:
        """Functions that only some edits replace, so that references meet every fate."""
        target = self._module(number)
        old = target.read_text().split("\n\n\n") if target.exists() else []
        kept = [part.rstrip("\n") for part in old if self._chance.random() < 0.7][:6]
        for _ in range(self._chance.randrange(1, 3)):
            self._count += 1
            word = self._chance.choice(("price", "invoice", "session", "token", "basket", "route"))
            steps = "\n".join(
                f"    total += {word}_{self._count}(rate={self._chance.randrange(1000)}, step={step})"
                for step in range(self._chance.randrange(2, 9))
            )
            kept.append(f"def {word}_{self._count}(total, rate):\n{steps}\n    return total")
        target.write_text("\n\n\n".join(kept) + "\n")
