"""What is known of the machine: settings, counters, and how the kernel was built."""

from __future__ import annotations

import gzip

import pytest

from folioviz.capture import system


def test_a_setting_is_what_stands_in_brackets():
    """Of the words that a file of sysfs lists."""
    assert system.chosen("always [madvise] never\n") == "madvise"
    assert system.chosen("always [inherit] madvise never\n") == "inherit"
    assert system.chosen("[deferred] never") is None
    assert system.chosen("") is None


def test_numbers_are_read_and_the_rest_is_passed_over():
    """One word and one number a line; a name or a number that a document refuses is none."""
    text = "nr_anon_pages 12\nbad name 3\npgfault 123456789012345678901\nx y\nnr-free 3\nthp_split_page 0\n"

    assert system.numbers(text) == {"nr_anon_pages": 12, "thp_split_page": 0}


@pytest.mark.parametrize(
    ("config", "answer"),
    [
        (b"CONFIG_A=y\nCONFIG_NO_PAGE_MAPCOUNT=y\n", True),
        (b"# CONFIG_NO_PAGE_MAPCOUNT is not set\nCONFIG_PAGE_MAPCOUNT=y\n", False),
        (b"CONFIG_A=y\n", False),
    ],
)
def test_the_configuration_says_if_there_are_page_mapcounts(tmp_path, monkeypatch, config, answer):
    """Of a kernel that can be built without them; before v6.15 none can."""
    path = tmp_path / "config.gz"
    path.write_bytes(gzip.compress(config))
    monkeypatch.setattr(system, "CONFIGS", (str(path),))

    assert system.no_page_mapcount("6.15.3") is answer
    assert system.no_page_mapcount("6.12.117+deb") is False


def test_without_a_configuration_it_is_not_known(tmp_path, monkeypatch):
    """Then folios have to tell."""
    monkeypatch.setattr(system, "CONFIGS", (str(tmp_path / "config-{release}"),))

    assert system.no_page_mapcount("7.3.4") is None


def test_this_machine_tells_something():
    """A release, and numbers where they can be read."""
    found = system.system()

    assert found.release
    assert all(isinstance(number, int) for number in found.vm.values())
    assert all(size.endswith("kB") for size in {*found.sizes, *found.mthp})
