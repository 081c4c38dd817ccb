"""What maskdb must answer, computed from the definitions with torch and numpy alone.

Nothing here is fast or streams: whole checkpoints and whole masks are in memory, every count is an
exact integer, and every ratio is a `fractions.Fraction` until it is compared. The module shares no
code with the tool, so where the two agree they agree about the definition.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open

Bits = NDArray[np.bool_]
Counts = NDArray[np.int64]
Checkpoint = dict[str, torch.Tensor]

COMPARE_DTYPES = {
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp32": torch.float32,
    "fp64": torch.float64,
}
SIGNIFICAND_BITS = {"bf16": 8, "fp16": 11, "fp32": 24, "fp64": 53}
INTEGER_VIEWS = {
    torch.bfloat16: torch.int16,
    torch.float16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}
FP8_DTYPES = (torch.float8_e4m3fn, torch.float8_e5m2)
FP8_BLOCK = 128
SCALE_SUFFIX = "_scale_inv"
WRAPPER_PREFIXES = ("_orig_mod.", "module.", "_fsdp_wrapped_module.", "base_model.model.")
TIED_HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"

NULLS = ("global", "tensor", "row", "column", "row_column", "magnitude")


# --- definitions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Definition:
    """A rule that decides whether a weight changed, and the tolerance it was given."""

    rule: str
    tolerance: float | None = None

    @classmethod
    def parse(cls, text: str) -> Definition:
        """Reads `RULE[:TOLERANCE]`; `paper` alone means `paper:1e-5`."""
        rule, _, tolerance = text.partition(":")
        if rule not in RULES:
            raise ValueError(f"no rule is called {rule}")
        if rule == "paper" and not tolerance:
            tolerance = "1e-5"
        return cls(rule, float(tolerance) if tolerance else None)

    def __str__(self) -> str:
        return self.rule if self.tolerance is None else f"{self.rule}:{self.tolerance:g}"


def cast(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Rounds to nearest even; fp64 reaches a 16-bit type through fp32; a cast NaN is quiet."""
    if values.dtype == dtype:
        return values
    if values.dtype == torch.float64 and dtype in (torch.bfloat16, torch.float16):
        values = values.to(torch.float32)
    narrowed = values.to(dtype)
    return torch.where(narrowed.isnan(), torch.full_like(narrowed, math.nan), narrowed)


def bit_patterns(values: torch.Tensor) -> torch.Tensor:
    """The bits of each value, as an integer."""
    return values.contiguous().view(INTEGER_VIEWS[values.dtype])


def widened(values: torch.Tensor) -> torch.Tensor:
    """The same values in the type that `absolute` and `relative` calculate in."""
    return values if values.dtype == torch.float64 else values.to(torch.float32)


def rounded(tolerance: float, dtype: torch.dtype) -> torch.Tensor:
    """A tolerance as the arithmetic sees it."""
    return cast(torch.tensor(tolerance, dtype=torch.float64), dtype)


def unless_finite(left: torch.Tensor, right: torch.Tensor, finite: torch.Tensor) -> torch.Tensor:
    """The decision `finite` where both values are finite, and a comparison of bits elsewhere."""
    return torch.where(left.isfinite() & right.isfinite(), finite, bitwise(left, right, None))


def paper(left: torch.Tensor, right: torch.Tensor, tolerance: float) -> torch.Tensor:
    """The difference, rounded in the compare dtype, is not within the tolerance."""
    return ~((right - left).abs() <= rounded(tolerance, left.dtype))


def bitwise(left: torch.Tensor, right: torch.Tensor, _: float | None) -> torch.Tensor:
    """The bit patterns differ."""
    return bit_patterns(left) != bit_patterns(right)


def numeric(left: torch.Tensor, right: torch.Tensor, _: float | None) -> torch.Tensor:
    """The values differ: zeros are equal, NaN equals nothing."""
    return left != right


def absolute(left: torch.Tensor, right: torch.Tensor, tolerance: float) -> torch.Tensor:
    """The difference exceeds a tolerance, in fp32 or fp64."""
    a, b = widened(left), widened(right)
    return unless_finite(left, right, (b - a).abs() > rounded(tolerance, a.dtype))


def relative(left: torch.Tensor, right: torch.Tensor, tolerance: float) -> torch.Tensor:
    """The difference exceeds a share of the larger magnitude, in fp32 or fp64."""
    a, b = widened(left), widened(right)
    bound = rounded(tolerance, a.dtype) * torch.maximum(a.abs(), b.abs())
    return unless_finite(left, right, (b - a).abs() > bound)


def ulp(left: torch.Tensor, right: torch.Tensor, steps: float) -> torch.Tensor:
    """More than `steps` representable values apart; both zeros are one value."""
    distance = torch.from_numpy(np.asarray(ulp_distance(left, right) > np.uint64(steps)))
    return unless_finite(left, right, distance)


def ulp_distance(left: torch.Tensor, right: torch.Tensor) -> NDArray[np.uint64]:
    """How many representable values lie between, zero included once."""
    (below_left, left_size), (below_right, right_size) = map(sign_and_magnitude, (left, right))
    apart = np.maximum(left_size, right_size) - np.minimum(left_size, right_size)
    return np.where(below_left == below_right, apart, left_size + right_size)


def sign_and_magnitude(values: torch.Tensor) -> tuple[Bits, NDArray[np.uint64]]:
    """The sign bit, and the other bits as an integer."""
    bits = bit_patterns(values).numpy()
    magnitudes = bits.astype(np.int64) & np.int64(np.iinfo(bits.dtype).max)
    return bits < 0, magnitudes.astype(np.uint64)


RULES: dict[str, Callable[..., torch.Tensor]] = {
    "paper": paper,
    "bitwise": bitwise,
    "numeric": numeric,
    "absolute": absolute,
    "relative": relative,
    "ulp": ulp,
}


def changed(
    base: torch.Tensor, tuned: torch.Tensor, definition: Definition, dtype: torch.dtype
) -> Bits:
    """Which weights of two tensors of one shape changed."""
    decide = RULES[definition.rule]
    return np.asarray(decide(cast(base, dtype), cast(tuned, dtype), definition.tolerance).numpy())


def binades(base: torch.Tensor, dtype: torch.dtype) -> NDArray[np.int32]:
    """The exponent field of the base weight: cast to the compare dtype, widened to fp32."""
    bits = bit_patterns(cast(cast(base, dtype), torch.float32))
    return ((bits >> 23) & 0xFF).numpy()


# --- checkpoints ---------------------------------------------------------------------------------


def load_checkpoint(path: Path) -> Checkpoint:
    """The float parameters of a file or a folder: wrappers stripped, fp8 dequantised."""
    stored = {without_wrappers(name): value for name, value in stored_tensors(path).items()}
    weights = {name: v for name, v in stored.items() if not name.endswith(SCALE_SUFFIX)}
    plain = {name: dequantised(name, value, stored) for name, value in weights.items()}
    if ties_its_head(path) and EMBEDDING in plain:
        plain.pop(TIED_HEAD, None)
    return {name: value for name, value in plain.items() if value.is_floating_point()}


def stored_tensors(path: Path) -> Checkpoint:
    """Every tensor of every file of a checkpoint, as it was written."""
    tensors: Checkpoint = {}
    for file in checkpoint_files(path):
        with safe_open(file, framework="pt") as opened:
            tensors.update({name: opened.get_tensor(name) for name in opened.keys()})  # noqa: SIM118
    return tensors


def checkpoint_files(path: Path) -> list[Path]:
    """The safetensors files that a path stands for."""
    if path.is_file():
        return [path]
    index = path / "model.safetensors.index.json"
    if index.exists():
        shards = json.loads(index.read_text())["weight_map"].values()
        return [path / name for name in sorted(set(shards))]
    return [path / "model.safetensors"]


def without_wrappers(name: str) -> str:
    """A parameter's name with what torch.compile, DDP, FSDP and PEFT put before it removed."""
    for prefix in WRAPPER_PREFIXES:
        if name.startswith(prefix):
            return without_wrappers(name.removeprefix(prefix))
    return name


def dequantised(name: str, value: torch.Tensor, stored: Checkpoint) -> torch.Tensor:
    """An fp8 tensor times the scale of each 128x128 block, in fp32; anything else as it is."""
    if value.dtype not in FP8_DTYPES:
        return value
    plain, scale = value.to(torch.float32), stored.get(name + SCALE_SUFFIX)
    if scale is None:
        return plain
    blocks = scale.repeat_interleave(FP8_BLOCK, 0).repeat_interleave(FP8_BLOCK, 1)
    return plain * blocks[: value.shape[0], : value.shape[1]]


def ties_its_head(path: Path) -> bool:
    """Whether config.json says that the output matrix is the embedding."""
    config = (path.parent if path.is_file() else path) / "config.json"
    return config.exists() and json.loads(config.read_text()).get("tie_word_embeddings", False)


def default_compare_dtype(base: Path, tuned: Path) -> str:
    """The narrowest float type stored on either side; fp16 beside bf16 has no answer."""
    dtypes = {v.dtype for path in (base, tuned) for v in stored_tensors(path).values()}
    present = [name for name, dtype in COMPARE_DTYPES.items() if dtype in dtypes]
    if {"fp16", "bf16"} <= set(present):
        raise ValueError("fp16 against bf16 needs a compare dtype")
    return min(present, key=SIGNIFICAND_BITS.__getitem__)


# --- masks ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TensorMask:
    """The changed positions of one tensor's compared rows, and the binade of every base weight."""

    bits: Bits
    exponents: NDArray[np.int32]

    def first(self, length: int) -> TensorMask:
        """The same mask on its first `length` entries along dimension 0."""
        if self.bits.ndim == 0 or self.bits.shape[0] == length:
            return self
        return TensorMask(self.bits[:length], self.exponents[:length])

    @cached_property
    def count(self) -> int:
        return int(self.bits.sum())

    @cached_property
    def matrix(self) -> Bits:
        """Rows and columns: the last dimension against all others."""
        return self.bits.reshape(math.prod(self.bits.shape[:-1]), self.bits.shape[-1])

    @cached_property
    def row_counts(self) -> Counts:
        return self.matrix.sum(axis=1, dtype=np.int64)

    @cached_property
    def column_counts(self) -> Counts:
        return self.matrix.sum(axis=0, dtype=np.int64)

    @cached_property
    def exponent_counts(self) -> Counts:
        return np.bincount(self.exponents[self.bits].ravel(), minlength=256)

    @cached_property
    def exponent_sizes(self) -> Counts:
        return np.bincount(self.exponents.ravel(), minlength=256)

    @property
    def has_rows(self) -> bool:
        return self.bits.ndim >= 2 and self.bits.size > 0

    @property
    def saturates(self) -> bool:
        """A rank-one model of this mask would have a probability above one."""
        if not self.has_rows:
            return False
        return int(self.row_counts.max()) * int(self.column_counts.max()) > self.count


Mask = dict[str, TensorMask]


def mask_of(base: Checkpoint, tuned: Checkpoint, definition: Definition, dtype_name: str) -> Mask:
    """The mask of a run over the tensors that both checkpoints have, on their common rows."""
    dtype = COMPARE_DTYPES[dtype_name]
    pairs = {name: common_rows(base[name], tuned[name]) for name in base if name in tuned}
    return {
        name: TensorMask(changed(left, right, definition, dtype), binades(left, dtype))
        for name, (left, right) in pairs.items()
    }


def common_rows(base: torch.Tensor, tuned: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both tensors up to the shorter of them; they may differ in dimension 0 only."""
    if base.shape[1:] != tuned.shape[1:] or base.ndim != tuned.ndim:
        raise ValueError(f"shapes {tuple(base.shape)} and {tuple(tuned.shape)} do not compare")
    if base.ndim == 0:
        return base, tuned
    rows = min(base.shape[0], tuned.shape[0])
    return base[:rows], tuned[:rows]


def parameters(mask: Mask) -> int:
    """How many positions were compared."""
    return sum(tensor.bits.size for tensor in mask.values())


def count(mask: Mask) -> int:
    """How many positions changed."""
    return sum(tensor.count for tensor in mask.values())


# --- overlap -------------------------------------------------------------------------------------

FRACTION_BITS = 160  # sums of quotients are kept to 2^-160, far below what a double can show
SAME = Fraction(1, 2**80)


@dataclass(frozen=True)
class Strata:
    """The groups within which a null shuffles: both masks' counts in each, and its size."""

    left: Counts
    right: Counts
    size: Counts

    @property
    def maximum(self) -> int:
        return int(np.minimum(self.left, self.right).sum())

    @property
    def expected(self) -> Fraction:
        return sum_of_quotients((a * b, n) for a, b, n in self.occupied())

    @property
    def variance(self) -> Fraction:
        return sum_of_quotients(
            (a * b * (n - a) * (n - b), n * n * (n - 1)) for a, b, n in self.occupied() if n > 1
        )

    def occupied(self) -> Iterable[tuple[int, int, int]]:
        """The strata where both masks have a position; the others add nothing."""
        both = (self.left > 0) & (self.right > 0)
        columns = (column[both].tolist() for column in (self.left, self.right, self.size))
        return zip(*columns, strict=True)


def sum_of_quotients(quotients: Iterable[tuple[int, int]]) -> Fraction:
    """The sum of n/d, each to `FRACTION_BITS` binary places; integers stay exact."""
    total = sum((numerator << FRACTION_BITS) // denominator for numerator, denominator in quotients)
    return Fraction(total, 1 << FRACTION_BITS)


Pairs = list[tuple[TensorMask, TensorMask]]


def strata(null: str, pairs: Pairs) -> Strata:
    """The groups of positions that a null keeps the counts of."""
    if null == "global":
        tensors = strata("tensor", pairs)
        return Strata(*(total(column) for column in (tensors.left, tensors.right, tensors.size)))
    parts = [tensor_strata(null, a, b) for a, b in pairs]
    columns = zip(*parts, strict=True) if parts else ([np.zeros(0, np.int64)],) * 3
    return Strata(*(np.concatenate(column) for column in columns))


def total(column: Counts) -> Counts:
    return np.array([column.sum()], dtype=np.int64)


def tensor_strata(null: str, a: TensorMask, b: TensorMask) -> tuple[Counts, Counts, Counts]:
    """One tensor's counts of both masks and its group sizes."""
    if null == "magnitude":
        return a.exponent_counts, b.exponent_counts, a.exponent_sizes
    if null in ("row", "column") and a.has_rows:
        rows, columns = a.matrix.shape
        if null == "row":
            return a.row_counts, b.row_counts, np.full(rows, columns, np.int64)
        return a.column_counts, b.column_counts, np.full(columns, rows, np.int64)
    return tuple(np.array([n], np.int64) for n in (a.count, b.count, a.bits.size))


def row_column_expected(pairs: Pairs) -> Fraction:
    """The rank-one model's expectation: row agreement times column agreement, per tensor."""
    return sum_of_quotients(
        (agreement(a, b), a.count * b.count if a.has_rows else a.bits.size)
        for a, b in pairs
        if a.count and b.count
    )


def agreement(a: TensorMask, b: TensorMask) -> int:
    if not a.has_rows:
        return a.count * b.count
    return dot(a.row_counts, b.row_counts) * dot(a.column_counts, b.column_counts)


def dot(left: Counts, right: Counts) -> int:
    return sum(x * y for x, y in zip(left.tolist(), right.tolist(), strict=True))


@dataclass(frozen=True)
class Expectation:
    """An overlap held against one null. `z` is None where the null has no variance formula."""

    null: str
    intersection: int
    expected: Fraction
    maximum: int
    variance: Fraction | None
    ceiling: int  # no overlap can exceed the smaller count of each tensor

    @property
    def is_impossible(self) -> bool:
        """The rank-one model expects more than the masks can share."""
        return self.null == "row_column" and self.expected > self.ceiling + SAME

    @property
    def lift(self) -> float | None:
        return None if self.is_impossible else quotient(self.intersection, self.expected)

    @property
    def max_lift(self) -> float | None:
        return quotient(self.maximum, self.expected)

    @property
    def attained(self) -> float | None:
        return quotient(self.intersection - self.expected, self.maximum - self.expected)

    @property
    def z(self) -> float | None:
        if self.variance is None or self.variance <= SAME:
            return None
        excess = self.intersection - self.expected
        return math.copysign(math.sqrt(excess**2 / self.variance), excess)


def quotient(numerator: Fraction | int, denominator: Fraction | int) -> float | None:
    """A ratio to the last bit, None where the denominator is zero."""
    return None if abs(denominator) <= SAME else float(Fraction(numerator) / Fraction(denominator))


@dataclass(frozen=True)
class Overlap:
    """Everything maskdb says about a pair of masks."""

    parameters: int
    count_a: int
    count_b: int
    intersection: int
    nulls: Mapping[str, Expectation]
    saturated: list[str]

    @property
    def union(self) -> int:
        return self.count_a + self.count_b - self.intersection

    @property
    def jaccard(self) -> float | None:
        if self.parameters == 0:
            return None
        return 1.0 if self.union == 0 else self.intersection / self.union

    @property
    def coverage_a(self) -> float | None:
        return quotient(self.intersection, self.count_a)

    @property
    def coverage_b(self) -> float | None:
        return quotient(self.intersection, self.count_b)


def overlap(a: Mask, b: Mask) -> Overlap:
    """Two masks over the positions that both compared."""
    shared = on_common_domain(a, b)
    pairs = list(shared.values())
    intersection = sum(int((left.bits & right.bits).sum()) for left, right in pairs)
    return Overlap(
        parameters=sum(left.bits.size for left, _ in pairs),
        count_a=sum(left.count for left, _ in pairs),
        count_b=sum(right.count for _, right in pairs),
        intersection=intersection,
        nulls={null: expectation(null, pairs, intersection) for null in NULLS},
        saturated=[n for n, (x, y) in shared.items() if x.saturates or y.saturates],
    )


def on_common_domain(a: Mask, b: Mask) -> dict[str, tuple[TensorMask, TensorMask]]:
    """The tensors of both masks, cut to the rows that both compared."""
    shared = {name: (a[name], b[name]) for name in a if name in b}
    return {name: common_entries(left, right) for name, (left, right) in shared.items()}


def common_entries(a: TensorMask, b: TensorMask) -> tuple[TensorMask, TensorMask]:
    if a.bits.ndim == 0:
        return a, b
    length = min(a.bits.shape[0], b.bits.shape[0])
    return a.first(length), b.first(length)


def expectation(null: str, pairs: Pairs, intersection: int) -> Expectation:
    """One rung of the ladder."""
    per_tensor = strata("tensor", pairs)
    if null == "row_column":
        expected, maximum, variance = row_column_expected(pairs), per_tensor.maximum, None
    else:
        kept = per_tensor if null == "tensor" else strata(null, pairs)
        expected, maximum, variance = kept.expected, kept.maximum, kept.variance
    return Expectation(null, intersection, expected, maximum, variance, per_tensor.maximum)
