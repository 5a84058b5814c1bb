"""What of the checkout a wheel holds: one package, `render`, with the command, the scenes and the ledger inside it.

Read when a distribution is built (`[tool.setuptools.cmdclass]` in pyproject.toml), and never by the command.
"""

from __future__ import annotations

from setuptools import find_packages
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

INSIDE = {"render.scenes": "scenes", "render.public": "public"}  # package in the wheel -> its folder in the checkout


class Package(build_py):
    """Builds the package `render` with what lies beside it in the checkout."""

    def finalize_options(self) -> None:
        scenes = [f"render.{name}" for name in find_packages(include=["scenes", "scenes.*"])]
        packages = [*(self.distribution.packages or []), *scenes, "render.public"]
        self.distribution.packages = list(dict.fromkeys(packages))
        self.distribution.package_dir = {**(self.distribution.package_dir or {}), **INSIDE}
        super().finalize_options()

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)
        return [*found, (package, "cli", "cli.py")] if package == "render" else found


class Source(sdist):
    """Gathers the sources without the tests, which need the whole checkout."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, [file for file in files if not file.startswith("tests/")])
