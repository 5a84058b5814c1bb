"""Check of an array in its role: what its form, dtype and length can be beside the features."""

from __future__ import annotations

from pathlib import Path

from render.audit.files.arrays import Column, Lack


def check_column(path: Path, role: str, column: Column, features: Column) -> Lack | None:
    """Raise ValueError for an array of a form, a dtype or a length that its role cannot have beside these features.

    Also for one whose rows are not all there; what counts in their place is said, where something can.
    """
    try:
        _check_form(path, role, column, features)
    except ValueError:
        column.verify()  # what its header says may be the damage
        raise
    return column.lacking(role)


def _check_form(path: Path, role: str, column: Column, features: Column) -> None:
    called = role if column.name == role else f"{column.name}, the {role},"
    kind = column.dtype.kind
    if kind == "O":
        raise ValueError(
            f"{path}: {called} holds Python objects or mixed kinds (a pickle), which are never loaded: save numbers"
        )
    if kind not in "biuf" and column.dtype.name != "bfloat16" and not (role == "labels" and kind in "US"):
        hint = "save its real and imaginary parts as columns" if kind == "c" else "save it as numbers"
        raise ValueError(f"{path}: {called} is {'text' if kind in 'US' else column.dtype}: {hint}")
    if len(column.shape) != 2 and not (role == "labels" and len(column.shape) == 1):
        form = {"labels": "(points,), or one-hot rows", "weights": "(classes, columns of the features)"}
        raise ValueError(
            f"{path}: {called} has shape {column.shape}: expected {form.get(role, '(points, columns)')}; reshape it"
        )
    if 0 in column.shape:
        raise ValueError(f"{path}: {called} is empty, its shape is {column.shape}: save one row a point")
    if role == "weights":
        if column.shape[1:] != features.shape[1:]:
            raise ValueError(
                f"{path}: {called} has shape {column.shape}, and {features.name} {features.shape[1]} columns: save "
                f"(classes, columns of the features)"
            )
    elif column.shape[0] != features.shape[0]:
        raise ValueError(
            f"{path}: {called} has {column.shape[0]} rows and {features.name} {features.shape[0]}: save one row a "
            f"point in both"
        )


__all__ = ["check_column"]
