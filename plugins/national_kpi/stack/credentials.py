"""Keys and passwords: generated once, kept under `secrets/`, readable by the owner only."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from national_kpi.errors import StackError
from national_kpi.paths import Paths

AIRFLOW_USER = "admin"


@dataclass(frozen=True)
class Credentials:
    """What Airflow's services share with each other, and how a person logs in."""

    fernet_key: str
    jwt_secret: str
    api_secret_key: str
    airflow_password: str
    airflow_passwords_file: Path


def write_private(file: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all.

    Args:
        file: where; an existing file is replaced.
        text: its content.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    temporary.replace(file)


def _kept(file: Path, generate: Callable[[], str]) -> str:
    if not file.exists():
        write_private(file, generate())
    if file.stat().st_mode & 0o077:
        raise StackError(
            "others can read this secret",
            where=str(file),
            remedy=f"run `chmod 600 {file}`, or delete it and run `make up` for a new one",
        )
    return file.read_text().strip()


def airflow_credentials(paths: Paths) -> Credentials:
    """Airflow's keys and password; those that are missing are generated now.

    Args:
        paths: the home whose `secrets/` is meant.

    Raises:
        StackError: a secret can be read by other users of the machine, or is damaged.
    """
    passwords_file = paths.secrets / "airflow_passwords.json"
    try:
        passwords = json.loads(
            _kept(passwords_file, lambda: json.dumps({AIRFLOW_USER: secrets.token_urlsafe(18)}))
        )
        airflow_password = passwords[AIRFLOW_USER]
    except (ValueError, LookupError) as error:
        raise StackError(
            f"no password for {AIRFLOW_USER} in it",
            where=str(passwords_file),
            remedy="delete the file and run `make up` for a new one",
        ) from error
    return Credentials(
        fernet_key=_kept(paths.secrets / "airflow_fernet_key", lambda: Fernet.generate_key().decode()),
        jwt_secret=_kept(paths.secrets / "airflow_jwt_secret", lambda: secrets.token_urlsafe(48)),
        api_secret_key=_kept(paths.secrets / "airflow_api_secret_key", lambda: secrets.token_urlsafe(48)),
        airflow_password=airflow_password,
        airflow_passwords_file=passwords_file,
    )
