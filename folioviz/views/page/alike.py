"""Widgets that look alike share what says how they look.

A widget with a layout and a style of its own is three models, and each is made, sent and built once more by kernel,
server and browser before anybody sees a page. A board has some hundred places, most of which look as they are born.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import ipywidgets as w

if TYPE_CHECKING:
    from collections.abc import Mapping

W = TypeVar("W", bound=w.Widget)
_COMMON: dict[tuple[Any, ...], w.Widget] = {}


def common(kind: type[W], **traits: Any) -> W:
    """Return the one widget of a kind with these traits, a layout or a style; nobody may change it."""
    key = (kind, *sorted(traits.items()))
    found: Any = _COMMON.get(key)
    if found is None or found.comm is None:  # it was closed together with all others
        found = _COMMON[key] = kind(**traits)
    return cast("W", found)


def alike(
    kind: type[W],
    *args: Any,
    layout: Mapping[str, Any] | None = None,
    style: Mapping[str, Any] | None = None,
    **traits: Any,
) -> W:
    """Make a widget; its layout and its style are those of all that look like it."""
    traits["layout"] = common(w.Layout, **layout or {})
    if hasattr(kind, "style"):
        traits["style"] = common(kind.style.klass, **style or {})
    return cast("W", kind(*args, **traits))
