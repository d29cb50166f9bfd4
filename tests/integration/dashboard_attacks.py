"""Ways to ask Superset for what is somebody else's, and help to see whether it was given."""

from typing import Any

import httpx

SUBQUERY = "(select string_agg(agency_name_vi, ',') from main.fct_kpi_gap)"
METRIC = {"expressionType": "SQL", "label": "x"}
COLUMN = {"expressionType": "SQL", "label": "x"}
PAST_THE_RULE: list[dict[str, Any]] = [
    *(
        {"extras": {"where": where}}
        for where in (
            "1=1) or (1=1",
            "1=1) or (1=1) -- ",
            "true or account_code <> ''",
            f"agency_name_vi in {SUBQUERY}",
            "exists (from main.fct_kpi_gap)",
            "1=1) union all (select agency_name_vi from main.dim_agency where (1=1",
            "agency_name_vi in (select agency_name_vi from query_table('dim_agency'))",
            "'{{ current_username() }}' = 'G19' or true",
        )
    ),
    {"extras": {"having": f"{SUBQUERY} <> ''"}, "metrics": ["period_order"]},
    {"extras": {"having": "1=1) or (1=1"}, "metrics": ["period_order"]},
    *(
        {"columns": [{**COLUMN, "sqlExpression": sql}]}
        for sql in (
            SUBQUERY,
            "(from main.dim_agency select min(agency_name_vi))",
            "getenv('HOME')",
            "version()",
        )
    ),
    {"columns": [SUBQUERY], "metrics": ["period_order"]},
    {"columns": ["agency_name_vi || version()"], "metrics": ["period_order"]},
    {"columns": ["agency_name_vi"], "metrics": [{**METRIC, "sqlExpression": f"max({SUBQUERY})"}]},
    {"columns": [], "metrics": [{**METRIC, "sqlExpression": "string_agg(agency_name_vi, ',')"}]},
    {"orderby": [[{**METRIC, "sqlExpression": SUBQUERY}, True]], "metrics": ["period_order"]},
    {"series_columns": [SUBQUERY], "series_limit": 5, "metrics": ["period_order"]},
    {
        "series_limit_metric": {**METRIC, "sqlExpression": SUBQUERY},
        "series_limit": 5,
        "metrics": ["period_order"],
    },
    {"filters": [{"col": {**COLUMN, "sqlExpression": SUBQUERY}, "op": "!=", "val": ""}]},
    {"filters": [{"col": "account_code", "op": "!=", "val": "G19"}]},
    {"filters": [{"col": "account_code", "op": "IN", "val": ["G02", "G10", "') or ('1'='1"]}]},
    {"filters": [{"col": "agency_name_vi", "op": "LIKE", "val": "%' or '%'='"}]},
    {"filters": [{"col": "agency_name_vi", "op": "==", "val": "{{ dataset(1) }}"}]},
    {"annotation_layers": [{"name": "x", "sourceType": "table", "value": 1, "annotationType": "EVENT"}]},
    {"url_params": {"account_code": "G02"}, "applied_time_extras": {"account_code": "G02"}},
    {"apply_fetch_values_predicate": True, "is_rowcount": False, "result_type": "drill_detail"},
]

ADDRESSES: list[tuple[str, str, Any]] = [
    ("GET", "/api/v1/dataset/", None),
    ("GET", "/api/v1/dataset/{values}", None),
    ("GET", "/api/v1/dataset/{gaps}/drill_info/", None),
    ("GET", "/api/v1/dataset/export/?q=!({gaps})", None),
    ("GET", "/api/v1/datasource/table/{values}/column/agency_name_vi/values/", None),
    ("GET", "/api/v1/datasource/table/{gaps}/column/agency_name_vi/values/", None),
    ("POST", "/datasource/samples?datasource_type=table&datasource_id={values}", {}),
    ("POST", "/datasource/samples?datasource_type=table&datasource_id={gaps}", {}),
    ("GET", "/datasource/get/table/{gaps}/", None),
    ("GET", "/explore/?datasource_type=table&datasource_id={gaps}", None),
    ("GET", "/api/v1/explore/?datasource_type=table&datasource_id={gaps}", None),
    ("POST", "/superset/explore_json/?form_data=%7B%22datasource%22:%22{values}__table%22%7D", {}),
    ("POST", "/api/v1/chart/data", {"datasource": {"id": 1, "type": "query"}, "queries": [{}]}),
    ("POST", "/api/v1/query/", {"query_context": {"datasource": {"id": "{gaps}", "type": "table"}}}),
    ("GET", "/api/v1/chart/", None),
    ("GET", "/api/v1/chart/{foreign_chart}", None),
    ("GET", "/api/v1/chart/{foreign_chart}/data/", None),
    ("GET", "/superset/slice/{foreign_chart}/", None),
    ("GET", "/api/v1/dashboard/", None),
    ("GET", "/api/v1/dashboard/tong-quan-quoc-gia", None),
    ("GET", "/api/v1/dashboard/tong-quan-quoc-gia/charts", None),
    ("GET", "/api/v1/dashboard/tong-quan-quoc-gia/datasets", None),
    ("GET", "/superset/dashboard/tong-quan-quoc-gia/", None),
    ("POST", "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "select * from main.dim_agency"}),
    ("GET", "/sqllab/", None),
    ("GET", "/api/v1/database/1/tables/?q=(schema_name:main)", None),
    ("GET", "/api/v1/database/1/table_metadata/?name=dim_agency", None),
    ("GET", "/api/v1/query/", None),
    ("GET", "/api/v1/saved_query/", None),
    ("GET", "/api/v1/security/users/", None),
    ("GET", "/api/v1/rowlevelsecurity/", None),
    ("GET", "/api/v1/log/", None),
]

ESCAPES = [
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "from '/etc/passwd'",
    "select * from glob('/etc/*')",
    "copy (select 1) to '{folder}/copied.csv'",
    "export database '{folder}/exported'",
    "attach '{folder}/attached.db'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma enable_external_access = true",
    "create table main.made as select 1",
    "update main.publication set submissions_count = 0",
    "drop table main.publication",
    "select getenv('HOME')",
]


def ask(client: httpx.Client, dataset: int, form: str = "json", **query: Any) -> httpx.Response:
    """Ask for rows as a browser does."""
    asked = {"columns": ["agency_name_vi"], "row_limit": 10000, "filters": [], "orderby": [], **query}
    context = {"datasource": {"id": dataset, "type": "table"}, "queries": [asked], "result_format": form}
    return client.post("/api/v1/chart/data", json=context)


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["result"][0]["data"]
    return found


def foreign(text: str, names: set[str]) -> set[str]:
    """The names of other agencies in an answer."""
    plain = text.encode().decode("unicode_escape") if "\\u" in text else text
    return {name for name in names if name in text or name in plain}
