"""Sweeps: the same operations with other numbers, under many kernels, on all cores or on a cluster; a row a cell."""
