"""Patches that tests make up."""

from __future__ import annotations

from types import FunctionType, ModuleType


def module(*functions: FunctionType, **constants: int) -> ModuleType:
    """Return a module of functions and constants."""
    made = ModuleType("made_up")
    for function in functions:
        function.__module__ = "made_up"
        setattr(made, function.__name__, function)
    vars(made).update(constants)
    return made
