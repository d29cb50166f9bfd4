"""The dashboards' files agree with each other, with the marts, the catalogue and what people read."""

import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from national_kpi import dashboards
from national_kpi.catalogue import load_catalogue
from national_kpi.dashboards import assets as dashboard_assets
from national_kpi.paths import CATALOGUE_DIR, DBT_PROJECT_DIR, SUPERSET_ASSETS_DIR

Asset = dict[str, Any]
VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)
HANDLEBARS_HELPERS = {"each", "if", "unless", "else", "eq", "data", "first"}


def load(kind: str) -> dict[str, Asset]:
    """The assets of a kind by file name."""
    files = sorted((SUPERSET_ASSETS_DIR / kind).rglob("*.yaml"))
    assert files, f"no {kind}: this test would see nothing"
    return {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in files}


DATABASES, DATASETS, CHARTS, DASHBOARDS = map(load, ("databases", "datasets", "charts", "dashboards"))
DATASET_BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}
FILTERS = {
    native_filter["id"]: native_filter
    for dashboard in DASHBOARDS.values()
    for native_filter in dashboard["metadata"]["native_filter_configuration"]
}


def tiles(dashboard: Asset) -> dict[str, Asset]:
    """What a dashboard says of each chart, by the chart's uuid."""
    boxes = [box for box in dashboard["position"].values() if isinstance(box, dict)]
    return {box["meta"]["uuid"]: box["meta"] for box in boxes if box["type"] == "CHART"}


def marts_of(dataset: Asset) -> set[str]:
    """The marts a dataset reads: the one it is, or those its query names."""
    return set(re.findall(r"\bmain\.(\w+)", dataset["sql"])) if dataset["sql"] else {dataset["table_name"]}


def names(dataset: Asset) -> set[str]:
    """Everything a chart may ask of a dataset."""
    columns = {column["column_name"] for column in dataset["columns"]}
    return columns | {metric["metric_name"] for metric in dataset["metrics"]}


def used_by(params: Asset) -> Iterator[str]:
    """Every column and metric a chart's form data names."""
    for key in ("all_columns", "groupby", "groupby_b", "metrics", "metrics_b"):
        yield from params.get(key, [])
    yield from (params[key] for key in ("metric", "x_axis") if key in params)
    for key in ("adhoc_filters", "adhoc_filters_b"):
        yield from (item["subject"] for item in params.get(key, []) if item["expressionType"] == "SIMPLE")
    yield from (yaml.safe_load(order)[0] for order in params.get("order_by_cols", []))
    yield from params.get("column_config", {})
    yield from (item["column"] for item in params.get("conditional_formatting", []))


def load_apply() -> ModuleType:
    """`apply.py` as a module; it imports Superset only inside its functions."""
    spec = importlib.util.spec_from_file_location("superset_apply", SUPERSET_ASSETS_DIR / "apply.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_uuid_is_used_once() -> None:
    everything = [*DATABASES.values(), *DATASETS.values(), *CHARTS.values(), *DASHBOARDS.values()]
    assert max(Counter(asset["uuid"] for asset in everything).values()) == 1


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    databases = {dataset["database_uuid"] for dataset in DATASETS.values()}
    datasets = {chart["dataset_uuid"] for chart in CHARTS.values()}
    datasets |= {target["datasetUuid"] for one in FILTERS.values() for target in one["targets"]}
    charts = {uuid for dashboard in DASHBOARDS.values() for uuid in tiles(dashboard)}
    assert databases == {database["uuid"] for database in DATABASES.values()}
    assert datasets == set(DATASET_BY_UUID)
    assert charts == {chart["uuid"] for chart in CHARTS.values()}


@pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_a_dashboard_is_a_whole_grid_of_full_rows(dashboard: Asset) -> None:
    position = dashboard["position"]
    boxes = {key: box for key, box in position.items() if isinstance(box, dict)}
    reached = {child for box in boxes.values() for child in box.get("children", [])}
    assert reached == set(boxes) - {"ROOT_ID", "HEADER_ID"}
    for row in (box for box in boxes.values() if box["type"] == "ROW"):
        assert sum(boxes[child]["meta"]["width"] for child in row["children"]) == 12
    chart_ids = [tile["chartId"] for tile in tiles(dashboard).values()]
    assert len(set(chart_ids)) == len(chart_ids)
    named = {uuid: tile["sliceName"] for uuid, tile in tiles(dashboard).items()}
    assert named == {chart["uuid"]: chart["slice_name"] for chart in CHARTS.values()}


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_a_chart_asks_only_for_what_its_dataset_has(chart: Asset) -> None:
    params, dataset = chart["params"], DATASET_BY_UUID[chart["dataset_uuid"]]
    assert params["viz_type"] == chart["viz_type"]
    assert set(used_by(params)) <= names(dataset)
    template = params.get("handlebarsTemplate", "")
    tags = re.sub(r'"[^"]*"', "", " ".join(re.findall(r"{{[#/]?(.*?)}}", template)))
    shown = set(re.findall(r"[a-z]\w*", tags)) - HANDLEBARS_HELPERS
    asked = {*params.get("all_columns", []), *params.get("groupby", []), *params.get("metrics", [])}
    assert shown <= asked, "a template shows what the query does not return: it would be blank"


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_a_chart_fixes_one_basis_and_one_target(chart: Asset) -> None:
    columns = {column["column_name"] for column in DATASET_BY_UUID[chart["dataset_uuid"]]["columns"]}
    for suffix in ("", "_b") if chart["viz_type"] == "mixed_timeseries" else ("",):
        fixed = {item.get("subject"): item for item in chart["params"][f"adhoc_filters{suffix}"]}
        if "basis" in columns:
            assert fixed["basis"]["comparator"] == "reported"
        if "is_primary" in columns:
            assert fixed["is_primary"]["operator"] == "IS TRUE"


def test_no_chart_of_values_mixes_indicators_or_periods() -> None:
    (dashboard,) = DASHBOARDS.values()
    values = {DATASETS[name]["uuid"] for name in ("fct_kpi_gap", "rankings")}
    for chart in (chart for chart in CHARTS.values() if chart["dataset_uuid"] in values):
        chart_id, used = tiles(dashboard)[chart["uuid"]]["chartId"], set(used_by(chart["params"]))
        indicators, periods = FILTERS["NATIVE_FILTER-kpi"], FILTERS["NATIVE_FILTER-period"]
        assert "kpi_code" in used or chart_id not in indicators["scope"]["excluded"], chart["slice_name"]
        assert used & {"period_end", "is_latest_period"} or chart_id not in periods["scope"]["excluded"]


@pytest.mark.parametrize("native_filter", FILTERS.values(), ids=FILTERS.keys())
def test_a_filter_reaches_the_charts_in_its_scope(native_filter: Asset) -> None:
    (dashboard,) = DASHBOARDS.values()
    (target,) = native_filter["targets"]
    assert target["column"]["name"] in names(DATASET_BY_UUID[target["datasetUuid"]])
    assert native_filter.get("sortMetric", "agencies_count") in names(DATASET_BY_UUID[target["datasetUuid"]])
    by_id = {tile["chartId"]: uuid for uuid, tile in tiles(dashboard).items()}
    excluded = set(native_filter["scope"]["excluded"])
    assert excluded < set(by_id)
    chart_by_uuid = {chart["uuid"]: chart for chart in CHARTS.values()}
    for chart_id in set(by_id) - excluded:
        dataset = DATASET_BY_UUID[chart_by_uuid[by_id[chart_id]]["dataset_uuid"]]
        assert target["column"]["name"] in names(dataset), f"chart {chart_id} cannot be filtered"
    assert set(native_filter["cascadeParentIds"]) <= set(FILTERS)


def test_the_filters_start_from_values_that_exist() -> None:
    headline = {kpi.name_vi for kpi in load_catalogue(CATALOGUE_DIR).kpis if kpi.is_headline}
    for name, known in (("NATIVE_FILTER-kpi", headline), ("NATIVE_FILTER-period", {"Kỳ mới nhất"})):
        mask = FILTERS[name]["defaultDataMask"]
        assert set(mask["filterState"]["value"]) <= known
        (applied,) = mask["extraFormData"]["filters"]
        assert applied["val"] == mask["filterState"]["value"]
        assert applied["col"] == FILTERS[name]["targets"][0]["column"]["name"]
    for dataset in (DATASETS["fct_kpi_gap"], DATASETS["rankings"]):
        (choice,) = [one for one in dataset["columns"] if one["column_name"] == "period_choice_vi"]
        assert "'Kỳ mới nhất'" in choice["expression"]


@pytest.mark.parametrize("name", [name for name, dataset in DATASETS.items() if name.startswith("fct_")])
def test_a_dataset_lists_its_mart_column_by_column(name: str) -> None:
    declared = yaml.safe_load((DBT_PROJECT_DIR / "models" / "marts" / f"{name}.yml").read_text("utf-8"))
    mart = {column["name"]: column["data_type"].upper() for column in declared["models"][0]["columns"]}
    physical = {
        column["column_name"]: column["type"]
        for column in DATASETS[name]["columns"]
        if "expression" not in column
    }
    assert physical == mart


def test_every_text_is_there_and_in_vietnamese() -> None:
    texts = [
        dashboard[key] for dashboard in DASHBOARDS.values() for key in ("dashboard_title", "description")
    ]
    texts += [chart[key] for chart in CHARTS.values() for key in ("slice_name", "description")]
    texts += [database["database_name"] for database in DATABASES.values()]
    texts += [native_filter["name"] for native_filter in FILTERS.values()]
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
    for chart in CHARTS.values():
        for item in chart["params"].get("conditional_formatting", []):
            assert item["targetValue"] in statuses.values()
    (dashboard,) = DASHBOARDS.values()
    assert set(dashboard["metadata"]["label_colors"]) == set(statuses.values())
    for status in statuses:
        assert re.search(rf"\.kpi-{status}\b[^{{]*{{ background", dashboard["css"]), status
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
    apply = load_apply()
    assert [user[0] for user in apply.USERS] == [dashboards.ADMIN_USER, dashboards.TASKFORCE_USER]
    files = {user[3] for user in apply.USERS}
    assert files < set(dashboard_assets._SECRETS)
    config = (SUPERSET_ASSETS_DIR / "superset_config.py").read_text("utf-8")
    assert {*dashboard_assets._SECRETS} - files == {"superset_secret_key"}
    assert '"superset_secret_key"' in config


def test_the_configuration_reads_what_the_platform_hands_it(tmp_path: Path) -> None:
    from national_kpi.paths import Paths
    from national_kpi.settings import Settings

    settings = Settings(_env_file=None, home=tmp_path)
    handed = dashboards.superset_environment(Paths.of(settings))
    config = (SUPERSET_ASSETS_DIR / "superset_config.py").read_text("utf-8")
    read = set(re.findall(r'os\.environ(?:\[|\.get\()"(\w+)"', config))
    assert read - {"KPI_SUPERSET_DATABASE_URI"} == set(handed) - {"SUPERSET_CONFIG_PATH"}


def test_each_dashboard_is_an_exposure_of_the_marts_it_reads() -> None:
    document = yaml.safe_load((DBT_PROJECT_DIR / "models" / "exposures.yml").read_text("utf-8"))
    charts = {chart["uuid"]: DATASET_BY_UUID[chart["dataset_uuid"]] for chart in CHARTS.values()}
    assert {exposure["name"] for exposure in document["exposures"]} == set(DASHBOARDS)
    for exposure in document["exposures"]:
        dashboard = DASHBOARDS[exposure["name"]]
        read = set().union(*(marts_of(charts[uuid]) for uuid in tiles(dashboard))) - {"publication"}
        assert exposure["label"] == dashboard["dashboard_title"]
        assert set(exposure["depends_on"]) == {f"ref('{mart}')" for mart in read}
