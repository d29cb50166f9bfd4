"""Who may log in, what each role may do, and whose rows an agency sees.

Roles are this file's; whatever was changed by hand is put back. Passwords are read from `KPI_SECRETS`, one
file each; Superset keeps their hashes. The account of an agency is its password file,
`superset_agency_<code>_password`: where that is, and an agency holds the code, there the account is.
"""

import json
import os
import re
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from agency_rows import AGENCY_DATASETS

ADMIN_ROLE = "Admin"
TASKFORCE_ROLE = "Tổ công tác"
ENGINEER_ROLE = "Kỹ sư dữ liệu"
AGENCY_ROLE = "Cơ quan báo cáo"
# User name, name shown, role, file of the password.
USERS = (
    ("admin", "Quản trị hệ thống", ADMIN_ROLE, "superset_admin_password"),
    ("tocongtac", "Tổ công tác của Thủ tướng Chính phủ", TASKFORCE_ROLE, "superset_taskforce_password"),
    ("kysu", "Kỹ sư dữ liệu", ENGINEER_ROLE, "superset_engineer_password"),
)
AGENCY_PASSWORD = re.compile(r"superset_agency_(?P<code>.+)_password")
# Beyond what Superset lets an anonymous viewer do: the list of dashboards, exports, one's own password.
VIEWER_PERMISSIONS = {
    ("menu_access", "Dashboards"),
    ("can_log", "Superset"),
    ("can_csv", "Superset"),
    ("can_read", "SecurityRestApi"),
    ("can_recent_activity", "Log"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
}
# The charts of before Superset 3 are asked for here, in ways `guard.py` does not know.
NOT_FOR_AGENCIES = {("can_explore_json", "Superset")}
# What is left of users and rules in the roles an engineer has.
NOT_FOR_ENGINEERS = {"Action Log", "RowLevelSecurity", "UserRegistrationsRestAPI", "security", "user"}
# All rules have one group, so Superset joins them by "or": nobody's rows, or those of one's own account.
RULE_GROUP = "account"
NO_ROWS = "1 = 0"
LONGEST_NAME = 64


class AccountError(Exception):
    """An account cannot be as the files say; the message says which and why."""


def create_accounts() -> None:
    """Create the roles, the users of `USERS` and the accounts of agencies; close all others of agencies.

    `KPI_AGENCY_NAMES` holds the names of the agencies by code, in JSON.

    Raises:
        AccountError: a password file is empty.
    """
    from superset import db

    _create_roles()
    for username, shown, role, file_name in USERS:
        _create_user(username, shown, [role], file_name)
    names: dict[str, str] = json.loads(os.environ.get("KPI_AGENCY_NAMES", "{}"))
    secrets = sorted(Path(os.environ["KPI_SECRETS"]).iterdir())
    files = {found["code"]: found[0] for file in secrets if (found := AGENCY_PASSWORD.fullmatch(file.name))}
    codes = set(files) & set(names)
    for code in sorted(codes):
        _create_agency_account(code, names[code], files[code])
    _close_accounts_but(codes)
    give_access()
    db.session.commit()


def give_access() -> None:
    """Let each role read its datasets, and agencies of theirs only their own rows; nothing is committed."""
    from superset import db
    from superset import security_manager as sm
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable

    datasets = db.session.query(SqlaTable).all()
    for_agencies = [one for one in datasets if one.table_name.startswith(AGENCY_DATASETS)]
    others = [one for one in datasets if one not in for_agencies]
    for role_name, readable in ((AGENCY_ROLE, for_agencies), (TASKFORCE_ROLE, others)):
        role = sm.find_role(role_name)
        role.permissions = [
            *(one for one in role.permissions if one.permission.name != "datasource_access"),
            *(sm.add_permission_view_menu("datasource_access", one.get_perm()) for one in readable),
        ]
    for rule in db.session.query(RowLevelSecurityFilter).all():
        rule.tables = for_agencies


def _create_roles() -> None:
    from superset import db
    from superset import security_manager as sm
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    viewer = sm.PUBLIC_ROLE_PERMISSIONS | VIEWER_PERMISSIONS
    engineer = {
        (one.permission.name, one.view_menu.name)
        for name in ("Alpha", "sql_lab")
        for one in sm.find_role(name).permissions
        if one.view_menu.name not in NOT_FOR_ENGINEERS
    }
    for name, permissions in (
        (TASKFORCE_ROLE, viewer),
        (AGENCY_ROLE, viewer - NOT_FOR_AGENCIES),
        (ENGINEER_ROLE, engineer),
    ):
        sm.add_role(name).permissions = [sm.add_permission_view_menu(*one) for one in sorted(permissions)]
    # Whoever is not exempt sees no row of these datasets, unless a rule of their own account adds some.
    nobody = _rule("Không dòng nào", "Base", NO_ROWS)
    nobody.roles = [sm.find_role(name) for name in (ADMIN_ROLE, ENGINEER_ROLE)]
    rules = db.session.query(RowLevelSecurityFilter)
    for rule in rules.filter(RowLevelSecurityFilter.group_key.is_distinct_from(RULE_GROUP)):
        db.session.delete(rule)
    db.session.commit()


def _rule(name: str, kind: str, clause: str) -> Any:
    """The rule of a name, put right."""
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    rule = db.session.query(RowLevelSecurityFilter).filter_by(name=name).one_or_none()
    if rule is None:
        rule = RowLevelSecurityFilter(name=name)
        db.session.add(rule)
    rule.filter_type, rule.clause, rule.group_key = kind, clause, RULE_GROUP
    return rule


def _account_role(code: str) -> str:
    """The role that only the account of an agency has, for its rule."""
    return f"{AGENCY_ROLE} {code}"


def _create_agency_account(code: str, shown: str, file_name: str) -> None:
    from superset import security_manager as sm

    role = sm.add_role(_account_role(code))
    role.permissions = []
    quoted = code.replace("'", "''")
    _rule(_account_role(code), "Regular", f"account_code = '{quoted}'").roles = [role]
    _create_user(code, shown, [AGENCY_ROLE, _account_role(code)], file_name)


def _close_accounts_but(codes: set[str]) -> None:
    """Close the accounts of agencies with other codes than these; Superset's log keeps naming their users."""
    from superset import db
    from superset import security_manager as sm
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    for user in list(sm.find_role(AGENCY_ROLE).user):
        if user.username not in codes:
            sm.reset_password(user.id, token_urlsafe(32))
            user.roles, user.active = [], False
            sm.update_user(user)
    kept = {_account_role(code) for code in codes}
    for rule in db.session.query(RowLevelSecurityFilter).filter_by(filter_type="Regular"):
        if rule.name not in kept:
            db.session.delete(rule)
    for role in sm.get_all_roles():
        if role.name.startswith(f"{AGENCY_ROLE} ") and role.name not in kept:
            db.session.delete(role)


def _create_user(username: str, shown: str, roles: list[str], file_name: str) -> None:
    from superset import security_manager as sm
    from werkzeug.security import check_password_hash

    password = (Path(os.environ["KPI_SECRETS"]) / file_name).read_text().strip()
    if not password:
        raise AccountError(f"{file_name}: the password file is empty")
    user = sm.find_user(username)
    if user is None:
        user = sm.add_user(username, username, "", f"{username}@localhost", [], password=password)
        if not user:
            raise AccountError(f"{username}: Superset refused to create the user")
    elif not check_password_hash(user.password, password):
        sm.reset_password(user.id, password)
    user.first_name, user.active = shown[:LONGEST_NAME], True
    user.roles = [sm.find_role(role) for role in roles]
    sm.update_user(user)
