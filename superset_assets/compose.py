"""Superset's own form of the files in this folder, which say each thing once.

What the files leave to this module:
    datasets name a query; its columns come from the snapshot, their texts from `columns.yaml`.
    datasets `agency_*` are what accounts of agencies read: their rows carry the accounts that may see them;
        `where` leaves rows out, and `when_none` is the row of an account that has no other.
    `like` names an asset of the same kind that this one takes everything from that it does not say itself.
    charts name their dataset by its file; `where`, `order` and `status_colours` are short for Superset's own
        forms; `shows_all_of` names columns whose filters do not reach the chart; where `may_be_empty`, no row
        is a good answer.
    dashboards list rows of charts and the filters of `filters.yaml` they have; places, scopes, the links
        between dashboards and the style sheet follow from that.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from agency_rows import AGENCY_DATASETS, for_accounts

ASSETS = Path(__file__).resolve().parent
COMMON = {"version": "1.0.0", "is_managed_externally": True}
COLUMNS_OF_A_ROW = 12

Asset = dict[str, Any]
# The columns a query returns, with their types, in order.
Describe = Callable[[str], list[tuple[str, str]]]


class AssetError(Exception):
    """A file says what cannot be; the message names the file."""


def read(kind: str, folder: Path = ASSETS) -> dict[str, Asset]:
    """The assets of a kind by the name of their file.

    Args:
        kind: `databases`, `datasets`, `charts` or `dashboards`.
        folder: the folder of assets.
    """
    files = sorted((folder / kind).glob("*.yaml"))
    said = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    return {name: _whole(asset, said, f"{kind}/{name}.yaml") for name, asset in said.items()}


def _whole(asset: Asset, others: dict[str, Asset], file: str) -> Asset:
    """An asset with what it takes from the one it is `like`."""
    if "like" not in asset:
        return asset
    if asset["like"] not in others:
        raise AssetError(f"{file}: it is like “{asset['like']}”, which is not there")
    return _merged(others[asset["like"]], {key: value for key, value in asset.items() if key != "like"})


def _merged(model: Asset, own: Asset) -> Asset:
    both = {key: _merged(model[key], own[key]) for key in own if isinstance(model.get(key), dict)}
    return {**model, **own, **both}


def read_file(name: str, folder: Path = ASSETS) -> Any:
    """One of the files the assets share: `columns.yaml`, `filters.yaml` or `palette.yaml`."""
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


def compose(describe: Describe, folder: Path = ASSETS) -> dict[str, Asset]:
    """Every asset as Superset imports it, by the path it has in an export.

    Args:
        describe: tells the columns of a query on the snapshot.
        folder: the folder of assets.

    Raises:
        AssetError: a file names what is not there, or a column has no texts.
    """
    ((_, database),) = read("databases", folder).items()
    columns = read_file("columns.yaml", folder)
    said = read("charts", folder)
    datasets = {
        name: _dataset(name, dataset, database["uuid"], columns, describe, folder)
        for name, dataset in read("datasets", folder).items()
    }
    for chart in said.values():
        _add_alphabetical(datasets, chart)
    palette = read_file("palette.yaml", folder)
    charts = {name: _chart(name, chart, datasets, palette) for name, chart in said.items()}
    whole_of = {name: chart.get("shows_all_of", []) for name, chart in said.items()}
    dashboards = read("dashboards", folder)
    assets = {"metadata.yaml": read_file("metadata.yaml", folder)}
    assets["databases/database.yaml"] = {**COMMON, **database}
    assets |= {f"datasets/database/{name}.yaml": dataset for name, dataset in datasets.items()}
    assets |= {f"charts/{name}.yaml": chart for name, chart in charts.items()}
    for name in dashboards:
        dashboard = _Dashboard(name, dashboards, charts, whole_of, datasets, folder)
        assets[f"dashboards/{name}.yaml"] = dashboard.composed(palette)
    return assets


# --- Datasets -----------------------------------------------------------------------------------------


def _dataset(
    name: str, dataset: Asset, database: str, shared: Asset, describe: Describe, folder: Path
) -> Asset:
    texts = {**shared, **dataset.get("texts", {})}
    sql = for_accounts(dataset, folder) if name.startswith(AGENCY_DATASETS) else dataset["sql"]
    columns = []
    for column, column_type in describe(sql):
        if column not in texts:
            raise AssetError(f"datasets/{name}.yaml: column “{column}” has no texts in columns.yaml")
        label, description = texts[column]
        columns.append(
            {
                "column_name": column,
                "type": column_type,
                "is_dttm": column_type in ("DATE", "TIMESTAMP"),
                "verbose_name": label,
                "description": description,
            }
        )
    return {
        **COMMON,
        "table_name": name,
        "uuid": dataset["uuid"],
        "database_uuid": database,
        "schema": "main",
        "catalog": None,
        "main_dttm_col": None,
        "source_db_engine": "duckdb",
        "description": dataset["description"],
        "sql": sql,
        "columns": columns,
        "metrics": dataset.get("metrics", []),
    }


def _add_alphabetical(datasets: dict[str, Asset], chart: Asset) -> None:
    """Add the columns by which a chart sorts texts in Vietnamese to its dataset."""
    columns = datasets.get(chart["dataset"], {"columns": []})["columns"]
    names = {column["column_name"] for column in columns}
    wanted = {_sorted_by(column) for column, _ in chart.get("order", [])} - names
    columns += [
        {
            **column,
            "column_name": name,
            "expression": f"{column['column_name']} collate vi",
            "verbose_name": f"{column['verbose_name']}, theo bảng chữ cái",
            "groupby": False,
            "filterable": False,
        }
        for column in columns
        if (name := _sorted_by(column["column_name"])) in wanted
    ]


# --- Charts -------------------------------------------------------------------------------------------


def _chart(name: str, chart: Asset, datasets: dict[str, Asset], palette: Asset) -> Asset:
    if chart["dataset"] not in datasets:
        raise AssetError(f"charts/{name}.yaml: there is no dataset “{chart['dataset']}”")
    params = {"viz_type": chart["viz_type"], **palette["chart_defaults"].get(chart["viz_type"], {})}
    params |= chart["params"]
    params["may_be_empty"] = chart.get("may_be_empty", False)  # for the check after a publication
    params["adhoc_filters"] = [_condition(*condition) for condition in chart.get("where", [])]
    if chart["viz_type"] == "mixed_timeseries":
        params["adhoc_filters_b"] = params["adhoc_filters"]
    order = chart.get("order", [])
    if chart["viz_type"] == "table" and params["query_mode"] == "aggregate":
        ((params["timeseries_limit_metric"], way),) = order
        params["order_desc"] = way == "desc"
    else:
        params["order_by_cols"] = [json.dumps([_sorted_by(column), way == "asc"]) for column, way in order]
    if "status_colours" in chart:
        params["conditional_formatting"] = [
            {
                "column": column,
                "operator": "=",
                "targetValue": word,
                "colorScheme": colour,
                "useGradient": False,
            }
            for column in chart["status_colours"]
            for word, colour in palette["cells"].items()
        ]
    return {
        **COMMON,
        "slice_name": chart["slice_name"],
        "description": chart["description"],
        "uuid": chart["uuid"],
        "dataset_uuid": datasets[chart["dataset"]]["uuid"],
        "viz_type": chart["viz_type"],
        "params": params,
    }


def _sorted_by(column: str) -> str:
    """The column that gives the order: for texts in Vietnamese that of its alphabet, in which Đ follows D."""
    return f"{column}_abc" if column.endswith("_vi") else column


def _condition(column: str, operator: str, value: Any = None) -> Asset:
    """A fixed filter in Superset's form; `[sql, …]` is a condition in SQL."""
    if column == "sql":
        return {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": operator}
    names = {"==": "EQUALS", "!=": "NOT_EQUALS", "IS TRUE": "IS_TRUE", "IN": "IN"}
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "operatorId": names[operator],
        "comparator": value,
    }


# --- Dashboards ---------------------------------------------------------------------------------------


class _Dashboard:
    """One dashboard, with what it is made of."""

    def __init__(
        self,
        name: str,
        dashboards: dict[str, Asset],
        charts: dict[str, Asset],
        whole_of: dict[str, list[str]],
        datasets: dict[str, Asset],
        folder: Path,
    ) -> None:
        self.file = f"dashboards/{name}.yaml"
        self.said = dashboards[name]
        self.neighbours = [
            one
            for one in sorted(dashboards.values(), key=lambda one: one["place"])
            if one["audience"] == self.said["audience"]
        ]
        self.folder = folder
        self.whole_of = whole_of
        self.datasets = datasets
        self.by_uuid = {dataset["uuid"]: dataset for dataset in datasets.values()}
        self.rows: list[Asset] = self.said["rows"]
        names = [chart for row in self.rows for chart in row["charts"]]
        if missing := [chart for chart in names if chart not in charts]:
            raise AssetError(f"{self.file}: there is no chart “{missing[0]}”")
        self.charts = {chart: charts[chart] for chart in names}
        self.chart_ids = {chart: number for number, chart in enumerate(names, 1)}

    def composed(self, palette: Asset) -> Asset:
        return {
            **COMMON,
            "dashboard_title": self.said["dashboard_title"],
            "slug": self.said["slug"],
            "uuid": self.said["uuid"],
            "description": self.said["description"],
            "published": True,
            "css": (self.folder / "branding" / "dashboards.css").read_text(encoding="utf-8"),
            "position": self.position(),
            "metadata": {
                "color_scheme": "kpi",
                "label_colors": palette["series"],
                "refresh_frequency": 0,
                "timed_refresh_immune_slices": [],
                "expanded_slices": {},
                "cross_filters_enabled": False,
                "filter_bar_orientation": "HORIZONTAL",
                "native_filter_configuration": list(self.filters()),
            },
        }

    def position(self) -> Asset:
        """The grid: the links to the other dashboards, then the rows."""
        rows = [f"ROW-{number}" for number in range(len(self.rows) + 1)]
        grid: Asset = {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
            "HEADER_ID": {
                "id": "HEADER_ID",
                "type": "HEADER",
                "meta": {"text": self.said["dashboard_title"]},
            },
            "GRID_ID": {"id": "GRID_ID", "type": "GRID", "parents": ["ROOT_ID"], "children": rows},
        }
        links = {
            "id": "MARKDOWN-links",
            "type": "MARKDOWN",
            "children": [],
            "meta": {"width": COLUMNS_OF_A_ROW, "height": 7, "code": self.links()},
        }
        self._place(grid, rows[0], [links])
        for row, said in zip(rows[1:], self.rows, strict=True):
            if sum(said["charts"].values()) != COLUMNS_OF_A_ROW:
                raise AssetError(
                    f"{self.file}: the row of {', '.join(said['charts'])} is not {COLUMNS_OF_A_ROW} wide"
                )
            self._place(
                grid, row, [self._tile(name, width, said["height"]) for name, width in said["charts"].items()]
            )
        return grid

    def _place(self, grid: Asset, row: str, tiles: list[Asset]) -> None:
        parents = ["ROOT_ID", "GRID_ID"]
        grid[row] = {
            "id": row,
            "type": "ROW",
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
            "children": [tile["id"] for tile in tiles],
        }
        grid |= {tile["id"]: {**tile, "parents": [*parents, row]} for tile in tiles}

    def _tile(self, name: str, width: int, height: int) -> Asset:
        chart, number = self.charts[name], self.chart_ids[name]
        meta = {
            "chartId": number,
            "uuid": chart["uuid"],
            "sliceName": chart["slice_name"],
            "width": width,
            "height": height,
        }
        return {"id": f"CHART-{number}", "type": "CHART", "children": [], "meta": meta}

    def links(self) -> str:
        """Links to the dashboards of the same readers; this one's is marked as the place one is at."""
        return "\n".join(
            [
                '<nav class="kpi-links">',
                *(
                    f'<span class="kpi-here">{one["dashboard_title"]}</span>'
                    if one is self.said
                    else f'<a href="/superset/dashboard/{one["slug"]}/">{one["dashboard_title"]}</a>'
                    for one in self.neighbours
                ),
                "</nav>",
            ]
        )

    def filters(self) -> Iterator[Asset]:
        """The filters, each reaching every chart that has its column and does not fix it itself."""
        shared = read_file("filters.yaml", self.folder)
        chosen: dict[str, Asset] = self.said.get("filters", {})
        for name, own in chosen.items():
            if name not in shared:
                raise AssetError(f"{self.file}: there is no filter “{name}” in filters.yaml")
            said = {**shared[name], **(own or {})}
            dataset = self.datasets.get(said["dataset"])
            if dataset is None:
                raise AssetError(f"{self.file}: filter “{name}” has no dataset “{said['dataset']}”")
            yield {
                "id": f"NATIVE_FILTER-{name}",
                "name": said["name"],
                "type": "NATIVE_FILTER",
                "filterType": "filter_select",
                "targets": [{"datasetUuid": dataset["uuid"], "column": {"name": said["column"]}}],
                "scope": {"rootPath": ["ROOT_ID"], "excluded": self._out_of_reach(said["column"])},
                "adhoc_filters": [_condition(*condition) for condition in said.get("where", [])],
                "controlValues": {
                    "multiSelect": said.get("multiple", False),
                    "enableEmptyFilter": "default" in said,
                    "defaultToFirstItem": False,
                    "inverseSelection": False,
                    "searchAllOptions": said.get("search", False),
                    "sortAscending": True,
                },
                "defaultDataMask": _data_mask(said["column"], said.get("default")),
                "cascadeParentIds": [
                    f"NATIVE_FILTER-{one}" for one in said.get("within", []) if one in chosen
                ],
                **({"sortMetric": said["sorted_by"]} if said.get("sorted_by") else {}),
            }

    def _out_of_reach(self, column: str) -> list[int]:
        return [
            self.chart_ids[name]
            for name, chart in self.charts.items()
            if column not in column_names(self.by_uuid[chart["dataset_uuid"]])
            or column in {item.get("subject") for item in chart["params"]["adhoc_filters"]}
            or column in _fixed_by_another(chart)
            or column in self.whole_of[name]
        ]


def _fixed_by_another(chart: Asset) -> set[str]:
    """Columns a chart fixes through another one that says the same."""
    twins = {
        "is_latest_period": "period_choice_vi",
        "basis": "basis_vi",
        "kpi_code": "kpi_name_vi",
        "agency_code": "agency_name_vi",
        "agency_kind": "agency_kind_vi",
        "period_end": "period_choice_vi",
    }
    params = chart["params"]
    used = {item.get("subject") for item in params["adhoc_filters"]} | {params.get("x_axis")}
    return {twin for column, twin in twins.items() if column in used}


def column_names(dataset: Asset) -> set[str]:
    """The columns of a composed dataset."""
    return {column["column_name"] for column in dataset["columns"]}


def _data_mask(column: str, value: str | None) -> Asset:
    if value is None:
        return {"extraFormData": {}, "filterState": {}, "ownState": {}}
    return {
        "extraFormData": {"filters": [{"col": column, "op": "IN", "val": [value]}]},
        "filterState": {"label": value, "value": [value]},
        "ownState": {},
    }
