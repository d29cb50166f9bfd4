"""The agency's own workbook, given back with every finding marked in its cell."""

from national_kpi.intake.marking.mark import mark_workbook, write_findings_only

__all__ = ["mark_workbook", "write_findings_only"]
