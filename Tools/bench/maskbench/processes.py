"""A process a part. What takes microseconds is not timed on threads of one Python: they would wait
for its lock, and for being woken, as long as they count."""

from __future__ import annotations

import gc
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

COUNT = struct.Struct("<q")
END = 0  # a count that ends a process: those forked later hold its pipe open, too


class Processes:
    """Children that each have one part and call it as often as they are told."""

    def __init__(self, parts: list[Callable[[], object]]) -> None:
        self.children = [started(part) for part in parts]

    def run(self, times: int) -> None:
        """Has every child call its part so many times, and waits for all."""
        for _, orders, _ in self.children:
            os.write(orders, COUNT.pack(times))
        for _, _, answers in self.children:
            if not os.read(answers, 1):
                raise RuntimeError("a process that counts has ended")

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child, orders, answers in self.children:
            with suppress(BrokenPipeError):  # it may have ended by itself
                os.write(orders, COUNT.pack(END))
            os.close(orders)
            os.close(answers)
            os.waitpid(child, 0)


def started(part: Callable[[], object]) -> tuple[int, int, int]:
    """The process, and what to write orders to and to read answers from."""
    (order, orders), (answers, answer) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(orders)
        os.close(answers)
        serve(part, order, answer)
    os.close(order)
    os.close(answer)
    return child, orders, answers


def serve(part: Callable[[], object], order: int, answer: int) -> None:
    """Calls the part as ordered until it is told to end; does not return."""
    try:
        gc.disable()
        while (count := COUNT.unpack(os.read(order, COUNT.size))[0]) != END:
            for _ in range(count):
                part()
            os.write(answer, b".")
    finally:
        os._exit(0)
