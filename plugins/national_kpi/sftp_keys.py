"""Keys with which agencies upload: a file of public keys an agency's code, read by OpenSSH at every login."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from national_kpi.disk import write_whole
from national_kpi.errors import AccountError
from national_kpi.paths import Paths

_LEAST_RSA_BITS = 3072


@dataclass(frozen=True)
class UploadKey:
    """A public key, as OpenSSH writes it; the comment says whose it is."""

    kind: str
    body: str
    comment: str

    @property
    def line(self) -> str:
        """The key as one line."""
        return f"{self.kind} {self.body} {self.comment}".rstrip()

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` shows of it."""
        digest = hashlib.sha256(base64.b64decode(self.body)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def parse_key(line: str) -> UploadKey:
    """Read a public key.

    Args:
        line: `ssh-ed25519 AAAA… comment`, the content of a `.pub` file.

    Raises:
        AccountError: it is none, says more than a key, or is too weak.
    """
    remedy = "give the one line of a .pub file, made by `ssh-keygen -t ed25519`"
    if len(line.strip().splitlines()) > 1:
        raise AccountError("this is more than one line", remedy=remedy)
    try:
        key = load_ssh_public_key(line.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AccountError(f"no public key of OpenSSH: {line.strip()[:60]!r}", remedy=remedy) from error
    is_weak = isinstance(key, DSAPublicKey) or (
        isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS
    )
    if is_weak:
        raise AccountError("this key is too weak", remedy=remedy)
    kind, body, *comment = line.split(maxsplit=2)
    return UploadKey(kind, body, " ".join(comment[0].split()) if comment else "")


def keys_of(paths: Paths, code: str) -> list[UploadKey]:
    """The keys of an agency, in the order they were added."""
    file = paths.sftp_keys / code
    return [parse_key(line) for line in file.read_text().splitlines()] if file.exists() else []


def codes_with_keys(paths: Paths) -> list[str]:
    """The codes of the agencies that can upload."""
    return sorted(file.name for file in paths.sftp_keys.glob("[!.]*"))


def add_key(paths: Paths, code: str, key: UploadKey) -> None:
    """Let a key in; adding it again changes its comment only.

    Args:
        paths: the home.
        code: the agency's code.
        key: its key.
    """
    others = [one for one in keys_of(paths, code) if one.body != key.body]
    _write(paths, code, [*others, key])


def remove_keys(paths: Paths, code: str, fingerprint: str | None) -> None:
    """Let a key in no more; who is logged in with it stays until the session ends.

    Args:
        paths: the home.
        code: the agency's code.
        fingerprint: which one; all of them when None.

    Raises:
        AccountError: the agency has no such key.
    """
    keys = keys_of(paths, code)
    left = [key for key in keys if fingerprint not in (None, key.fingerprint)]
    if len(left) == len(keys):
        raise AccountError(
            f"{code} has no such key" if fingerprint else f"{code} has no key", remedy="see `kpi sftp list`"
        )
    _write(paths, code, left)


def _write(paths: Paths, code: str, keys: list[UploadKey]) -> None:
    file = paths.sftp_keys / code
    if keys:
        write_whole(file, "".join(f"{key.line}\n" for key in keys).encode())
        file.chmod(0o644)  # OpenSSH reads it as an account that may do nothing else
    else:
        file.unlink()
