"""Bring Superset to what this folder says.

Run with Superset's own Python; `superset_config.py` names the environment it needs. The steps:
    prepare: migrate Superset's database, create permissions, roles and accounts, as `accounts.py` says.
    import: import databases, datasets, charts and dashboards, delete what is gone from the files, give
        each role its datasets and run every chart's query, all in one transaction: when a chart fails,
        readers keep the dashboards they have.
    check: run every chart's query on the snapshot now in force.

Exit status: 0 done, 1 an asset is wrong or a chart fails, said in one line that begins with "apply:".
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import yaml

# The script runs isolated from its own folder.
sys.path.append(str(Path(__file__).resolve().parent))
from accounts import AccountError, create_accounts, give_access
from compose import AssetError, compose


class ApplyError(Exception):
    """An asset is wrong or a chart fails; the message says which and why."""


def main() -> int:
    """Take the steps named on the command line."""
    parser = argparse.ArgumentParser(description="Bring Superset to what this folder says.")
    parser.add_argument("steps", nargs="+", choices=("prepare", "import", "check"))
    steps = parser.parse_args().steps
    started = time.monotonic()

    def done(what: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {what}", flush=True)

    from superset.app import create_app

    app = create_app()
    done("Superset loaded")
    with app.app_context():
        silence_action_log()
        try:
            if "prepare" in steps:
                upgrade_database()
                done("database upgraded")
                create_permissions()
                create_accounts()
                done("roles and accounts ready")
            if "import" in steps:
                done(f"assets imported, {import_assets()} charts answer")
            if "check" in steps:
                done(f"{check_charts(all_charts())} charts answer")
        except (ApplyError, AccountError) as error:
            print(f"apply: {error}", file=sys.stderr)
            return 1
    return 0


def upgrade_database() -> None:
    """Migrate Superset's own database to this version."""
    import superset
    from flask_migrate import upgrade

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))


def create_permissions() -> None:
    """Create Superset's own permissions and roles, once a version."""
    from flask import current_app
    from superset import security_manager as sm
    from superset.extensions import appbuilder

    marker = Path(os.environ["SUPERSET_HOME"]) / "roles_version"
    version = str(current_app.config["VERSION_STRING"])
    if not sm.find_role("Admin") or not marker.exists() or marker.read_text() != version:
        appbuilder.add_permissions(update_perms=True)
        sm.sync_role_definitions()
        marker.write_text(version)


def silence_action_log() -> None:
    """Keep Superset from logging each query of a check: that log commits whatever its session holds."""
    from superset.utils.log import DBEventLogger

    DBEventLogger.log = lambda *_, **__: None


def import_assets() -> int:
    """Import, prune, grant and check, in one transaction; return how many charts were queried."""
    from superset import db
    from superset import security_manager as sm
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user
    from superset.utils.decorators import transaction

    try:
        assets = compose(columns_in_snapshot)
    except (AssetError, duckdb.Error) as error:
        raise ApplyError(f"import: {explain(error)}") from error
    contents = {path: yaml.safe_dump(asset, allow_unicode=True) for path, asset in assets.items()}

    @transaction(on_error=None)
    def run() -> int:
        with override_user(sm.find_user("admin")):
            ImportAssetsCommand(contents).run()
            prune({asset["uuid"] for asset in assets.values() if "uuid" in asset})
            give_access()
            db.session.flush()
            return check_charts(all_charts())

    try:
        return run()
    except ApplyError:
        raise
    except Exception as error:
        raise ApplyError(f"import: {explain(error)}") from error


def columns_in_snapshot(sql: str) -> list[tuple[str, str]]:
    """The columns of a query on the snapshot now in force, with their types."""
    with duckdb.connect(os.path.realpath(os.environ["KPI_SNAPSHOT"]), read_only=True) as snapshot:
        return [(row[0], row[1]) for row in snapshot.execute(f"describe {sql}").fetchall()]


def prune(keep: set[str]) -> None:
    """Delete what is no longer in the files, dependants first."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    for model in (Dashboard, Slice, SqlaTable, Database):
        for asset in db.session.query(model).all():
            if str(asset.uuid) not in keep:
                db.session.delete(asset)
        db.session.flush()


def all_charts() -> list[Any]:
    """Every chart, by name."""
    from superset import db
    from superset.models.slice import Slice

    return list(db.session.query(Slice).order_by(Slice.slice_name).all())


def check_charts(charts: list[Any]) -> int:
    """Run every chart's queries, uncached.

    Returns:
        How many charts were queried.

    Raises:
        ApplyError: naming each chart that fails or returns no row, and why.
    """
    from superset import security_manager as sm
    from superset.utils.core import override_user

    failures = []
    with override_user(sm.find_user("admin")):
        for chart in charts:
            try:
                rows = list(row_counts(chart))
            except Exception as error:
                failures.append(f"chart “{chart.slice_name}”: {explain(error)}")
            else:
                if not all(rows) and not json.loads(chart.params)["may_be_empty"]:
                    failures.append(f"chart “{chart.slice_name}”: query {rows.index(0) + 1} returns no row")
    if not charts:
        failures.append("there is no chart to check")
    if failures:
        raise ApplyError("; ".join(failures))
    return len(charts)


def row_counts(chart: Any) -> Iterator[int]:
    """How many rows each query of a chart returns."""
    from superset.charts.schemas import ChartDataQueryContextSchema
    from superset.commands.chart.data.get_data_command import ChartDataCommand

    form_data = json.loads(chart.params)
    context = ChartDataQueryContextSchema().load(
        {
            "datasource": {"id": chart.datasource_id, "type": "table"},
            "force": True,
            "queries": list(queries(form_data)),
            "form_data": form_data,
            "result_type": "full",
            "result_format": "json",
        }
    )
    command = ChartDataCommand(context)
    command.validate()
    for answer in command.run()["queries"]:
        yield answer["rowcount"]


def queries(form_data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The queries the browser builds from a chart's form data; a mixed chart has two."""
    for suffix in ("", "_b") if form_data["viz_type"] == "mixed_timeseries" else ("",):
        raw = form_data.get("query_mode") == "raw"
        groups = [] if raw else form_data.get(f"groupby{suffix}", [])
        metrics = [] if raw else form_data.get(f"metrics{suffix}", [])
        if "metric" in form_data:
            metrics = [form_data["metric"]]
        axis = [form_data["x_axis"]] if "x_axis" in form_data else []
        filters = form_data.get(f"adhoc_filters{suffix}", [])
        yield {
            "columns": [*axis, *groups, *(form_data.get("all_columns", []) if raw else [])],
            # Superset tells a raw query from an aggregate one by metrics being absent, not empty.
            "metrics": metrics or None,
            "orderby": [json.loads(order) for order in form_data.get("order_by_cols", [])],
            "filters": [
                {"col": item["subject"], "op": item["operator"], "val": item.get("comparator")}
                for item in filters
                if item["expressionType"] == "SIMPLE"
            ],
            "extras": {
                "where": " AND ".join(
                    f"({item['sqlExpression']})" for item in filters if item["expressionType"] == "SQL"
                )
            },
            "row_limit": form_data.get(f"row_limit{suffix}", 1000),
        }


def explain(error: Exception) -> str:
    """An error with the causes Superset hides inside it, on one line."""
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        details = getattr(cause, "normalized_messages", None)
        texts.append(f"{type(cause).__name__}: {details() if callable(details) else cause}")
        cause = cause.__cause__
    return " ← ".join(texts).replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
