"""How sources are reached: through Airflow's hooks, with the account of an Airflow connection."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from national_kpi.catalogue.tables import Source
from national_kpi.errors import SourceError, SourceGoneError, SourceRefusedError, SourceShapeError

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

SECONDS = 30
"""How long a source may be silent."""
_CHUNK = 1 << 20
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_MOVED = range(300, 400)
_TRY_LATER = "check the connection's address, and whether the source is up; the next pull tries again"
_CHECK_ACCOUNT = "renew the account or token in the Airflow connection"
CHECK_SHAPE = "ask the source's owner what has changed, then mend sources.csv or source_fields.csv"


@dataclass(frozen=True)
class Answer:
    """What an API answered.

    Attributes:
        status: 200, or one the asker said it can deal with.
        etag: the tag of this state of the page.
        modified: when it last changed, in the server's words.
    """

    status: int
    body: bytes
    etag: str | None = None
    modified: str | None = None


Fetch = Callable[[str, Mapping[str, str]], Answer]
"""One GET of an address below the connection's, with some headers; raises when there is no answer to use."""


def http_fetch(connection_id: str, largest: int) -> Fetch:
    """What asks an API. A token stands in the connection as the header `Authorization`, in its extra field.

    Args:
        connection_id: the Airflow connection.
        largest: bytes an answer may have.
    """
    from airflow.providers.http.hooks.http import HttpHook

    # Sent elsewhere by an answer, we would take the account along.
    options = {"check_response": False, "allow_redirects": False, "stream": True, "timeout": SECONDS}
    hook = HttpHook(method="GET", http_conn_id=connection_id)

    def fetch(address: str, headers: Mapping[str, str]) -> Answer:
        with reaching(address):
            said = hook.run(address, headers=dict(headers), extra_options=options)
            with said:
                body = _whole(said.iter_content(_CHUNK), largest, address)
        _check_status(said.status_code, said.reason, address, headers)
        return Answer(said.status_code, body, said.headers.get("ETag"), said.headers.get("Last-Modified"))

    return fetch


def _whole(chunks: Iterator[bytes], largest: int, address: str) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > largest:
            what = f"the answer has more than {largest} bytes"
            raise SourceShapeError(
                what, where=address, remedy="ask for smaller pages, or set KPI_MAX_FILE_MB"
            )
    return bytes(body)


def _check_status(status: int, reason: str, address: str, headers: Mapping[str, str]) -> None:
    what = f"answered {status} {reason}"
    if status == HTTPStatus.OK or (status == HTTPStatus.NOT_MODIFIED and headers):
        return
    if status in _REFUSED:
        raise SourceRefusedError(what, where=address, remedy=_CHECK_ACCOUNT)
    if status in _MOVED or status in _GONE:
        raise SourceGoneError(what, where=address, remedy="mend the path in sources.csv, or the connection")
    raise SourceError(what, where=address, remedy=_TRY_LATER)


def storage(source: Source) -> "ObjectStoragePath":
    """The folder in which a source of files keeps them.

    Raises:
        SourceRefusedError: Airflow has no such connection, or the server does not take its account.
        SourceError: the server is out of reach.
    """
    from airflow.providers.standard.hooks.filesystem import FSHook
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach, get_fs

    path, connection_id = source.path.strip("/"), source.connection_id
    with reaching(source.path):
        if source.kind == "folder":
            return ObjectStoragePath(f"file://{Path(FSHook(connection_id).get_path(), path)}")
        options = _s3_options() if source.kind == "s3" else _sftp_options(connection_id)
        attach(source.kind, connection_id, fs=get_fs(source.kind, connection_id, options))
        server = "s3://" if source.kind == "s3" else "sftp:///"
        return ObjectStoragePath(f"{server}{path}", conn_id=connection_id)


def _s3_options() -> dict[str, Any]:
    return {"connect_timeout": SECONDS, "read_timeout": SECONDS}


def _sftp_options(connection_id: str) -> dict[str, Any]:
    """What Airflow leaves open: which server to trust, and for how long it may be silent."""
    import asyncssh
    from airflow.sdk import BaseHook

    asyncssh.set_log_level("WARNING")  # it tells of every channel
    host_key = BaseHook.get_connection(connection_id).extra_dejson.get("host_key")
    return {
        "known_hosts": f"* {host_key}\n".encode() if host_key else (),  # else those in ~/.ssh
        "connect_timeout": SECONDS,
        "keepalive_interval": SECONDS / 3,
        "keepalive_count_max": 2,
    }


@contextmanager
def reaching(place: str) -> Iterator[None]:
    """Tell in our own errors what goes wrong with a server; a file that is gone stays a FileNotFoundError.

    Args:
        place: what is asked for.

    Raises:
        SourceRefusedError: Airflow has no such connection, or its account may not do this.
        SourceError: the source is out of reach.
    """
    import asyncssh
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        yield
    except (FileNotFoundError, SourceError):
        raise
    except AirflowNotFoundException as error:
        remedy = "add the connection in Airflow, or set AIRFLOW_CONN_<its name in capitals>"
        raise SourceRefusedError(str(error), where=place, remedy=remedy) from error
    except (
        PermissionError,
        asyncssh.PermissionDenied,
        asyncssh.SFTPPermissionDenied,
        asyncssh.HostKeyNotVerifiable,
    ) as error:
        raise SourceRefusedError(f"refuses us: {error}", where=place, remedy=_CHECK_ACCOUNT) from error
    except Exception as error:  # each of the libraries has errors of its own, and some raise what there is
        why = str(error) or repr(error)
        raise SourceError(f"cannot be read: {why}", where=place, remedy=_TRY_LATER) from error
