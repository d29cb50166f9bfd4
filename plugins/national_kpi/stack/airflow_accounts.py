"""Who may do what in a deployed Airflow: roles by code, and its administrator.

Whatever was changed of these roles by hand is put back. People get accounts of their own by `airflow users`.
"""

from collections.abc import Iterable
from typing import Any

from national_kpi.stack.credentials import AIRFLOW_USER

TASKFORCE_ROLE = "Tổ công tác"
ENGINEER_ROLE = "Kỹ sư dữ liệu"
Permission = tuple[str, str]
"""An action and the resource it is done to, by the names Airflow gives them."""

_ANSWER: Permission = ("can_edit", "HITL Detail")
# Answer the question of `certify_period`, and see nothing of the other DAGs.
_CERTIFY: tuple[Permission, ...] = (
    _ANSWER,
    ("can_read", "HITL Detail"),
    ("menu_access", "HITL Detail"),
    ("can_read", "DAG:certify_period"),
    ("can_edit", "DAG:certify_period"),
    ("can_read", "DAG Runs"),
    ("can_read", "Task Instances"),
    ("can_read", "Website"),
    ("can_read", "My Profile"),
    ("can_edit", "My Profile"),
    ("can_read", "My Password"),
    ("can_edit", "My Password"),
)


def provide_airflow_accounts(password: str) -> None:
    """Bring the roles to what this file says, and the administrator's password to the given one.

    Args:
        password: of the administrator; a changed one ends its sessions.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        _set_role(manager, TASKFORCE_ROLE, _CERTIFY)
        _set_role(manager, ENGINEER_ROLE, _engineers_permissions(manager))
        administrator = manager.find_user(username=AIRFLOW_USER)
        if administrator is None:
            role = manager.find_role("Admin")
            manager.add_user(AIRFLOW_USER, "Quản trị", "hệ thống", "admin@localhost", role, password)
        elif not manager.check_password(AIRFLOW_USER, password):
            manager.reset_password(administrator.id, password)


def _engineers_permissions(manager: Any) -> set[Permission]:
    """All that Airflow's own role for operators may, but to certify."""
    own = manager.VIEWER_PERMISSIONS + manager.USER_PERMISSIONS + manager.OP_PERMISSIONS
    return set(own) - {_ANSWER}


def _set_role(manager: Any, name: str, permissions: Iterable[Permission]) -> None:
    role = manager.add_role(name)
    wanted = [manager.create_permission(action, resource) for action, resource in permissions]
    for permission in [one for one in role.permissions if one not in wanted]:
        manager.remove_permission_from_role(role, permission)
    for permission in wanted:
        manager.add_permission_to_role(role, permission)
