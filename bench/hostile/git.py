"""A repository whose every setting that names a program names one that leaves a mark."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

MARK: Final = "sprung"
"""The name of the file beside the repository that a program which was run leaves."""

SETTINGS: Final = tuple(
    """
    core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy
    core.alternateRefsCommand credential.helper diff.external diff.trap.command diff.trap.textconv
    filter.trap.clean filter.trap.smudge filter.trap.process gpg.program gpg.ssh.program gpg.x509.program
    gpg.ssh.defaultKeyCommand merge.trap.driver mergetool.trap.cmd difftool.trap.cmd pager.log pager.diff
    pager.ls-files pager.rev-list interactive.diffFilter sequence.editor uploadpack.packObjectsHook
    remote.origin.uploadpack remote.origin.receivepack remote.origin.vcs trailer.x.command trailer.x.cmd
    alias.ls-files alias.rev-list alias.rev-parse alias.log alias.diff alias.show alias.config alias.status
    submodule.sub.update man.trap.cmd browser.trap.cmd web.browser instaweb.httpd sendemail.smtpServer
    ssh.variant hook.trap.command
    """.split()
)
HOOKS: Final = tuple(
    """
    post-checkout pre-commit post-index-change reference-transaction fsmonitor-watchman post-rewrite
    pre-auto-gc post-merge pre-push update post-update proc-receive push-to-checkout
    """.split()
)
VARIABLES: Final = tuple(
    """
    GIT_EXTERNAL_DIFF GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS SSH_ASKPASS GIT_EDITOR GIT_PAGER PAGER
    GIT_SEQUENCE_EDITOR GIT_PROXY_COMMAND EDITOR VISUAL GIT_TRACE2_EVENT GIT_TRACE
    """.split()
)
"""Of the environment: those that name a program, and two that name a file to write to."""


def git(folder: Path, *arguments: str) -> None:
    """Run git with nothing of the user's own."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@localhost", "-c", "core.hooksPath=/dev/null")
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


def trapped(folder: Path, _: int) -> None:
    """Settings, hooks, included files, attributes and a submodule that all want a program run."""
    trap = folder.parent / "trap.sh"
    trap.write_text(f'#!/bin/sh\necho "$0 $@" >> {folder.parent / MARK}\nexit 1\n')
    trap.chmod(0o755)
    (folder / ".gitattributes").write_text("* filter=trap diff=trap merge=trap\n")
    (folder / "more.py").write_text("def more():\n    return 1\n")
    git(folder, "add", "needle.py", "more.py")
    git(folder, "commit", "-q", "-m", "first")
    sub = folder / "sub"
    sub.mkdir()
    git(sub, "init", "-q")
    (sub / "inner.py").write_text("def inner():\n    return 1\n")
    git(sub, "add", "inner.py")
    git(sub, "commit", "-q", "-m", "inner")
    (folder / ".gitmodules").write_text(
        f'[submodule "sub"]\n\tpath = sub\n\turl = ext::{trap}\n\tupdate = !{trap}\n\tignore = none\n'
    )
    git(folder, "add", "sub", ".gitmodules")
    for repository in (folder, sub):
        _set(repository / ".git", trap)
    (folder / "more.py").write_text("def changed():\n    return 2\n")
    (folder.parent / MARK).unlink(missing_ok=True)


def _set(inside: Path, trap: Path) -> None:
    (inside / "hooks").mkdir(exist_ok=True)
    for hook in HOOKS:
        (inside / "hooks" / hook).write_text(trap.read_text())
        (inside / "hooks" / hook).chmod(0o755)
    settings = "".join(_setting(name, str(trap)) for name in SETTINGS)
    included = inside / "included.config"
    included.write_text(settings)
    with (inside / "config").open("a") as file:
        file.write(
            f'[include]\n\tpath = {included}\n[includeIf "gitdir:**"]\n\tpath = {included}\n'
            f"[core]\n\thooksPath = {inside / 'hooks'}\n\tuntrackedCache = true\n"
            "[log]\n\tshowSignature = true\n[status]\n\tsubmoduleSummary = true\n"
            f'[remote "origin"]\n\turl = ext::{trap} %S\n\tpromisor = true\n'
            "[extensions]\n\tpartialClone = origin\n"
            f'[alias]\n\tls-files = "!{trap}"\n\trev-list = "!{trap}"\n'
            '[hook "trap"]\n\tevent = post-index-change\n'
            f"[trace2]\n\teventTarget = {inside.parent.parent / MARK}\n"
        )


def _setting(name: str, value: str) -> str:
    section, _, key = name.rpartition(".")
    head, dot, middle = section.partition(".")
    return f'[{head} "{middle}"]\n\t{key} = {value}\n' if dot else f"[{head}]\n\t{key} = {value}\n"


def of_the_environment(world: Path) -> dict[str, str]:
    """The same wishes, made by the environment of the server."""
    trap = str(world / "trap.sh")
    wishes = {name: trap for name in VARIABLES if not name.startswith("GIT_TRACE")}
    wishes |= {name: str(world / MARK) for name in VARIABLES if name.startswith("GIT_TRACE")}
    counted = {"GIT_CONFIG_COUNT": str(len(SETTINGS))}
    for number, name in enumerate(SETTINGS):
        counted |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": trap}
    return wishes | counted | {"GIT_CONFIG_PARAMETERS": f"'core.fsmonitor={trap}'"}
