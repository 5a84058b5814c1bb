"""What a wheel holds: one package, `render`, with the command, the scenes and the ledger of the checkout inside it."""

from __future__ import annotations

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

INSIDE = {"render.scenes": "scenes", "render.public": "public"}  # package in the wheel -> its folder in the checkout


class WithCommand(build_py):
    """Builds the package `render` with the module of the command, which lies beside it in the checkout."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)
        return [*found, (package, "cli", "cli.py")] if package == "render" else found


setup(
    packages=[
        *find_packages(include=["render", "render.*"]),
        *(f"render.{name}" for name in find_packages(include=["scenes", "scenes.*"])),
        "render.public",
    ],
    package_dir=INSIDE,
    scripts=["bin/render"],
    cmdclass={"build_py": WithCommand},
)
