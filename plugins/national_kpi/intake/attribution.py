"""For whom a file speaks, and about which period."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePath

from national_kpi.agencies import AgencyResolver, may_speak_for
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import CANARY, Agency
from national_kpi.intake.header import Heading
from national_kpi.intake.problems import Noticed, problem
from national_kpi.intake.row_reader import suggestion
from national_kpi.intake.text import clean
from national_kpi.periods import Period


def folder_holder(catalogue: Catalogue, agency_code: str, day: date) -> Agency | None:
    """Who may put files into a folder; None when its code is no reporting agency of that day."""
    if agency_code == CANARY.agency_code:
        return CANARY
    holder = catalogue.holder(agency_code, day)
    return None if holder is None or holder.kind == "collective" else holder


def wrong_folder(catalogue: Catalogue, agency_code: str, day: date) -> Noticed:
    """What to tell who used a folder that belongs to nobody: where to send instead, if that is known."""
    former = [agency for agency in catalogue.agencies if agency.agency_code == agency_code]
    agency: Agency | None = max(former, key=lambda row: row.valid_from, default=None)
    while agency and not agency.valid_on(day):
        steps = (
            step
            for step in catalogue.agency_successions
            if step.is_main and agency and step.from_agency_id == agency.agency_id
        )
        step = next(steps, None)
        agency = catalogue.agency(step.to_agency_id) if step else None
    remedy = "Nộp vào thư mục mang mã định danh của cơ quan; hỏi cơ quan quản trị hệ thống nếu chưa rõ mã."
    if agency and agency.kind != "collective":
        remedy = (
            f"Nộp vào thư mục {agency.agency_code} ({agency.name_vi}), cơ quan kế thừa của {agency_code}."
        )
    return problem("FOLDER-01", {"code": agency_code, "remedy": remedy}, found=agency_code)


def read_period(
    headings: Sequence[Heading], named: Sequence[Period], day: date
) -> tuple[Period | None, list[Noticed]]:
    """The file's period: what its sheets say, else what its name says.

    Args:
        headings: what stands above each table.
        named: the periods in the names of the file and, if it is an archive, of the files in it.
        day: the day of receipt.
    """
    problems = []
    said = [heading.period for heading in headings if heading.period]
    unread = next((heading.period_text for heading in headings if heading.period_text), None)
    period = next(iter([*said, *named]), None)
    contradicting = {one.code for one in said or named}
    if len(contradicting) > 1:
        found = "; ".join(sorted(contradicting))
        problems.append(problem("FORM-08", {"what": "kỳ báo cáo"}, found=found))
    if unread and not said:
        problems.append(problem("PERIOD-02", found=unread))
    if said and (other := next((one for one in named if one.code != said[0].code), None)):
        problems.append(problem("PERIOD-04", found=said[0].code, expected=other.code))
    if period and (period.start or period.end) > day:
        problems.append(problem("PERIOD-03", found=period.code))
    elif period and period.end > day:
        problems.append(problem("PERIOD-05", found=period.code))
    return period, problems


def read_reporter(
    catalogue: Catalogue,
    resolver: AgencyResolver,
    headings: Sequence[Heading],
    holder: Agency,
    days: Sequence[date],
) -> tuple[Agency, list[Noticed]]:
    """For whom the file speaks: whom it names, else the folder's code as it was held on the first day.

    Args:
        catalogue: says who succeeded whom.
        resolver: tells whom a name means.
        headings: what stands above each table.
        holder: the folder's holder on the day of receipt.
        days: on which days a name is looked up, the first that knows it decides: for reports the end of the
            period comes first, for publications the day of receipt.
    """
    names = list(dict.fromkeys(heading.agency for heading in headings if heading.agency))
    if not names:
        then = catalogue.holder(holder.agency_code, days[0])
        return (then if then and may_speak_for(catalogue, holder, then) else holder), []
    problems, reporters = [], []
    for name in names:
        resolutions = [resolver.resolve(name, day, below=holder) for day in days]
        reporter = next((one.agency for one in resolutions if one.agency), None)
        if reporter is None:
            words = {"found": name, "suggestion": suggestion(resolutions[0])}
            problems.append(problem("AGENCY-01", words, found=name))
            continue
        reporters.append(reporter)
        if not may_speak_for(catalogue, holder, reporter):
            folder = f"{holder.agency_code} ({holder.name_vi})"
            words = {"reporter": reporter.name_vi, "folder": folder}
            problems.append(problem("AGENCY-02", words, found=name))
    if len({reporter.agency_id for reporter in reporters}) > 1:
        problems.append(problem("FORM-08", {"what": "cơ quan báo cáo"}, found="; ".join(names)))
    return (reporters[0] if reporters else holder), problems


def check_named_agency(
    catalogue: Catalogue, file_name: str, holder: Agency, reporter: Agency
) -> Iterator[Noticed]:
    """The agency code in a file's name, such as `F02_2022-M08_G15.xlsx`, against the folder and the sheet."""
    codes = {agency.agency_code.casefold(): agency.agency_code for agency in catalogue.agencies}
    parts = clean(PurePath(file_name).stem).split("_")
    for code in (codes[part.casefold()] for part in parts if part.casefold() in codes):
        if code not in (holder.agency_code, reporter.agency_code):
            found = f"{code} (tên tệp); {reporter.agency_code} – {reporter.name_vi} (thư mục, trang tính)"
            yield problem("AGENCY-07", found=found)
