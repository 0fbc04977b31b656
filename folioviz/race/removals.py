"""What can be left out of the kernel text, to see what it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from folioviz.machine.fields import FOLIO_REFCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

Names = dict[str, Any]


def _lock(take: str, release: str) -> Callable[[Names], None]:
    """Leave a lock out."""

    def remove(names: Names) -> None:
        names[take] = names[release] = lambda *_: None

    return remove


def _trylock(names: Names) -> None:
    names["folio_trylock"] = lambda *_: True
    names["folio_lock"] = names["folio_unlock"] = lambda *_: None


def _try_get(names: Names) -> None:
    def take(m: Any, folio: int) -> bool:
        names["page_ref_add"](m, folio, 1)
        return True

    names["folio_try_get"] = take


def _freeze(names: Names) -> None:
    def freeze(m: Any, folio: int, _nr: int) -> bool:
        names["store"](m, FOLIO_REFCOUNT, folio, 0)
        return True

    names["folio_ref_freeze"] = freeze


def _list_move(names: Names) -> None:
    def move(m: Any, node: int, head: int) -> None:
        names["list_del_init"](m, node)
        names["list_add"](m, node, head)

    names["list_move"] = move


def _entries(name: str) -> Callable[[Names], None]:
    """Pass over migration entries."""

    def remove(names: Names) -> None:
        names[name] = lambda *_: 0

    return remove


REMOVALS: Final[dict[str, Callable[[Names], None]]] = {
    "spin_lock": _lock("spin_lock", "spin_unlock"),
    "pte_lock": _lock("pte_lock", "pte_unlock"),
    "anon_vma_lock": _lock("anon_vma_lock", "anon_vma_unlock"),
    "folio_lock_large_mapcount": _lock("folio_lock_large_mapcount", "folio_unlock_large_mapcount"),
    "folio_trylock": _trylock,
    "folio_try_get": _try_get,
    "folio_ref_freeze": _freeze,
    "list_move": _list_move,
    "zap_migration_entry": _entries("zap_migration_entry"),
    "copy_migration_entry": _entries("copy_migration_entry"),
}
"""Name -> what leaves it out of one CPU's functions. A lock goes with its release; a try always succeeds; list_move()
unlinks and links."""
