"""docker-compose.yml and the Dockerfiles it names, as far as they say how a service runs."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from national_kpi.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")
# What the images that are not built here bring along.
FOREIGN_PATHS = {"postgres": ":".join(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))}


@dataclass(frozen=True)
class Mount:
    """What a container sees at a path of its own: a folder or file of this machine, or (part of) a volume."""

    target: str
    source: Path | None = None
    volume: str = ""
    subpath: str = ""
    read_only: bool = False
    options: str = ""

    @property
    def is_tmpfs(self) -> bool:
        """Whether it begins empty, in memory."""
        return not (self.source or self.volume)


@dataclass(frozen=True)
class Service:
    """A service as the compose file and its image describe it."""

    name: str
    user: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    networks: tuple[str, ...]
    after: Mapping[str, str]
    capabilities: tuple[str, ...]
    is_read_only: bool
    is_tool: bool
    restarts: bool
    replicas: int
    health: tuple[str, ...]
    image: str
    raw: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)


def read_compose(settings: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in.

    Args:
        settings: what `.env` would say; other variables have their defaults.
    """

    def value(match: re.Match[str]) -> str:
        return "$$" if match[0] == "$$" else settings.get(match["name"], match["default"] or "")

    document: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, FILE.read_text()))
    return document


def services_of(document: Mapping[str, Any], secrets: Path) -> dict[str, Service]:
    """Every service by name.

    Args:
        document: the compose file.
        secrets: the folder that `make-secrets` has filled.
    """
    return {name: _service(name, raw, document, secrets) for name, raw in document["services"].items()}


def _service(name: str, raw: Mapping[str, Any], document: Mapping[str, Any], secrets: Path) -> Service:
    image = _image(raw)
    mounts = [_secret(document, secret, secrets) for secret in raw.get("secrets", ())]
    mounts += [_volume(volume) for volume in raw.get("volumes", ())]
    mounts += [_tmpfs(text) for text in raw.get("tmpfs", ())]
    entrypoint = raw.get("entrypoint", image["ENTRYPOINT"])
    # The shell sees a dollar sign where the file has two.
    argv = [part.replace("$$", "$") for part in (*entrypoint, *raw.get("command", ()))]
    return Service(
        name=name,
        user=str(raw.get("user", image["USER"])),
        argv=tuple(argv),
        environment={"PATH": image["PATH"], **raw.get("environment", {})},
        mounts=tuple(mounts),
        networks=tuple(raw["networks"]),
        after={other: how["condition"] for other, how in raw.get("depends_on", {}).items()},
        capabilities=tuple(raw.get("cap_add", ())),
        is_read_only=raw["read_only"],
        is_tool=bool(raw.get("profiles")),
        restarts=raw["restart"] != "no",
        replicas=int(raw.get("deploy", {}).get("replicas", 1)),
        health=_health(raw.get("healthcheck", {}).get("test", ())),
        image=raw["image"],
        raw=raw,
    )


def _image(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the last stage of a Dockerfile says; of images that are not built here, what is known of them."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if "build" not in raw:
        own = FOREIGN_PATHS.get(raw["image"].split(":")[0])
        return {"PATH": f"{own}:{path}" if own else path, "USER": "", "ENTRYPOINT": []}
    stage = (PROJECT_ROOT / raw["build"]["dockerfile"]).read_text().rsplit("\nFROM ", 1)[-1]
    found = dict(re.findall(r"^(USER|ENTRYPOINT) (.+)$", stage, re.MULTILINE))
    variables = [shlex.split(line) for line in re.findall(r"^ENV (.+)$", stage, re.MULTILINE)]
    given = dict(pair.split("=", 1) for pairs in variables for pair in pairs)
    return {
        "PATH": path,
        **given,
        "USER": found.get("USER", ""),
        "ENTRYPOINT": yaml.safe_load(found["ENTRYPOINT"]),
    }


def _secret(document: Mapping[str, Any], name: str, folder: Path) -> Mount:
    file = folder / Path(document["secrets"][name]["file"]).name
    return Mount(f"/run/secrets/{name}", source=file, read_only=True)


def _volume(volume: str | Mapping[str, Any]) -> Mount:
    if isinstance(volume, str):
        source, target, *mode = volume.split(":")
        read_only = mode == ["ro"]
        if source.startswith((".", "/")):
            return Mount(target, source=(PROJECT_ROOT / source).resolve(), read_only=read_only)
        return Mount(target, volume=source, read_only=read_only)
    subpath = volume.get("volume", {}).get("subpath", "")
    return Mount(
        volume["target"], volume=volume["source"], subpath=subpath, read_only=volume.get("read_only", False)
    )


def _tmpfs(text: str) -> Mount:
    target, _, options = text.partition(":")
    return Mount(target, options=options)


def _health(test: tuple[str, ...]) -> tuple[str, ...]:
    if not test:
        return ()
    kind, *command = (part.replace("$$", "$") for part in test)
    return ("sh", "-c", *command) if kind == "CMD-SHELL" else tuple(command)
