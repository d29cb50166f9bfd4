# /// script
# requires-python = ">=3.11"
# dependencies = ["shapely>=2.0"]
# ///
"""Draw the provinces of the catalogue: writes `dbt_project/seeds/province_shapes.csv`.

    uv run scripts/province_shapes.py PROVINCES.geojson

The source is the file of Vietnam's 63 provinces of 2008–2025 that Superset ships (its `static/assets`), made
from Natural Earth, which is in the public domain. A province that took others over is the union of their
shapes, along `agency_successions.csv`. Run it again when a province is added or taken over.
"""

import csv
import json
import math
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

from shapely import MultiPolygon, Point, Polygon
from shapely.geometry import shape
from shapely.ops import polylabel, unary_union

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
WEST, NORTH = 101.9, 23.6
UNITS_PER_DEGREE = 50
"""Of latitude; longitudes are narrowed to their length at 16° N, the middle of the country."""
SEAM_DEGREES = 0.012
"""Half the widest slit that the source leaves between neighbours."""
ISLET_DEGREES = 0.07
"""Radius an island is drawn with that would not be seen at its true size."""

# Parts of another province in the source: a point on each, and whose it is.
MOVED = {"Hải Phòng": (107.00, 20.80), "Bà Rịa - Vũng Tàu": (106.61, 8.71)}  # Cát Bà, Côn Đảo
# Island districts that are not in the source: longitude and latitude of their main island.
ADDED = {
    "Hải Phòng": (107.73, 20.13),  # Bạch Long Vĩ
    "Quảng Trị": (107.34, 17.16),  # Cồn Cỏ
    "Quảng Ngãi": (109.12, 15.38),  # Lý Sơn
    "Kiên Giang": (103.48, 9.30),  # Thổ Chu
}
# The two archipelagos: the province each belongs to, and its principal islands.
ARCHIPELAGOS = {
    "Quần đảo Hoàng Sa": (
        "Đà Nẵng",
        {
            "Hoàng Sa": (111.61, 16.53),
            "Quang Ảnh": (111.51, 16.45),
            "Quang Hòa": (111.72, 16.45),
            "Tri Tôn": (111.20, 15.78),
            "Phú Lâm": (112.34, 16.83),
            "Đảo Bắc": (112.31, 16.96),
            "Linh Côn": (112.73, 16.67),
        },
    ),
    "Quần đảo Trường Sa": (
        "Khánh Hòa",
        {
            "Song Tử Tây": (114.33, 11.43),
            "Bến Lạc": (115.02, 11.08),
            "Thị Tứ": (114.28, 11.05),
            "Vĩnh Viễn": (115.80, 10.73),
            "Loại Ta": (114.42, 10.67),
            "Ba Bình": (114.37, 10.38),
            "Sơn Ca": (114.48, 10.37),
            "Nam Yết": (114.37, 10.18),
            "Sinh Tồn": (114.33, 9.89),
            "Sinh Tồn Đông": (114.56, 9.90),
            "Phan Vinh": (113.70, 8.97),
            "Trường Sa Đông": (112.35, 8.93),
            "Trường Sa": (111.92, 8.65),
            "An Bang": (112.92, 7.89),
        },
    ),
}


def polygons(geometry) -> list[Polygon]:
    """The polygons of a geometry that is one or several."""
    return list(getattr(geometry, "geoms", [geometry]))


def islet(longitude: float, latitude: float) -> Polygon:
    """A small octagon where an island is."""
    return Point(longitude, latitude).buffer(ISLET_DEGREES, quad_segs=2)


def plain(name: str) -> str:
    """A province's name without what its spellings differ in."""
    return re.sub(r"\W", "", unicodedata.normalize("NFC", name).removeprefix("Thành phố ").casefold())


def read_source(file: Path) -> dict[str, list[Polygon]]:
    """The parts of each province of 2008 by its plain name, with what the source has wrong set right."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    parts = {plain(one["properties"]["NAME_1"]): polygons(shape(one["geometry"])) for one in features}
    for owner, (longitude, latitude) in MOVED.items():
        ((holder, part),) = (
            (name, part)
            for name, those in parts.items()
            for part in those
            if part.covers(Point(longitude, latitude))
        )
        parts[holder].remove(part)
        parts[plain(owner)].append(part)
    for owner, place in ADDED.items():
        parts[plain(owner)].append(islet(*place))
    return parts


def rows_of(seed: str) -> list[dict[str, str]]:
    """The rows of a file of the catalogue."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_agency(parts: dict[str, list[Polygon]]) -> dict[tuple[str, str], list[Polygon]]:
    """The parts of every province by (agency_id, name of the archipelago or nothing), heirs included."""
    drawn: dict[tuple[str, str], list[Polygon]] = defaultdict(list)
    archipelagos = {plain(owner): (name, islands) for name, (owner, islands) in ARCHIPELAGOS.items()}
    for row in rows_of("agencies"):
        name = plain(row["short_name_vi"])
        if row["kind"] != "province" or row["valid_from"] or row["code_official"] != "true":
            continue
        agency_id = f"{row['agency_code']}@0001-01-01"
        drawn[agency_id, ""] = parts[name]
        if name in archipelagos:
            archipelago, islands = archipelagos[name]
            drawn[agency_id, archipelago] = [islet(*place) for place in islands.values()]
    for step in sorted(rows_of("agency_successions"), key=lambda row: row["effective_on"]):
        for (agency_id, archipelago), polygons_of_it in list(drawn.items()):
            if agency_id == step["from_agency_id"]:
                drawn[step["to_agency_id"], archipelago] += polygons_of_it
    return drawn


def united(parts: list[Polygon]) -> list[Polygon]:
    """The parts as one, without the borders and slits between them; the largest first."""
    closed = unary_union([part.buffer(SEAM_DEGREES, join_style="mitre") for part in parts])
    whole = closed.buffer(-SEAM_DEGREES, join_style="mitre").simplify(SEAM_DEGREES / 4)
    return sorted((Polygon(part.exterior) for part in polygons(whole)), key=lambda part: -part.area)


def projected(part: Polygon) -> Polygon:
    """A polygon in units of the map, y downwards."""
    narrowed = UNITS_PER_DEGREE * math.cos(math.radians(16))
    return Polygon([((x - WEST) * narrowed, (NORTH - y) * UNITS_PER_DEGREE) for x, y in part.exterior.coords])


def path(parts: list[Polygon]) -> str:
    """What an SVG path's `d` says of polygons in units of the map."""
    outlines = ([f"{x:.1f},{y:.1f}" for x, y in part.exterior.coords[:-1]] for part in parts)
    return "".join(f"M{'L'.join(points)}Z" for points in outlines)


def label(parts: list[Polygon], archipelago: str) -> Point:
    """Where a province's sign stands: in its widest place; an archipelago's name: below its islands."""
    if not archipelago:
        return polylabel(parts[0], tolerance=1)
    west, _, east, south = MultiPolygon(parts).bounds
    return Point((west + east) / 2, south + 14)


def main() -> None:
    """Read the source named on the command line and write the seed."""
    drawn = by_agency(read_source(Path(sys.argv[1])))
    with (SEEDS / "province_shapes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["agency_id", "archipelago_vi", "path", "label_x", "label_y"])
        for (agency_id, archipelago), parts in sorted(drawn.items()):
            several = len(parts) > 1 and not archipelago
            shapes = [projected(part) for part in (united(parts) if several else parts)]
            place = label(shapes, archipelago)
            writer.writerow([agency_id, archipelago, path(shapes), f"{place.x:.1f}", f"{place.y:.1f}"])


if __name__ == "__main__":
    main()
