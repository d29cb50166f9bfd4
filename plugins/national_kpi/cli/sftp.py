"""`kpi sftp`: the keys with which agencies upload to a deployment."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from national_kpi.agencies import account_holder
from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.errors import AccountError
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.sftp_keys import UploadKey, add_key, codes_with_keys, keys_of, parse_key, remove_keys

sftp_app = typer.Typer(no_args_is_help=True, help="Keys with which agencies upload over SFTP.")
app.add_typer(sftp_app, name="sftp")

KEY_COLUMNS = ("user", "agency_name", "kind", "fingerprint", "comment")
Code = Annotated[str, typer.Argument(help="The agency's code, such as G10: its user name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]


@sftp_app.command()
def add(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The agency's .pub file; - reads standard input.")],
    as_json: AsJson = False,
) -> None:
    """Let an agency upload with a key, at once."""
    paths, catalogue = Paths.of(Settings()), load_catalogue(CATALOGUE_DIR)
    account_holder(catalogue, code, now().date())
    key = parse_key(sys.stdin.read() if str(file) == "-" else _text_of(file))
    add_key(paths, code, key)
    _show(paths, catalogue, [code], as_json)


@sftp_app.command()
def remove(
    code: Code,
    fingerprint: Annotated[
        str | None, typer.Option("--fingerprint", help="One key only, SHA256:…; all by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take keys away: nobody can log in with them any more."""
    paths, catalogue = Paths.of(Settings()), load_catalogue(CATALOGUE_DIR)
    remove_keys(paths, code, fingerprint)
    _show(paths, catalogue, [code], as_json)


@sftp_app.command(name="list")
def list_keys(as_json: AsJson = False) -> None:
    """Show who can upload, and with which keys."""
    paths = Paths.of(Settings())
    _show(paths, load_catalogue(CATALOGUE_DIR), codes_with_keys(paths), as_json)


def _show(paths: Paths, catalogue: Catalogue, codes: list[str], as_json: bool) -> None:
    rows = [_row(catalogue, code, key) for code in codes for key in keys_of(paths, code)]
    if rows or as_json:
        show(rows, KEY_COLUMNS, as_json=as_json, title="Keys for uploads")
    else:
        typer.echo("No key is let in.")


def _row(catalogue: Catalogue, code: str, key: UploadKey) -> dict[str, Any]:
    holder = catalogue.holder(code, now().date())
    return {
        "user": code,
        "agency_name": holder.name_vi if holder else None,
        "kind": key.kind,
        "fingerprint": key.fingerprint,
        "comment": key.comment,
    }


def _text_of(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(f"the key cannot be read: {error}", where=str(file)) from error
