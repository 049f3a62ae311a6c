"""The repository that agents edit: two branches, small functions with their names in their bodies."""

from __future__ import annotations

import random
import re
import threading
from pathlib import Path

from bench.indexing.trees import commit_all, git

FILES = 60
TEXTS = 4
"""How many texts a module of a steady repository has."""
BRANCHES = ("main", "feature")
_DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)


class Repository:
    """Edits are made one at a time, as by people who share a checkout; searches go on beside them.

    A ``steady`` one goes to and fro between a fixed set of texts for each module, so that neither the
    disk nor what the index has to remember grows.
    """

    def __init__(self, folder: Path, chance: random.Random, *, steady: bool = False) -> None:
        self.folder = folder
        self._chance = chance
        self._steady = steady
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
                number = FILES + number if self._steady else self._chance.randrange(FILES)
                target.rename(self._module(number))
                return "rename"
            self._write(number)
            if self._steady:
                self._module(FILES + number).unlink(missing_ok=True)  # back from where it was renamed to
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
        if self._steady:
            self._fill(target, number, self._chance.randrange(TEXTS))
            return
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

    @staticmethod
    def _fill(target: Path, number: int, text: int) -> None:
        """The same every time: half of the functions stand in all texts, the others in one each."""
        words = ("price", "invoice", "session", "token", "basket", "route")
        functions = []
        for place, word in enumerate(words):
            of = 0 if place % 2 else text + 1
            name = f"{word}_{number}_{of}"
            steps = "\n".join(
                f"    total += {name}(rate={of + step}, step={step})" for step in range(4 + place)
            )
            functions.append(f"def {name}(total, rate):\n{steps}\n    return total")
        target.write_text("\n\n\n".join(functions) + "\n")
