"""Superset's security manager, with two more rules: agencies send no SQL, and log-ins are limited.

Row-level security adds a condition to the query around a dataset, and SQL in a request would stand inside
that query. So of agencies Superset takes names of the dataset's columns and metrics, values to compare with,
and nothing else; Superset itself reads a name that it does not know as SQL.
"""

from typing import Any

from flask import current_app, g
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security import SupersetSecurityManager
from superset.utils.core import DTTM_ALIAS

from accounts import AGENCY_ROLE


def is_agency() -> bool:
    """Whether whoever asks has the account of an agency."""
    return any(role.name == AGENCY_ROLE for role in getattr(getattr(g, "user", None), "roles", []))


class Guard(SupersetSecurityManager):
    """Superset's rules on who may read what, and that agencies only name what their datasets have."""

    def register_views(self) -> None:
        """Register Superset's views, and limit log-ins where they arrive, by form or for a token.

        Superset 6.1 limits the view that shows its form only, which nobody posts to.
        """
        super().register_views()
        for blueprint in (self.auth_view.blueprint, current_app.blueprints["SecurityApi"]):
            self.limiter.limit(self.auth_rate_limit, methods=["POST"])(blueprint)

    def raise_for_access(self, *args: Any, query_context: Any = None, **kwargs: Any) -> None:
        """Refuse what an account may not read.

        Raises:
            SupersetSecurityException: it may not; or it is an agency's and asks for a table or sends SQL.
        """
        if is_agency():
            past_datasets = any(kwargs.get(name) for name in ("database", "query", "sql", "table", "viz"))
            queries = query_context.queries if query_context else []
            if args or past_datasets or not all(names_only(one, query_context.datasource) for one in queries):
                raise SupersetSecurityException(
                    SupersetError(
                        error_type=SupersetErrorType.DATASOURCE_SECURITY_ACCESS_ERROR,
                        message="Tài khoản của cơ quan chỉ xem được các bảng và cột đã có",
                        level=ErrorLevel.WARNING,
                    )
                )
        super().raise_for_access(*args, query_context=query_context, **kwargs)


def names_only(query: Any, dataset: Any) -> bool:
    """Whether a query is all names of the dataset's columns and metrics, and values.

    Args:
        query: Superset's query object.
        dataset: the dataset it is about.
    """
    columns = {column.column_name for column in dataset.columns} | {DTTM_ALIAS}
    metrics = {metric.metric_name for metric in dataset.metrics}

    def is_column(asked: Any) -> bool:
        return (asked.get("sqlExpression") if isinstance(asked, dict) else asked) in columns

    def is_metric(asked: Any) -> bool:
        if isinstance(asked, dict):
            column = asked.get("column") or {}
            return asked.get("expressionType") == "SIMPLE" and column.get("column_name") in columns
        return asked in metrics

    return (
        not (query.extras.get("where") or query.extras.get("having") or query.annotation_layers)
        and all(is_column(one) for one in (*query.columns, *query.series_columns))
        and all(is_metric(one) for one in query.metrics or [])
        and query.granularity in (None, *columns)
        and (query.series_limit_metric is None or is_metric(query.series_limit_metric))
        and all(is_column(one["col"]) or is_metric(one["col"]) for one in query.filter)
        and all(is_column(one) or is_metric(one) for one, _ in query.orderby)
    )
