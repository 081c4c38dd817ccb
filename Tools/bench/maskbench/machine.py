"""What the run ran on."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

PEERS = ("numkong", "pyroaring", "numpy", "scipy", "duckdb", "zstandard", "torch")
FLAGS = (
    "popcnt",
    "avx2",
    "bmi2",
    "avx512f",
    "avx512vl",
    "avx512_vpopcntdq",
    "avx512_vbmi2",
)


def described(binary: Path) -> dict[str, Any]:
    info = subprocess.run(
        [binary, "info", "--json", "--catalog", os.devnull + ".none"],
        capture_output=True,
        text=True,
        check=False,
    )
    if info.returncode != 0:  # a named catalog that is not there is refused
        info = subprocess.run(
            [binary, "info", "--json"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
    told = json.loads(info.stdout)
    return {
        "cpu": cpu_model(),
        "flags": [flag for flag in FLAGS if flag in cpu_flags()],
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "load": list(os.getloadavg()),
        "maskdb": told["version"],
        "kernel": told["kernel"],
        "libraries": told.get("libraries", {}),
        "python": platform.python_version(),
        "peers": {name: version(name) for name in PEERS},
    }


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cpu_field(name: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def cpu_model() -> str:
    return cpu_field("model name") or platform.processor() or platform.machine()


def cpu_flags() -> set[str]:
    return set((cpu_field("flags") or cpu_field("Features")).split())


def text(machine: dict[str, Any]) -> str:
    peers = ", ".join(f"{name} {v or 'absent'}" for name, v in machine["peers"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB; "
        f"flags {' '.join(machine['flags'])}\n"
        f"load average {' '.join(f'{value:.2f}' for value in machine['load'])}\n"
        f"maskdb {machine['maskdb']}, kernel {machine['kernel']}; {machine['libraries']}\n"
        f"Python {machine['python']}; {peers}"
    )
