"""What accounts of agencies read: datasets whose rows say which accounts may see them."""

from pathlib import Path
from typing import Any

AGENCY_DATASETS = "agency_"
"""How the names of these datasets begin, and of no others."""

_VISIBLE = """with accounts as (
{accounts}), whole as (
{sql}
), visible as (
select accounts.account_code, whole.*
from whole
inner join accounts on accounts.agency_id = whole.agency_id
where {where}
)
select * from visible"""
_WHEN_NONE = """
union all by name
select distinct account_code, {texts} from accounts
where account_code not in (select account_code from visible)"""


def for_accounts(dataset: dict[str, Any], folder: Path) -> str:
    """A dataset's query with `account_code`: each row once for every account that may see it.

    Args:
        dataset: its `sql` has a column `agency_id`; `where` leaves rows out; `when_none` is the row, as texts
            by column, of an account that has no other.
        folder: the folder of assets.
    """
    accounts = (folder / "accounts.sql").read_text(encoding="utf-8")
    sql = _VISIBLE.format(accounts=accounts, sql=dataset["sql"], where=dataset.get("where", "true"))
    if "when_none" in dataset:
        texts = (f"'{text}' as {column}" for column, text in dataset["when_none"].items())
        sql += _WHEN_NONE.format(texts=", ".join(texts))
    return sql
