"""The dashboards' files agree with each other, with the marts, the catalogue and what people read."""

import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
import yaml

from national_kpi import dashboards
from national_kpi.catalogue import load_catalogue
from national_kpi.dashboards import assets as dashboard_assets
from national_kpi.paths import CATALOGUE_DIR, DBT_PROJECT_DIR, SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.marts import MARTS

Asset = dict[str, Any]
VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)
HANDLEBARS_HELPERS = {
    "formatNumber",
    "locale",
    "each",
    "if",
    "unless",
    "else",
    "eq",
    "data",
    "first",
    "group",
    "by",
    "items",
    "value",
}
PUBLICATION = """
    create table publication (
        publication_id varchar, as_of date, published_at timestamp, catalogue_sha256 varchar,
        data_until date, submissions_count bigint, values_count bigint
    )
"""
# Marts that no dashboard shows: the parts of a group, and what a report lacks, are told in the brief; the
# canary is for the DAG that sent it.
UNUSED_MARTS = {
    "dim_agency_member",
    "dim_rule",
    "dim_target",
    "fct_canary",
    "fct_component_status",
    "fct_index_component",
    "fct_unit_confirmation",
}


def load_module(name: str) -> ModuleType:
    """A module of the assets; they import Superset only inside their functions."""
    sys.path.append(str(SUPERSET_ASSETS_DIR))
    try:
        spec = importlib.util.spec_from_file_location(name, SUPERSET_ASSETS_DIR / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SUPERSET_ASSETS_DIR))
    return module


compose = load_module("compose")


@cache
def empty_snapshot() -> duckdb.DuckDBPyConnection:
    """A snapshot without rows: the marts as their contracts describe them."""
    snapshot = duckdb.connect()
    snapshot.execute(PUBLICATION)
    for mart in MARTS:
        columns = ", ".join(f"{column['name']} {column['data_type']}" for column in mart_columns(mart))
        snapshot.execute(f"create table {mart} ({columns})")
    return snapshot


def mart_columns(mart: str) -> list[Asset]:
    """The columns a mart's contract declares."""
    declared = yaml.safe_load((DBT_PROJECT_DIR / "models" / "marts" / f"{mart}.yml").read_text("utf-8"))
    columns: list[Asset] = declared["models"][0]["columns"]
    return columns


def describe(sql: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in empty_snapshot().execute(f"describe {sql}").fetchall()]


ASSETS: dict[str, Asset] = compose.compose(describe)


def of_kind(kind: str) -> dict[str, Asset]:
    """The composed assets of a kind, by the name of their file."""
    found = {
        path.rsplit("/", 1)[1].removesuffix(".yaml"): asset
        for path, asset in ASSETS.items()
        if path.startswith(f"{kind}/")
    }
    assert found, f"no {kind}: this test would see nothing"
    return found


DATABASES, DATASETS, CHARTS, DASHBOARDS = map(of_kind, ("databases", "datasets", "charts", "dashboards"))
DATASET_BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}
CHART_BY_UUID = {chart["uuid"]: chart for chart in CHARTS.values()}
FILTERS = [
    (name, native_filter)
    for name, dashboard in DASHBOARDS.items()
    for native_filter in dashboard["metadata"]["native_filter_configuration"]
]
FILTER_NAMES = [f"{name}: {native_filter['id']}" for name, native_filter in FILTERS]
PALETTE = compose.read_file("palette.yaml")


def tiles(dashboard: Asset) -> dict[str, Asset]:
    """What a dashboard says of each chart, by the chart's uuid."""
    boxes = [box for box in dashboard["position"].values() if isinstance(box, dict)]
    return {box["meta"]["uuid"]: box["meta"] for box in boxes if box["type"] == "CHART"}


def marts_of(dataset: Asset) -> set[str]:
    """The marts a dataset's query names."""
    return set(re.findall(r"\bmain\.(\w+)", dataset["sql"]))


def names(dataset: Asset) -> set[str]:
    """Everything a chart may ask of a dataset."""
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    columns: set[str] = compose.column_names(dataset)
    return columns | metrics


def used_by(params: Asset) -> Iterator[str]:
    """Every column and metric a chart's form data names."""
    for key in ("all_columns", "groupby", "groupby_b", "metrics", "metrics_b"):
        yield from params.get(key, [])
    yield from (params[key] for key in ("metric", "x_axis", "timeseries_limit_metric") if key in params)
    yield from (item["subject"] for item in params["adhoc_filters"] if item["expressionType"] == "SIMPLE")
    yield from (yaml.safe_load(order)[0] for order in params.get("order_by_cols", []))
    yield from params.get("column_config", {})
    yield from (item["column"] for item in params.get("conditional_formatting", []))


def test_every_uuid_is_used_once() -> None:
    everything = [asset for asset in ASSETS.values() if "uuid" in asset]
    assert max(Counter(asset["uuid"] for asset in everything).values()) == 1


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    datasets = {chart["dataset_uuid"] for chart in CHARTS.values()}
    datasets |= {target["datasetUuid"] for _, one in FILTERS for target in one["targets"]}
    assert datasets == set(DATASET_BY_UUID)
    assert {uuid for dashboard in DASHBOARDS.values() for uuid in tiles(dashboard)} == set(CHART_BY_UUID)
    shared = compose.read_file("filters.yaml")
    assert {one["id"].removeprefix("NATIVE_FILTER-") for _, one in FILTERS} == set(shared)


def test_every_mart_is_shown_or_declared_unused() -> None:
    shown = set().union(*(marts_of(dataset) for dataset in DATASETS.values())) - {"publication"}
    assert shown | UNUSED_MARTS == set(MARTS)
    assert not shown & UNUSED_MARTS


def test_every_column_described_is_a_column_of_some_dataset() -> None:
    columns = set().union(*(compose.column_names(dataset) for dataset in DATASETS.values()))
    assert set(compose.read_file("columns.yaml")) <= columns


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_a_dataset_can_be_queried_with_each_of_its_metrics(name: str) -> None:
    dataset = DATASETS[name]
    for metric in dataset["metrics"]:
        empty_snapshot().execute(f"select {metric['expression']} from ({dataset['sql']})")


@pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_a_dashboard_is_a_whole_grid_with_links_to_the_others(dashboard: Asset) -> None:
    boxes = {key: box for key, box in dashboard["position"].items() if isinstance(box, dict)}
    reached = {child for box in boxes.values() for child in box.get("children", [])}
    assert reached == set(boxes) - {"ROOT_ID", "HEADER_ID"}
    for row in (box for box in boxes.values() if box["type"] == "ROW"):
        assert sum(boxes[child]["meta"]["width"] for child in row["children"]) == 12
    (links,) = [box["meta"]["code"] for box in boxes.values() if box["type"] == "MARKDOWN"]
    linked = set(re.findall(r'href="/superset/dashboard/([\w-]+)/"', links))
    assert linked <= {other["slug"] for other in DASHBOARDS.values()} - {dashboard["slug"]}
    assert f'<span class="kpi-here">{dashboard["dashboard_title"]}</span>' in links


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_a_chart_asks_only_for_what_its_dataset_has(chart: Asset) -> None:
    params, dataset = chart["params"], DATASET_BY_UUID[chart["dataset_uuid"]]
    assert set(used_by(params)) <= names(dataset)
    template = params.get("handlebarsTemplate", "")
    tags = re.sub(r'"[^"]*"', "", " ".join(re.findall(r"{{[#/]?(.*?)}}", template)))
    shown = set(re.findall(r"[a-z]\w*", tags)) - HANDLEBARS_HELPERS
    shown |= set(re.findall(r'by="(\w+)"', template))
    asked = {*params.get("all_columns", []), *params.get("groupby", []), *params.get("metrics", [])}
    assert shown <= asked, "a template shows what the query does not return: it would be blank"


def test_a_link_into_a_dashboard_leads_to_one_and_chooses_filters_it_has() -> None:
    by_slug = {dashboard["slug"]: name for name, dashboard in DASHBOARDS.items()}
    for chart in CHARTS.values():
        template = chart["params"].get("handlebarsTemplate", "")
        for slug, attributes in re.findall(r'href="/superset/dashboard/([\w-]+)/"([^>]*)', template):
            chosen = set(re.findall(r"data-(\w+)=", attributes))
            has = {one["id"].removeprefix("NATIVE_FILTER-") for name, one in FILTERS if name == by_slug[slug]}
            assert chosen <= has, chart["slice_name"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_chart_of_values_fixes_its_basis_period_and_target_or_is_filtered_by_them(name: str) -> None:
    dashboard = DASHBOARDS[name]
    for uuid, tile in tiles(dashboard).items():
        chart = CHART_BY_UUID[uuid]
        columns = compose.column_names(DATASET_BY_UUID[chart["dataset_uuid"]])
        used = set(used_by(chart["params"]))
        reached_by = {
            one["targets"][0]["column"]["name"]
            for owner, one in FILTERS
            if owner == name and tile["chartId"] not in one["scope"]["excluded"]
        }
        if "basis_vi" in columns:
            assert reached_by & {"basis_vi"} or "basis" in used, chart["slice_name"]
        if "period_choice_vi" in columns:
            fixed = {"is_latest_period", "is_trend_point", "period_end"}
            assert reached_by & {"period_choice_vi"} or used & fixed, chart["slice_name"]
        if "is_primary" in columns:
            assert "is_primary" in used, chart["slice_name"]


@pytest.mark.parametrize(("name", "native_filter"), FILTERS, ids=FILTER_NAMES)
def test_a_filter_reaches_charts_that_have_its_column(name: str, native_filter: Asset) -> None:
    dashboard = DASHBOARDS[name]
    (target,) = native_filter["targets"]
    dataset = DATASET_BY_UUID[target["datasetUuid"]]
    column = target["column"]["name"]
    assert column in names(dataset)
    assert native_filter.get("sortMetric", column) in names(dataset)
    by_id = {tile["chartId"]: uuid for uuid, tile in tiles(dashboard).items()}
    reached = set(by_id) - set(native_filter["scope"]["excluded"])
    assert reached, "a filter that does nothing"
    for chart_id in reached:
        assert column in names(DATASET_BY_UUID[CHART_BY_UUID[by_id[chart_id]]["dataset_uuid"]])
    own = {one["id"] for owner, one in FILTERS if owner == name}
    assert set(native_filter["cascadeParentIds"]) <= own


def test_the_filters_start_from_values_that_exist() -> None:
    catalogue = load_catalogue(CATALOGUE_DIR)
    known = {
        "kpi_name_vi": {kpi.name_vi for kpi in catalogue.kpis if kpi.is_headline},
        "agency_name_vi": {agency.name_vi for agency in catalogue.agencies},
    }
    for name, native_filter in FILTERS:
        (target,) = native_filter["targets"]
        column, mask = target["column"]["name"], native_filter["defaultDataMask"]
        for value in mask["filterState"].get("value", []):
            (applied,) = mask["extraFormData"]["filters"]
            assert (applied["col"], applied["val"]) == (column, [value])
            sql = DATASET_BY_UUID[target["datasetUuid"]]["sql"]
            assert value in known.get(column, ()) or f"'{value}'" in sql, name


def test_every_text_is_there_and_in_vietnamese() -> None:
    texts = [
        dashboard[key] for dashboard in DASHBOARDS.values() for key in ("dashboard_title", "description")
    ]
    texts += [chart[key] for chart in CHARTS.values() for key in ("slice_name", "description")]
    texts += [database["database_name"] for database in DATABASES.values()]
    texts += [native_filter["name"] for _, native_filter in FILTERS]
    for dataset in DATASETS.values():
        texts.append(dataset["description"])
        for field in (*dataset["columns"], *dataset["metrics"]):
            texts += [field["verbose_name"], field["description"]]
    assert [text for text in texts if not text or not VIETNAMESE.search(text)] == []


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_a_chart_names_its_source_and_its_legal_basis(chart: Asset) -> None:
    assert "Nguồn:" in chart["description"]
    assert "ăn cứ" in chart["description"]


def test_statuses_are_called_and_coloured_as_the_marts_call_them() -> None:
    macros = (DBT_PROJECT_DIR / "macros" / "labels.sql").read_text("utf-8")
    labels = re.search(r"macro status_vi.*?{(\s*\".*?)}", macros, re.DOTALL)
    assert labels
    statuses: dict[str, str] = yaml.safe_load("{" + labels[1] + "}")
    assert len(statuses) == 8
    assert set(PALETTE["series"]) == set(PALETTE["cells"]) == set(statuses.values())
    css = (SUPERSET_ASSETS_DIR / "branding" / "dashboards.css").read_text("utf-8")
    for status in statuses:
        assert re.search(rf"\.kpi-{status}\b[^{{]*{{ background", css), status
        assert f".kpi-sign.kpi-{status}::before" in css or status == "no_data", status
        colour = PALETTE["cells"][statuses[status]]
        assert re.search(rf"\.kpi-map-whole \.kpi-{status}\b[^{{]*{{ fill: {colour};", css), status
        sign = re.search(
            rf"\('{status}', '{statuses[status]}', '(\S)', \d\)", DATASETS["province_map"]["sql"]
        )
        assert sign and (f'.kpi-{status}::before {{ content: "{sign[1]} "' in css or sign[1] in "–○"), status
    legend = CHARTS["publication"]["params"]["handlebarsTemplate"]
    for status in ("met", "on_track", "behind", "missed", "insufficient", "no_data"):
        assert re.search(rf'kpi-{status}">\S {statuses[status]}<', legend), "a colour without sign and word"


def test_superset_texts_keep_their_placeholders() -> None:
    lines = (SUPERSET_ASSETS_DIR / "translations" / "vi.po").read_text("utf-8").split("\n\n")[1:]
    assert len(lines) > 200
    placeholder = re.compile(r"%(?:\(\w+\))?[sd]")
    for entry in lines:
        said, meant = entry.split("msgstr", 1)
        assert re.search(r'"[^"]', meant), f"not translated: {entry}"
        assert set(placeholder.findall(meant)) <= set(placeholder.findall(said)), entry


def test_users_and_secrets_are_called_the_same_on_both_sides() -> None:
    accounts = load_module("accounts")
    users = [dashboards.ADMIN_USER, dashboards.TASKFORCE_USER, dashboards.ENGINEER_USER]
    assert [user[0] for user in accounts.USERS] == users
    files = {user[3] for user in accounts.USERS}
    assert files < set(dashboard_assets._SECRETS)
    config = (SUPERSET_ASSETS_DIR / "superset_config.py").read_text("utf-8")
    assert {*dashboard_assets._SECRETS} - files == {"superset_secret_key"}
    assert '"superset_secret_key"' in config


def test_the_password_of_an_agency_lies_where_superset_looks_for_it(tmp_path: Path) -> None:
    file = dashboards.agency_password_file(Paths(tmp_path), "G04.X-VPB")
    found = load_module("accounts").AGENCY_PASSWORD.fullmatch(file.name)
    assert found and found["code"] == "G04.X-VPB"


def test_people_are_led_to_dashboards_of_their_own() -> None:
    config = (SUPERSET_ASSETS_DIR / "superset_config.py").read_text("utf-8")
    agency, others = re.findall(r"'([\w-]+)' if is_agency\(\) else '([\w-]+)'", config)[0]
    audiences = {one["slug"]: one["audience"] for one in compose.read("dashboards").values()}
    assert (audiences[agency], audiences[others]) == ("agency", "task force")


def test_agencies_read_the_datasets_with_their_accounts_and_nobody_else_does() -> None:
    accounts = {name for name, dataset in DATASETS.items() if "account_code" in names(dataset)}
    assert accounts == {name for name in DATASETS if name.startswith("agency_")}
    by_uuid = {dataset["uuid"]: name for name, dataset in DATASETS.items()}
    for name, said in compose.read("dashboards").items():
        charts = {CHART_BY_UUID[uuid]["dataset_uuid"] for uuid in tiles(DASHBOARDS[name])}
        filters = {one["targets"][0]["datasetUuid"] for owner, one in FILTERS if owner == name}
        used = {by_uuid[uuid] for uuid in charts | filters}
        assert used <= accounts if said["audience"] == "agency" else not used & accounts, name


def test_what_agencies_are_shown_holds_no_sql_and_no_account() -> None:
    """Their requests may only name columns and metrics; whose rows they are is not theirs to say."""
    for name, said in compose.read("dashboards").items():
        if said["audience"] != "agency":
            continue
        conditions = [item for owner, one in FILTERS if owner == name for item in one["adhoc_filters"]]
        for uuid in tiles(DASHBOARDS[name]):
            params = CHART_BY_UUID[uuid]["params"]
            conditions += params["adhoc_filters"]
            assert "account_code" not in set(used_by(params))
            assert "/superset/dashboard/" not in params.get("handlebarsTemplate", ""), "a way out"
        assert {item["expressionType"] for item in conditions} <= {"SIMPLE"}


def test_the_configuration_reads_what_the_platform_hands_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path)
    handed = dashboards.superset_environment(Paths.of(settings))
    config = (SUPERSET_ASSETS_DIR / "superset_config.py").read_text("utf-8")
    read = set(re.findall(r'os\.environ(?:\[|\.get\()"(\w+)"', config))
    optional = {f"KPI_SUPERSET_{name}" for name in ("DATABASE_URI", "HTTPS", "REDIS_URL", "SECRET_KEY")}
    assert read - optional == set(handed) - {"SUPERSET_CONFIG_PATH"}
    assert "superset_https" in Settings.model_fields, "each setting reaches the services as KPI_*"


def test_each_dashboard_is_an_exposure_of_the_marts_it_reads() -> None:
    document = yaml.safe_load((DBT_PROJECT_DIR / "models" / "exposures.yml").read_text("utf-8"))
    assert {exposure["name"] for exposure in document["exposures"]} == set(DASHBOARDS)
    for exposure in document["exposures"]:
        dashboard = DASHBOARDS[exposure["name"]]
        datasets = {CHART_BY_UUID[uuid]["dataset_uuid"] for uuid in tiles(dashboard)}
        read = set().union(*(marts_of(DATASET_BY_UUID[uuid]) for uuid in datasets)) - {"publication"}
        assert exposure["label"] == dashboard["dashboard_title"]
        assert set(exposure["depends_on"]) == {f"ref('{mart}')" for mart in read}
