"""Kernels of Debian's: the packages that are fetched, and the image that is found in them. Nothing is fetched here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools import debian

DEPENDS = {
    "linux-image-amd64": "  Depends: linux-image-7.3.4-amd64\n",
    "linux-image-7.3.4-amd64": " |Depends: dracut\n  Depends: linux-base-7.3.4-amd64\n"
    "  Depends: linux-binary-7.3.4-amd64\n  Depends: linux-modules-7.3.4-amd64\n",
    "linux-image-6.12.9-amd64": "  Depends: kmod\n  Depends: linux-base\n",
}
IMAGES = {"image-6.12": "boot/vmlinuz-6.12.9-amd64", "binary-7.3": "usr/lib/modules/7.3.4-amd64/vmlinuz"}
"""Part of a package's name -> where it has an image."""
PARTS = ("image", "binary", "modules")


@pytest.fixture
def ran(monkeypatch):
    """Let apt and dpkg do as if: a package has what its name says, of old and new kernels; give what was run."""
    done = []

    def run(words, cwd=None, **_):
        done.append([str(word) for word in words])
        if words[0] == "apt-get":
            for name in words[3:]:
                (cwd / f"{name}.deb").touch()
        elif words[0] == "dpkg-deb":
            for image in (one for kind, one in IMAGES.items() if kind in words[2].name):
                (words[3] / image).parent.mkdir(parents=True, exist_ok=True)
                (words[3] / image).touch()
        return SimpleNamespace(stdout=DEPENDS.get(words[-1], ""))

    monkeypatch.setattr("subprocess.run", run)
    return done


def test_a_package_that_is_a_file_is_unpacked(ran, tmp_path):
    """Nothing is fetched for it; the image has its release in its name, wherever it was."""
    for file, name in (("linux-image-6.12.deb", "6.12.9"), ("linux-binary-7.3.deb", "7.3.4")):
        image = debian.vmlinuz([file], tmp_path / name)
        assert (image.name, image.is_file()) == (f"vmlinuz-{name}-amd64", True)

    assert [words[0] for words in ran] == ["dpkg-deb", "dpkg-deb"]


def test_a_metapackage_is_followed_to_the_parts_of_its_kernel(ran, tmp_path):
    """Image, binary and modules, and nothing else that they depend on."""
    image = debian.vmlinuz(["linux-image-amd64"], tmp_path / "kernel")
    [fetched] = [words[3:] for words in ran if words[0] == "apt-get"]

    assert image.name == "vmlinuz-7.3.4-amd64"
    assert fetched == [
        f"linux-{name}" for name in ("image-amd64", *(f"{part}-7.3.4-amd64" for part in PARTS))
    ]


@pytest.mark.parametrize(
    ("files", "number"),
    [(["linux-modules-7.3.deb"], 0), (["linux-image-6.12.deb", "linux-binary-7.3.deb"], 2)],
)
def test_there_must_be_one_image(ran, tmp_path, files, number):
    """None, or several, are an error that names the packages, the number, and where Debian has it."""
    with pytest.raises(
        SystemExit, match=rf"^{', '.join(files)}: {number} images of a kernel.*must be 1.*linux-binary"
    ):
        debian.vmlinuz(files, tmp_path / "kernel")
