"""The bits of stored segments, as Schemas/segment.md specifies them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskdb.errors import CatalogError
from maskdb.extras import needed
from maskdb.mask import Bits

LENGTH = 1 << 22
PREDICTED = 9
FOLDED = 10
MOST_FOLDS = 3
FOREIGN_PART = "a part has a coding that it may not have"
MOST_REFERENCES = 3
Octets = NDArray[np.uint8]


class DamagedSegmentError(CatalogError):
    """Stored bytes that are not the bits that they should be."""


@dataclass(frozen=True)
class StoredSegment:
    """A row of the table `segment`."""

    coding: int
    count: int
    checksum: int
    bytes: bytes


def decoded(segment: StoredSegment, size: int, reference: Bits | None = None) -> Bits:
    """The bits of a segment of `size` positions, held against its count and its checksum.

    The checksum needs the library xxhash; without it the count alone is held against.

    Args:
        segment: what is stored.
        size: its positions.
        reference: the bits that it is coded against.

    Raises:
        DamagedSegmentError: where the bits are not those that were stored.
    """
    bits = _predicted(segment.bytes, size, reference) if segment.coding == PREDICTED else None
    if bits is None:
        bits = _decoded(segment.coding, segment.bytes, size)
    found = int(np.count_nonzero(bits))
    if found != segment.count:
        raise DamagedSegmentError(f"it holds {found} positions where {segment.count} were stored")
    if verifies_checksums() and _checksum(bits) != segment.checksum % 2**64:
        raise DamagedSegmentError("its checksum does not match its bits")
    return bits


def verifies_checksums() -> bool:
    """Whether the library is there that checksums need."""
    return importlib.util.find_spec("xxhash") is not None


def leb128(octets: bytes, start: int = 0) -> tuple[int, int]:
    """A number, and the place after it."""
    value = shift = 0
    for place in range(start, len(octets)):
        value |= (octets[place] & 0x7F) << shift
        shift += 7
        if octets[place] < 0x80:
            return value, place + 1
    raise DamagedSegmentError("a number has no end")


def _checksum(bits: Bits) -> int:
    digest: int = needed("xxhash").xxh3_128_intdigest(
        np.packbits(bits, bitorder="little").tobytes()
    )
    return digest % 2**64


def _decoded(coding: int, stored: bytes, size: int) -> Bits:
    decoder = _DECODERS.get(coding)
    if decoder is None:
        raise DamagedSegmentError(f"it has coding {coding}, which this package does not know")
    bits = decoder(stored, size)
    if len(bits) != size:
        raise DamagedSegmentError(f"it holds {len(bits)} positions where there are {size}")
    return bits


def _constant(value: bool) -> Callable[[bytes, int], Bits]:
    def decode(stored: bytes, size: int) -> Bits:
        if stored:
            raise DamagedSegmentError("bytes stand where there should be none")
        return np.full(size, value, np.bool_)

    return decode


def _complement(decode: Callable[[bytes, int], Bits]) -> Callable[[bytes, int], Bits]:
    return lambda stored, size: ~decode(stored, size)


def _raw(stored: bytes, size: int) -> Bits:
    if len(stored) != -(-size // 8):
        raise DamagedSegmentError("it has the wrong number of bytes")
    bits = np.unpackbits(np.frombuffer(stored, np.uint8), bitorder="little").view(np.bool_)
    if bits[size:].any():
        raise DamagedSegmentError("a bit is set after its last position")
    return bits[:size]


def _packed(stored: bytes, size: int) -> Bits:
    return _raw(_frame(stored, -(-size // 8)), size)


def _gaps(stored: bytes, size: int) -> Bits:
    gaps = np.frombuffer(_frame(stored, size + size // 255 + 1), np.uint8)
    ends = np.flatnonzero(gaps < 255)
    if len(gaps) and gaps[-1] == 255:
        raise DamagedSegmentError("its last gap has no end")
    positions = np.cumsum(gaps, dtype=np.int64)[ends] + np.arange(len(ends))
    bits = np.zeros(size, np.bool_)
    if len(positions) and positions[-1] >= size:
        raise DamagedSegmentError("its gaps run past its last position")
    bits[positions] = True
    return bits


def _runs(stored: bytes, size: int) -> Bits:
    lengths = _numbers(np.frombuffer(_frame(stored, 2 * size + 8), np.uint8))
    if lengths.sum() != size:
        raise DamagedSegmentError("its runs do not add up to its positions")
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)


def _numbers(octets: Octets) -> NDArray[np.int64]:
    """LEB128 numbers of at most four bytes, one after another."""
    ends = np.flatnonzero(octets < 0x80)
    if (len(octets) and octets[-1] >= 0x80) or not len(ends):
        raise DamagedSegmentError("its last run has no end")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() > 3:
        raise DamagedSegmentError("a run has a number that is too long")
    place = np.arange(len(octets)) - np.repeat(starts, ends - starts + 1)
    values = (octets & 0x7F).astype(np.int64) << (7 * place)
    return np.add.reduceat(values, starts)


def _golomb(stored: bytes, size: int) -> Bits:
    divisor, start = leb128(stored)
    if start > 4:
        raise DamagedSegmentError("its code has a divisor that it may not have")
    bits = np.zeros(size, np.bool_)
    gaps = golomb_numbers(stored[start:], divisor, lambda count, total: count + total > size)
    ends = np.cumsum(np.array(gaps, np.int64) + 1) - 1
    if ends[-1] != size:
        raise DamagedSegmentError("its gaps do not end at its last position")
    bits[ends[:-1]] = True
    return bits


def golomb_numbers(stored: bytes, divisor: int, is_enough: Callable[[int, int], bool]) -> list[int]:
    """Numbers in Golomb's code, until `is_enough` of how many there are and of their sum.

    All of `stored` must be read by then, but for zero bits that fill the last byte.
    """
    if not 1 <= divisor <= LENGTH:
        raise DamagedSegmentError("its code has a divisor that it may not have")
    width = (divisor - 1).bit_length()
    short = (1 << width) - divisor
    bits = np.unpackbits(np.frombuffer(stored, np.uint8), bitorder="little")
    padded = np.concatenate([bits, np.zeros(width + 1, np.uint8)])
    # At every place: where the next set bit is, and the number that all but one bit of a remainder
    # would give there.
    following = np.where(bits, np.arange(len(bits)), len(bits))
    ends = np.minimum.accumulate(following[::-1])[::-1].tolist()
    highs = np.zeros(len(bits) + 1, np.int64)
    for place in range(width - 1):
        highs += padded[place : place + len(highs)].astype(np.int64) << place
    numbers: list[int] = []
    place = total = 0
    while not is_enough(len(numbers), total):
        if place >= len(bits) or ends[place] == len(bits):
            raise DamagedSegmentError("its numbers have no end")
        number = (ends[place] - place) * divisor
        place = ends[place] + 1
        if width:
            rest = int(highs[place])
            place += width - 1
            if rest >= short:
                rest = 2 * rest + int(padded[min(place, len(bits))]) - short
                place += 1
            number += rest
        numbers.append(number)
        total += number
    if not 0 <= len(bits) - place < 8 or bits[place:].any():
        raise DamagedSegmentError("bytes stand behind its numbers")
    return numbers


def _sparse(stored: bytes, size: int) -> Bits:
    used_part, (coding, rest) = _parts(stored, 2)
    count = -(-size // 8)
    if coding not in (2, 3):
        raise DamagedSegmentError(FOREIGN_PART)
    used = _simple(used_part, count)
    found = int(np.count_nonzero(used))
    values = rest if coding == 2 else _frame(rest, found)
    if len(values) != found:
        raise DamagedSegmentError("it has the wrong number of bytes")
    octets = np.zeros(count, np.uint8)
    octets[used] = np.frombuffer(values, np.uint8)
    return _raw(octets.tobytes(), size)


def _predicted(stored: bytes, size: int, reference: Bits | None) -> Bits:
    if reference is None or len(reference) != size:
        raise DamagedSegmentError("it is coded against another segment, which is not there")
    (unset_coding, unset), (set_coding, rest) = _parts(stored, 2)
    bits = np.zeros(size, np.bool_)
    count = int(np.count_nonzero(reference))
    bits[~reference] = _decoded(unset_coding, unset, size - count)
    bits[reference] = _decoded(set_coding, rest, count)
    return bits


def _folded(stored: bytes, size: int, depth: int = 1) -> Bits:
    joined, second, third = _parts(stored, 3)
    half = 64 * -(-size // 128)
    if joined[0] == FOLDED and depth < MOST_FOLDS:
        either = _folded(joined[1], half, depth + 1)
    else:
        either = _simple(joined, half)
    both, left = np.zeros(half, np.bool_), np.zeros(half, np.bool_)
    both[either] = _simple(second, int(np.count_nonzero(either)))
    one = either & ~both
    left[one] = _simple(third, int(np.count_nonzero(one)))
    left |= both
    right = both | (either & ~left)
    words = np.stack([left.reshape(-1, 64), right.reshape(-1, 64)], axis=1).reshape(-1)
    if words[size : -(-size // 64) * 64].any():
        raise DamagedSegmentError("a bit is set past the last position")
    return words[:size]


def _simple(part: tuple[int, bytes], size: int) -> Bits:
    """A part that is not taken apart again."""
    coding, stored = part
    if coding not in (0, 1, 2, 3, 4, 5, 8, 12, 13):
        raise DamagedSegmentError(FOREIGN_PART)
    return _decoded(coding, stored, size)


def _parts(stored: bytes, count: int) -> list[tuple[int, bytes]]:
    """The coding and the bytes of every part."""
    parts, start = [], 0
    for _ in range(count - 1):
        size, begin = leb128(stored, start + 1)
        if begin + size >= len(stored):
            raise DamagedSegmentError("a part runs past its end")
        parts.append((stored[start], stored[begin : begin + size]))
        start = begin + size
    return [*parts, (stored[start], stored[start + 1 :])]


def _frame(stored: bytes, most: int) -> bytes:
    """One zstd frame, which says its size, and nothing behind it."""
    zstandard: Any = needed("zstandard")
    try:
        size = zstandard.get_frame_parameters(stored).content_size
        if size > most:
            raise DamagedSegmentError("its frame does not say a size that it may have")
        content: bytes = zstandard.ZstdDecompressor().decompress(stored, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DamagedSegmentError(f"its bytes are damaged: {error}") from None
    return content


_DECODERS: dict[int, Callable[[bytes, int], Bits]] = {
    0: _constant(False),
    1: _constant(True),
    2: _raw,
    3: _packed,
    4: _gaps,
    5: _complement(_gaps),
    6: _sparse,
    7: _complement(_sparse),
    8: _runs,
    10: _folded,
    11: _complement(_folded),
    12: _golomb,
    13: _complement(_golomb),
}
