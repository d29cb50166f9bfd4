"""Help for tests of a running Superset: log in, look into its database, read a page as a person does."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import yaml
from playwright.sync_api import Page

from national_kpi.paths import Paths

VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def logged_in(address: str, user: str, secret: str) -> Iterator[httpx.Client]:
    """A client with the user's session, and the token Superset wants back."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        token = re.search(r'id="csrf_token"\s+value="([^"]+)"', client.get("/login/").text)
        assert token
        client.headers.update({"X-CSRFToken": token[1], "Referer": address})
        client.post("/login/", data={"username": user, "password": secret, "csrf_token": token[1]})
        yield client


def known_to_superset(paths: Paths, table: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    """Rows of Superset's own database by uuid."""
    with sqlite3.connect(paths.superset / "superset.db") as database:
        rows = database.execute(f"select uuid, {', '.join(columns)} from {table}").fetchall()
    return {str(UUID(bytes=uuid)): tuple(values) for uuid, *values in rows}


def declared(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The assets of a kind in a folder of assets, by uuid."""
    assets = (yaml.safe_load(file.read_text("utf-8")) for file in (folder / kind).rglob("*.yaml"))
    return {asset["uuid"]: asset for asset in assets}


def texts_not_in_vietnamese(page: Page) -> list[str]:
    """What a person can read on the page that is words, and not Vietnamese ones."""
    texts = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
            for (let node; (node = walker.nextNode());) {
                const box = node.parentElement, unseen = getComputedStyle(box).fontSize === "0px";
                if (box.checkVisibility() && !unseen) texts.push(node.textContent.trim());
            }
            document.querySelectorAll("[placeholder]").forEach((box) => texts.push(box.placeholder));
            return texts;
        }"""
    )
    words = (text for text in texts if re.search("[A-Za-z]{3}", text))
    codes = re.compile(r"F0\d\S*\.\w+|[A-Z]+-\d+")
    return [text for text in words if not VIETNAMESE.search(text) and not codes.fullmatch(text)]
