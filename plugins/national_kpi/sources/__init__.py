"""Sources: reports pulled from elsewhere enter through the drop folder, like any file."""

from national_kpi.sources.context import PullContext
from national_kpi.sources.pull import PullResult, pull_source

__all__ = ["PullContext", "PullResult", "pull_source"]
