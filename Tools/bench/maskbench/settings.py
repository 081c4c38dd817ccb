"""How much is measured: the whole, --quick, and --smoke, which shows only that everything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

PARTS = ("memory", "catalog", "storage", "ingest", "growth")


@dataclass(frozen=True)
class Settings:
    binary: Path
    build: Path
    work: Path
    repeats: int = 7
    least: float = 0.05
    memory_ks: tuple[int, ...] = (2, 8, 16, 32, 64)
    memory_bytes: int = 256 << 20
    cache_bytes: int = 512 << 10
    limit_bits: float = 1e11
    catalog_masks: int = 16
    catalog_positions: int = 1 << 27
    densities: tuple[float, ...] = (0.1, 1, 5, 6.2, 10, 20, 30, 90)
    lone_densities: tuple[float, ...] = (
        0.1,
        0.5,
        1,
        2,
        5,
        10,
        20,
        30,
        40,
        50,
        70,
        90,
        99,
    )
    lone_positions: int = 1 << 25
    ingest_positions: int = 1 << 30
    ingest_repeats: int = 7
    slow_repeats: int = 2
    growth_masks: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128, 256)
    growth_mask_positions: int = 1 << 22
    growth_positions: tuple[int, ...] = field(
        default_factory=lambda: tuple(1 << n for n in range(22, 31, 2))
    )
    growth_position_masks: int = 2
    runs: tuple[Path, ...] = ()


QUICK = {
    "repeats": 3,
    "memory_ks": (2, 16, 32, 64),
    "memory_bytes": 128 << 20,
    "limit_bits": 3e10,
    "catalog_positions": 1 << 24,
    "lone_densities": (0.1, 1, 5, 10, 30, 50, 99),
    "lone_positions": 1 << 23,
    "ingest_positions": 1 << 26,
    "ingest_repeats": 3,
    "slow_repeats": 1,
    "growth_masks": (2, 4, 8, 16, 32, 64),
    "growth_mask_positions": 1 << 20,
    "growth_positions": tuple(1 << n for n in range(22, 27, 2)),
}

SMOKE = {
    "repeats": 1,
    "least": 0.0,
    "memory_ks": (3, 20),
    "memory_bytes": 1 << 20,
    "cache_bytes": 64 << 10,
    "limit_bits": 1e7,
    "catalog_masks": 4,
    "catalog_positions": 1 << 17,
    "densities": (1, 30),
    "lone_densities": (5,),
    "lone_positions": 1 << 17,
    "ingest_positions": 1 << 18,
    "ingest_repeats": 1,
    "slow_repeats": 1,
    "growth_masks": (2, 4),
    "growth_mask_positions": 1 << 16,
    "growth_positions": (1 << 16, 1 << 18),
}
