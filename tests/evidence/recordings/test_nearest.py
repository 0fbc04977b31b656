"""Which model stands for which kernel, and what its /proc shows."""

from __future__ import annotations

import pytest

from folioviz.errors import KernelError
from folioviz.evidence.recordings.nearest import release_of


@pytest.mark.parametrize(
    ("release", "model"),
    [
        ("6.1.0-56-cloud-amd64", "v6.1"),
        ("6.6.1", "v6.5-rc3"),
        ("6.8", "v6.8"),
        ("6.9.3-arch1", "v6.9"),
        ("6.11.0", "v6.10"),
        ("6.12.117+deb12-cloud-amd64", "v6.12"),
        ("6.14.1", "v6.12"),
        ("6.16.12+deb14-amd64", "v7.3"),
        ("6.18.15", "v7.3"),
        ("7.0.13", "v7.3"),
        ("7.3.4", "v7.3"),
        ("12.0", "v7.3"),
    ],
)
def test_the_nearest_model(release, model):
    """The newest model that is not newer than the kernel, but for the owners of a folio, which came with v6.15."""
    assert model == release_of(release).model


def test_a_kernel_is_named_by_its_build():
    """Debian's releases do not say which stable release they are; the build does."""
    found = release_of("6.1.0-56-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)")

    assert ("6.1.192", (6, 1)) == (found.name, found.number)
    assert release_of("6.18.44-vendor").name == "6.18.44"


def test_an_old_kernel_has_no_model():
    """The message says from where on there are models."""
    with pytest.raises(KernelError, match=r"'5\.10\.0': there are models from 6\.0 on"):
        release_of("5.10.0")


@pytest.mark.parametrize(
    ("release", "first"), [("6.1.0", True), ("6.12.1", False), ("6.16.0", True), ("7.3.4", True)]
)
def test_the_exclusive_bit_of_a_huge_page(release, first):
    """v6.12 looks at each page; the others give all of them the bit of the first one."""
    assert first is release_of(release).first_subpage_decides
