"""Files that hold secrets by convention: never read, never indexed."""

from __future__ import annotations

import re

_HARMLESS_ENV = ("example", "sample", "template", "dist", "defaults", "schema", "tpl")

_NAMES = frozenset(
    """
    .envrc .netrc _netrc .pgpass .npmrc .pypirc .yarnrc .htpasswd .git-credentials .dockercfg .s3cfg .boto
    .vault_pass .vault-token .vault_password credentials credentials.json credentials.yml credentials.yaml
    secrets.yml secrets.yaml secrets.json secrets.toml secret.yml secret.yaml secret.json master.key
    id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk terraform.tfstate terraform.tfstate.backup
    kubeconfig .my.cnf .terraformrc wallet.dat shadow
    """.split()
)

_SUFFIXES = (
    ".pem", ".key", ".p12", ".pfx", ".p8", ".jks", ".keystore", ".kdbx", ".kdb", ".ppk", ".ovpn", ".tfvars",
    ".tfvars.json", ".tfstate", ".gpg", ".pgp", ".age", ".agekey", ".kwallet", ".cer", ".crt", ".der", ".csr",
    ".mobileprovision",
)  # fmt: skip

_PATTERN = re.compile(r"(client_?secret|service[-_]?account)[^/]*\.json|.*\.secrets?\.(ya?ml|json|toml|env)")

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")


def is_secret_name(name: str) -> bool:
    """Whether a file's name (without folders) says that it holds secrets."""
    lowered = name.lower()
    if lowered.startswith(".env") or lowered.endswith(".env"):
        return _is_environment_file(lowered)
    return lowered in _NAMES or lowered.endswith(_SUFFIXES) or _PATTERN.fullmatch(lowered) is not None


def _is_environment_file(lowered: str) -> bool:
    """``.env``, ``.env.local``, ``prod.env``, ``.envrc``; but not ``.env.example``."""
    parts = re.split(r"[.\-_]", lowered)
    return ("env" in parts or lowered == ".envrc") and not any(word in _HARMLESS_ENV for word in parts)


def is_secret_text(head: str) -> bool:
    """Whether a file starts as a private key does, whatever its name."""
    return _PRIVATE_KEY.search(head[:400]) is not None
