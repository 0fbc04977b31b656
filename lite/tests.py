"""Run pytest in Pyodide, with the words that follow."""

from __future__ import annotations

import sys

import pytest

sys.exit(pytest.main(sys.argv[1:]))
