"""Keys for uploads: only whole, strong keys are let in, and taken away one by one."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from national_kpi.cli import sftp as commands
from national_kpi.errors import AccountError
from national_kpi.paths import Paths
from national_kpi.sftp_keys import add_key, codes_with_keys, keys_of, parse_key, remove_keys


def public_line(comment: str = "may-chu-so-lieu") -> str:
    key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return f"{key.decode()} {comment}"


def test_keys_come_and_go_one_by_one(tmp_path: Path) -> None:
    paths, first, second = Paths(tmp_path), parse_key(public_line("một")), parse_key(public_line("hai"))
    for key in (first, second, first):
        add_key(paths, "G10", key)
    assert keys_of(paths, "G10") == [second, first]
    assert (paths.sftp_keys / "G10").stat().st_mode & 0o777 == 0o644
    remove_keys(paths, "G10", first.fingerprint)
    assert keys_of(paths, "G10") == [second]
    with pytest.raises(AccountError, match="no such key"):
        remove_keys(paths, "G10", first.fingerprint)
    remove_keys(paths, "G10", None)
    assert codes_with_keys(paths) == [] and keys_of(paths, "G10") == []


def test_a_key_is_named_as_openssh_names_it(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(f"{public_line()}\n")
    shown = subprocess.run(
        ["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True
    )
    assert parse_key((tmp_path / "key.pub").read_text()).fingerprint == shown.stdout.split()[1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "no public key"),
        ("mật khẩu của tôi", "no public key"),
        ('command="/bin/sh" ' + public_line(), "no public key"),
        (f"{public_line()}\n{public_line()}", "more than one line"),
        (
            generate_private_key(65537, 2048)
            .public_key()
            .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
            .decode(),
            "too weak",
        ),
    ],
)
def test_what_is_no_strong_key_is_refused(line: str, message: str) -> None:
    with pytest.raises(AccountError, match=message):
        parse_key(line)


def test_only_an_agency_of_today_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    run = CliRunner()
    added = run.invoke(commands.sftp_app, ["add", "G10", "-", "--json"], input=public_line())
    assert added.exit_code == 0 and '"user": "G10"' in added.output
    for code in ("X99", "VN"):
        refused = run.invoke(commands.sftp_app, ["add", code, "-"], input=public_line())
        assert isinstance(refused.exception, AccountError), code
    assert codes_with_keys(Paths(tmp_path)) == ["G10"]
