"""What must hold for every file that git tracks."""

import re
import subprocess
from pathlib import Path

import pytest

from national_kpi.settings import PROJECT_ROOT, Settings
from tests.deployment.compose import VARIABLE

THIS_FILE = "tests/contracts/test_repository.py"
LONGEST_MODULE = 400
LONGEST_DAG = 100
LARGEST_FILE = 1_500_000


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [PROJECT_ROOT / name for name in listing.stdout.split("\0") if name]
    assert files, f"no file matches {patterns}: this test would see nothing"
    return [file for file in files if file.is_file()]


def grep(pattern: str, *excluded: str) -> list[str]:
    found = subprocess.run(
        ["git", "grep", "--untracked", "-nIE", pattern, "--", ".", f":!{THIS_FILE}", *excluded],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode in (0, 1), found.stderr
    return found.stdout.splitlines()


def test_no_file_names_a_package_registry() -> None:
    hosts = r"(pypi|npmjs|debian|docker)\.(org|io)|pythonhosted|https?://[^ ]*/(simple|packages)/"
    assert grep(rf"{hosts}|--(extra-)?index-url") == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert grep(r"(^|[^A-Za-z0-9_.])/(work|farm|root|home|Users)/[A-Za-z]", ":!*.csv", ":!*.svg") == []


def test_nothing_is_left_for_later() -> None:
    assert (
        grep(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError", ":!*.csv", ":!requirements/*.txt") == []
    )


def test_no_test_can_be_passed_over() -> None:
    assert grep(r"pytest\.(mark\.)?(skip|xfail)|importorskip|unittest\.skip") == []


def test_no_secret_is_tracked() -> None:
    assert grep(r"(PRIVATE KEY-----|(password|secret|token)[a-z_]* *= *[\"'][A-Za-z0-9_/+-]{16,}[\"'])") == []


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [("plugins/*.py", LONGEST_MODULE), ("tests/*.py", LONGEST_MODULE), ("dags/*.py", LONGEST_DAG)],
)
def test_files_stay_short_enough_to_read(pattern: str, limit: int) -> None:
    lines = {
        str(file.relative_to(PROJECT_ROOT)): len(file.read_text().splitlines()) for file in tracked(pattern)
    }
    assert {file: count for file, count in lines.items() if count > limit} == {}


def test_no_tracked_file_is_large() -> None:
    sizes = {str(file.relative_to(PROJECT_ROOT)): file.stat().st_size for file in tracked()}
    assert {file: size for file, size in sizes.items() if size > LARGEST_FILE} == {}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    documented = re.findall(r"^#?(KPI_[A-Z_]+)=", example, re.MULTILINE)
    assert sorted(documented) == sorted({*settings_with_defaults(), *compose_variables()})


def test_documented_defaults_are_the_real_ones() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    documented = dict(re.findall(r"^#?(KPI_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert documented == settings_with_defaults() | compose_variables()


def settings_with_defaults() -> dict[str, str]:
    real = {name: field.default for name, field in Settings.model_fields.items()}
    real["home"] = real["home"].relative_to(PROJECT_ROOT)
    return {f"KPI_{name.upper()}": str(default) for name, default in real.items()}


def compose_variables() -> dict[str, str]:
    """What docker-compose.yml leaves to be set, with its defaults; one variable has one default."""
    given = {
        (match["name"], match["default"])
        for match in VARIABLE.finditer((PROJECT_ROOT / "docker-compose.yml").read_text())
        if match["name"]
    }
    assert len(given) == len(dict(given)) > 0
    return dict(given)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (str(file.relative_to(PROJECT_ROOT)), target)
        for file in tracked("*.md", "*.py", ".ci", "*.yml", ".env.example")
        for target in re.findall(r"`make ([a-z0-9-]+)`", file.read_text())
    }
    assert named, "nothing names a target: this test would see nothing"
    assert {(file, target) for file, target in named if target not in targets} == set()
