"""One model per catalogue file: what a row may hold. Each file is `dbt_project/seeds/<table>.csv`."""

from national_kpi.catalogue.tables.agencies import (
    CANARY,
    Agency,
    AgencyAlias,
    AgencyGroup,
    AgencySuccession,
    FocalPoint,
    ProvinceShape,
)
from national_kpi.catalogue.tables.cycle import (
    ReminderStage,
    ReportingObligation,
    Source,
    SourceField,
    WorkingDay,
)
from national_kpi.catalogue.tables.forms import Form, FormColumn, Rule
from national_kpi.catalogue.tables.indicators import (
    Correction,
    DataElement,
    ElementPart,
    IndexComponent,
    Kpi,
    SeriesBreak,
    System,
    SystemItem,
    Target,
)
from national_kpi.catalogue.tables.row import (
    UNKNOWN_START,
    AgencyKind,
    Bars,
    ColumnType,
    Row,
    RuleKind,
    Severity,
    TargetOperator,
    ValidFrom,
    VerifyStatus,
)

TABLES: tuple[type[Row], ...] = (
    Agency, AgencyAlias, AgencyGroup, AgencySuccession, FocalPoint, ProvinceShape,
    DataElement, ElementPart, Form, FormColumn, Rule,
    Kpi, IndexComponent, SeriesBreak, Target, System, SystemItem, Correction,
    Source, SourceField, WorkingDay, ReportingObligation, ReminderStage,
)  # fmt: skip

__all__ = [
    "CANARY",
    "TABLES",
    "UNKNOWN_START",
    "Agency",
    "AgencyAlias",
    "AgencyGroup",
    "AgencyKind",
    "AgencySuccession",
    "Bars",
    "ColumnType",
    "Correction",
    "DataElement",
    "ElementPart",
    "FocalPoint",
    "Form",
    "FormColumn",
    "IndexComponent",
    "Kpi",
    "ProvinceShape",
    "ReminderStage",
    "ReportingObligation",
    "Row",
    "Rule",
    "RuleKind",
    "SeriesBreak",
    "Severity",
    "Source",
    "SourceField",
    "System",
    "SystemItem",
    "Target",
    "TargetOperator",
    "ValidFrom",
    "VerifyStatus",
    "WorkingDay",
]
