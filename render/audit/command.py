"""The verb `render audit`: its options, and what cannot be asked for together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from render import device
from render.audit import placing  # noqa: F401 - at once: it notes what the environment says of devices
from render.audit.files.addresses import located

ROLES = ("features", "labels", "outputs", "targets", "weights", "views", "pairs")
ONE_OF = (  # two options of which one can be given, and what each is for
    ("workers", "starts processes here", "scheduler", "uses a cluster"),
    ("workers", "starts processes here", "device", "says where this one sums"),
    ("scheduler", "uses a cluster", "device", "says where this process sums"),
    ("explain", "says what a number is", "watch", "watches a run"),
    ("against", "compares two states", "watch", "watches a run"),
)


class Place(click.Path):
    """A path, a pattern of paths, or an address."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return located(str(value)) if "://" in str(value) else super().convert(value, param, ctx)


def _keys(function: Any) -> Any:
    for role in reversed(ROLES):
        function = click.option(f"--{role}", metavar="KEY", help=f"The array of the {role}, if it is not called so.")(
            function
        )
    return function


@click.command("audit")
@click.argument("path", type=Place(path_type=Path), required=False)
@_keys
@click.option("--layer", multiple=True, metavar="PATTERN", help="Audit this layer; several: by depth.")
@click.option("--table/--steps", default=None, help="Files are one table, or steps [default: by their names].")
@click.option("--ignore", "ignored", multiple=True, metavar="LABEL", help="Leave rows of this label out; repeatable.")
@click.option(
    "--goal", type=click.Choice(["classifier", "contrastive", "table"]), help="What the run claims to become."
)
@click.option("--normalize", is_flag=True, help="Make the features of each point of unit length first.")
@click.option(
    "--against",
    type=Place(path_type=Path),
    metavar="FILE|FOLDER",
    help="Compare with an earlier state of the same rows.",
)
@click.option("--explain", metavar="NAME", help="Say what a number is, or a headline, and end; 'headline' for all.")
@click.option("--format", "form", type=click.Choice(["text", "md"]), default="text", show_default=True)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the report as JSON, of every step; - prints it.")
@click.option(
    "--html", "html_path", type=click.Path(path_type=Path), help="Write all of it as one page, for a browser."
)
@click.option("--fail-on", "conditions", multiple=True, metavar="'NAME<X'", help="Exit with 3 if so; repeatable.")
@click.option("--alarms", "alarms_file", type=click.Path(path_type=Path), help="The same from a TOML file's [alarms].")
@click.option("--partial", "partial_is_fine", is_flag=True, help="Exit with 0 although the report is not whole.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help="For pictures.")
@click.option("--picture/--no-picture", "drawn", default=True, help="Draw the dashboard, or the animation of a series.")
@click.option("--watch", is_flag=True, help="Redraw a folder's picture as its run goes on; Ctrl-C ends it.")
@click.option("--every", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Seconds, for --watch.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Pass over the rows in so many processes (Dask).")
@click.option("--scheduler", metavar="ADDRESS", help="Pass over them on a Dask cluster: tcp://host:8786.")
@click.option("--device", type=click.Choice(["cpu", "gpu"]), help="Sum them up there [default: a GPU for very many].")
@click.option("--chunk-rows", type=click.IntRange(min=1), help="Rows in memory at once [default: 8 MB of them].")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors and alarms.")
@click.option("--traceback", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def audit(path: Path | None, explain: str | None, **asked: Any) -> None:
    """Report on the representations of your own run.

    A headline says what is going on; each number has its theory's value for what the run claims (--goal), a verdict and
    what it means.

    PATH is a snapshot (.npy, .npz, .csv, .tsv, .parquet, .safetensors, Zarr) with arrays called features and, if there
    are any, labels (whole numbers, names or one-hot), outputs, targets and weights (of the last layer: classes x
    features), and views (points x features, or views x points x features) or pairs (of rows) where there are several
    of a point; or - for one from standard input; or a folder of snapshots, one a step, such as `render.Recorder`
    writes. It may be larger than memory. Arrays called layer/NAME are told and drawn by depth, and the last of them is
    audited unless --layer says which. In a table KEY names columns: z (also for z0, z1, ...), z*, 0:16, or several by
    comma.

    Shards are one table: a pattern in quotes, or a folder of files whose names say so (part-00000,
    train-00000-of-00003). PATH may be an address, https://, s3://, gs:// or hf://, of .npy, .parquet or Zarr.

    Of a snapshot a dashboard is drawn into ./out, as PNG; of a folder the last report is shown, and an animation over
    its steps is drawn, with a poster and the reports of all steps as JSON. Where data are bad one line says so and the
    exit code is 2.

    With --against the numbers of both states of the same rows are told, how alike they are (cka, procrustes_residual,
    neighbours_kept), and an animation turns one into the other. 'cka<0.9' and 'nc1_change>0' are conditions then.

    A condition is of the last step, 'participation_ratio<4' or 'loss>3', a scalar of the run, or of others: 'nc1>1 at
    any', 'nc1>1 after 500', 'mean_cosine>0.9 for 3' (in a row), 'entropy_rank<0.5*max' (of the steps so far);
    'fc:nc1>1' is of the layer fc.

    \b
    Examples:
      render audit run/step-1000.npz
      render audit embeddings.npy --goal contrastive --json report.json
      render audit run --theme dark
      render audit run --layer fc
      render audit run --watch --every 30
      render audit run --no-picture --fail-on 'participation_ratio<4 at any'
      render audit run --ignore -100 --format md
      render audit after.npz --against before.npz --fail-on 'cka<0.9'
      render audit --explain nc1
      render audit 'shards/part-*.parquet' --features z
      render audit store.zarr --features z --scheduler tcp://head:8786
    """
    for one, does, other, also in ONE_OF:
        if all((explain if name == "explain" else asked[name]) not in (None, False, ()) for name in (one, other)):
            raise click.UsageError(f"--{one} {does}, --{other} {also}: give one of them")
    if explain is not None:
        from render.audit.explain import require

        require(explain)
    if asked["device"] == device.CPU:
        device.choose("cpu")  # whatever the environment says
    from render.audit import auditing

    if path is None:
        if explain is None:
            raise click.UsageError("Missing argument 'PATH': name a snapshot, or a folder of them")
        return auditing.explain(explain, None, asked["form"])
    keys = {role: asked.pop(role) for role in ROLES}
    return auditing.run(auditing.Asked(path=path, explain=explain, keys=keys, **asked))


__all__ = ["audit"]
