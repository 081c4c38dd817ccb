"""The pickles of `torch.save`, read as data: nothing that they name is imported or called."""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TENSORS = frozenset({"torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3"})
PARAMETERS = frozenset(
    {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"}
)
DICTIONARY = "collections.OrderedDict"
SIZE = "torch.Size"
FUNCTIONS = TENSORS | PARAMETERS | {DICTIONARY, SIZE}
# Storages and dtypes are values alone.
MODULES = ("torch.", "torch.cuda.", "torch.storage.")


class PickleError(ValueError):
    """A pickle that is damaged, or holds what tensors do not need."""


@dataclass(frozen=True)
class Name:
    """The name of something in Python, such as `torch.BoolStorage`."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call that the pickle asks for, and that nobody makes."""

    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Identity:
    """What a pickle refers to outside of it: torch's storages."""

    parts: tuple[Any, ...]


def read_pickle(content: bytes) -> Any:
    """What a pickle holds, with names, calls and storages as what they are.

    Raises:
        PickleError: where it is damaged, or has an opcode or a name that tensors do not need.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(content):
            machine.step(opcode.name, argument)
        (found,) = machine.stack
    except PickleError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise PickleError(f"its pickle is damaged ({error})") from None
    return found


class _Machine:
    """The stack, its marks and the memo of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._marked: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Do what an opcode says."""
        if opcode in _ARGUMENTS:
            self.stack.append(argument)
        elif opcode in _CONSTANTS:
            self.stack.append(_CONSTANTS[opcode])
        elif opcode in _ACTIONS:
            _ACTIONS[opcode](self, argument)
        elif opcode not in _IGNORED:
            raise PickleError(f"its pickle has the opcode {opcode}, which tensors do not need")

    def mark(self, _: Any) -> None:
        self._marked.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        found, self.stack = self.stack, self._marked.pop()
        return found

    def tuple(self, _: Any) -> None:
        found = tuple(self.since_mark())
        self.stack.append(found)

    def last(self, count: int) -> None:
        """A tuple of the last few."""
        if len(self.stack) < count:
            raise PickleError("its pickle is damaged: its stack is empty")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def append(self, items: list[Any]) -> None:
        target: list[Any] = self.stack[-1]
        if type(target) is not list:
            raise PickleError("its pickle is damaged: it appends to what is no list")
        target.extend(items)

    def put_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        keys = items[::2]
        if type(target) is not dict or not all(type(key) in (str, int) for key in keys):
            raise PickleError("its pickle has keys that are neither texts nor numbers")
        target.update(zip(keys, items[1::2], strict=True))

    def keep(self, place: Any) -> None:
        self._memo[len(self._memo) if place is None else place] = self.stack[-1]

    def recall(self, place: Any) -> None:
        self.stack.append(self._memo[place])

    def name(self, module: str, name: str) -> None:
        text = f"{module}.{name}"
        is_value = text.rpartition(".")[0] + "." in MODULES
        if text not in FUNCTIONS and not is_value:
            raise PickleError(f"it is refused, and nothing was executed: its pickle names {text}")
        self.stack.append(Name(text))

    def call(self, _: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if type(function) is not Name or function.text not in FUNCTIONS:
            raise PickleError("it is refused, and nothing was executed: its pickle calls a value")
        if type(arguments) is not tuple:
            raise PickleError("its pickle is damaged: arguments are no tuple")
        if function.text == DICTIONARY:
            self.stack.append({})
            self.put_items([item for pair in (arguments or ([],))[0] for item in pair])
        elif function.text == SIZE:
            self.stack.append(tuple(arguments[0]))
        else:
            self.stack.append(Call(function.text, arguments))

    def identity(self, _: Any) -> None:
        parts = self.stack.pop()
        self.stack.append(Identity(parts if type(parts) is tuple else ()))


def _names(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.name(str(module), str(name))


_ARGUMENTS = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
    | {"BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_IGNORED = frozenset({"PROTO", "FRAME", "STOP"})
_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "MARK": _Machine.mark,
    "TUPLE": _Machine.tuple,
    "TUPLE1": lambda machine, _: machine.last(1),
    "TUPLE2": lambda machine, _: machine.last(2),
    "TUPLE3": lambda machine, _: machine.last(3),
    "APPEND": lambda machine, _: machine.append([machine.stack.pop()]),
    "APPENDS": lambda machine, _: machine.append(machine.since_mark()),
    "SETITEM": lambda machine, _: machine.put_items([machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: machine.put_items(machine.since_mark()),
    "BINPUT": _Machine.keep,
    "LONG_BINPUT": _Machine.keep,
    "MEMOIZE": _Machine.keep,
    "BINGET": _Machine.recall,
    "LONG_BINGET": _Machine.recall,
    "GLOBAL": lambda machine, argument: machine.name(*argument.split(" ", 1)),
    "STACK_GLOBAL": _names,
    "BINPERSID": _Machine.identity,
    "REDUCE": _Machine.call,
    # The attributes of an OrderedDict, such as the versions in a state_dict.
    "BUILD": lambda machine, _: machine.stack.pop() and None,
}
