"""Which entry of a mask belongs to which parameter of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from maskdb.errors import MaskMismatchError
from maskdb.experts import expert_groups
from maskdb.mask import Shape

WRAPPERS = {"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
PREFIXES = (["module"], ["base_model", "model"])
Rename = Mapping[str, str] | Callable[[str], str]


def canonical(name: str) -> str:
    """A parameter's name without what wrappers of the model put into it.

    `torch.compile`, FSDP and checkpointed activations wrap modules anywhere; DDP and PEFT only the
    whole, so that `module.` and `base_model.model.` go from the front alone. PEFT's `base_layer`
    goes where it is the last module.
    """
    *modules, own = name.split(".")
    modules = [module for module in modules if module not in WRAPPERS]
    peft = False
    while prefix := next((p for p in PREFIXES if modules[: len(p)] == p), None):
        peft = peft or prefix == PREFIXES[1]
        modules = modules[len(prefix) :]
    if peft and modules and modules[-1] == "base_layer":
        modules.pop()
    return ".".join([*modules, own])


@dataclass(frozen=True)
class ModelTensor:
    """A parameter of a model.

    Attributes:
        names: every name that the model has for it; several where it is tied.
        shape: of the whole parameter, not of a shard.
    """

    names: tuple[str, ...]
    shape: Shape

    @property
    def name(self) -> str:
        """Its first name, without wrappers."""
        return canonical(self.names[0])


def renamed(names: Iterable[str], rename: Rename | None) -> dict[str, str]:
    """Entry names of a mask by the names that the model should have for them.

    Raises:
        MaskMismatchError: where two entries get one name.
    """
    found: dict[str, str] = {}
    for entry in names:
        if rename is None:
            name = canonical(entry)
        else:
            name = rename(entry) if callable(rename) else rename.get(entry, canonical(entry))
        if name in found:
            raise MaskMismatchError("two tensors of the mask have one name", [found[name], entry])
        found[name] = entry
    return found


def entries_of(
    tensors: Sequence[ModelTensor], entries: Mapping[str, Shape], rename: Rename | None = None
) -> list[tuple[str, ...]]:
    """The entries for every tensor: none, one, or several where it is tied.

    Raises:
        MaskMismatchError: where an entry has no parameter or another shape, or a name of the model
            is ambiguous; every one is listed.
    """
    by_name = renamed(entries, rename)
    _check_unambiguous(tensors)
    found = [_entries(tensor, by_name) for tensor in tensors]
    _check_all_used(tensors, by_name, {entry for group in found for entry in group})
    _check_shapes(tensors, found, entries)
    return found


def chosen(names: Iterable[str], ignore: Sequence[str]) -> list[str]:
    """The names that no glob of `ignore` matches.

    Raises:
        MaskMismatchError: where a glob matches nothing.
    """
    every = list(names)
    idle = [glob for glob in ignore if not any(fnmatchcase(name, glob) for name in every)]
    if idle:
        raise MaskMismatchError("nothing in the mask is to be ignored by", idle)
    return [name for name in every if not any(fnmatchcase(name, glob) for glob in ignore)]


def _entries(tensor: ModelTensor, by_name: Mapping[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys(canonical(name) for name in tensor.names)
    return tuple(by_name[name] for name in names if name in by_name)


def _check_unambiguous(tensors: Sequence[ModelTensor]) -> None:
    owners: dict[str, ModelTensor] = {}
    for tensor in tensors:
        for name in tensor.names:
            if owners.setdefault(canonical(name), tensor) is not tensor:
                other = owners[canonical(name)].names[0]
                raise MaskMismatchError(
                    "two parameters of the model differ only in the names of wrappers",
                    [other, name],
                )


def _check_all_used(
    tensors: Sequence[ModelTensor], by_name: Mapping[str, str], used: set[str]
) -> None:
    unused = [entry for entry in by_name.values() if entry not in used]
    if not unused:
        return
    raise MaskMismatchError(
        f"the model has no parameter for {len(unused)} of {len(by_name)} tensors of the mask "
        f"({_advice(tensors, unused)})",
        unused,
    )


def _advice(tensors: Sequence[ModelTensor], unused: Sequence[str]) -> str:
    model = {tensor.name for tensor in tensors}
    fused = any(".experts." in name and name.endswith("proj") for name in model)
    if fused and expert_groups(unused):
        return "the model keeps its experts in one tensor: see maskdb.fused_experts"
    near = next(
        (
            (entry, name)
            for entry in unused
            for name in sorted(model)
            if name.endswith(f".{canonical(entry)}") or canonical(entry).endswith(f".{name}")
        ),
        None,
    )
    if near:
        return f"is {near[0]} the model's {near[1]}? Then pass rename"
    return "pass rename where names differ, ignore=[GLOB] for what is not to be trained by it"


def _check_shapes(
    tensors: Sequence[ModelTensor], found: Sequence[tuple[str, ...]], entries: Mapping[str, Shape]
) -> None:
    wrong = [
        f"{entry} is {list(entries[entry])} in the mask and {list(tensor.shape)} in the model"
        for tensor, group in zip(tensors, found, strict=True)
        for entry in group
        if entries[entry] != tensor.shape
    ]
    if wrong:
        raise MaskMismatchError("shapes differ: the mask is of another model", wrong)
