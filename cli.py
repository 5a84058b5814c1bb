"""The command `render`: each verb parses, calls one library function, and prints.

jax and matplotlib are imported when a verb needs them, never for help, completion, a wrong name or nothing to do.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from render.audit.command import audit
from render.errors import DONE, ERROR, INTERRUPTED, TARGET_MISSED, USAGE, exit_code
from render.production.edition import Edition
from render.registry import Registry, entry_of
from render.stages import duration
from render.terminal import console, progress
from render.training import device, threads
from scenes import CLAIMS, ENTRIES

if TYPE_CHECKING:
    from render.production.cache import Cache
    from render.scene import Scene
    from render.target import Verdict


OWN = {name: entry.reference for name, entry in ENTRIES.items()}
SCENES: Mapping[str, str] = Registry(OWN)  # and those of packages that are installed


class SceneName(click.ParamType):
    """A name of the registry, completed by the shell, corrected when it is nearly one."""

    name = "scene"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in SCENES:
            close = difflib.get_close_matches(value, SCENES, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else "`render list` shows them all."
            self.fail(f"there is no scene called {value!r}. {hint}", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in SCENES if name.startswith(incomplete)]


def _options(*options: Callable) -> Callable:
    def decorate(function: Callable) -> Callable:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


traceback_option = click.option("--traceback", is_flag=True, expose_value=False, help="Show the traceback of an error.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
theme_option = click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
cache_option = click.option(
    "--cache/--no-cache", "cached", default=True, help="Take what was trained before from the cache, and keep it there."
)
poster_option = click.option("--poster/--no-poster", default=True, help="Write the last frame as a PNG, too.")


def _choose_device(context: click.Context, option: click.Parameter, chosen: Any) -> None:
    if chosen:
        device.choose(chosen)


device_option = click.option(
    "--device",
    type=click.Choice(["cpu", "gpu"]),
    callback=_choose_device,
    expose_value=False,
    help="Where to train, with the pictures of its own rounding [default: $JAX_PLATFORMS, or cpu].",
)
run_options = _options(
    click.option("--name", type=SceneName(), help="A scene of the project; `render list` shows them."),
    click.option("--file", type=click.Path(path_type=Path), help="A scene module of your own instead of --name."),
    click.option("--seed", type=int, help="Names the whole run: data, initial weights, noise."),
    click.option("--frames", type=int, help="Pictures in the animation."),
    click.option("--steps", type=int, help="Optimiser steps, or notches of the dial."),
    click.option("--frame-ms", type=int, help="Delay of a frame, a multiple of 10 ms."),
    click.option("--hold-ms", type=int, help="Delay of the last frame, a multiple of 10 ms."),
    click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other field of the config."),
)


def _path(**options: Any) -> Any:
    return click.Path(path_type=Path, **options)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="frame-potential", prog_name="render")
@traceback_option
@click.pass_context
def render(context: click.Context) -> None:
    """Render animated figures of how representations form while a network trains.

    \b
    Examples:
      render list
      render scene --name neural-collapse
      render scene --name neural-collapse --seed 7 --set decay=0.005   (an experiment, into ./out)
      render figure --name neural-collapse --at first,middle,last --format pdf
      render check --name neural-collapse --seeds 8
      render all --jobs 2
      render audit run/step-1000.npz

    Exit codes: 0 done, 2 usage or bad data, 3 a target missed or an alarm, 130 interrupted, 1 anything else.
    """
    verb = context.invoked_subcommand
    programs = (os.cpu_count() or 1) if verb in ("check", "claims") else 1  # each on a batch of seeds
    silent = {"TF_CPP_MIN_LOG_LEVEL": "3"}  # XLA's log says on stderr that a busy machine compiles slowly
    os.environ.update(silent | threads.environment(programs, large=verb == "audit") | os.environ)


@render.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all that there is to know.")
@traceback_option
def list_scenes(as_json: bool) -> None:
    """Show every scene: name, title, post, output, frames, targets."""
    entries, goals = [], {}
    for name, reference in SCENES.items():
        entry = ENTRIES.get(name)
        if as_json or entry is None or entry.reference != reference:
            from render.loading import load_scene

            scene = load_scene(reference)
            entry = entry_of(reference, scene)
            goals[name] = [f"{target.name} {target.goal_text}" for target in scene.targets(scene.config()).values()]
        entries.append({"name": name, **entry._asdict()})
    columns = ["name", "title", "post", "output", "frames", "targets"]
    if as_json:
        rows = [{column: entry[column] for column in columns} for entry in entries]
        rows = [{**row, "targets": goals[row["name"]]} for row in rows]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        console.table(columns, [[str(entry[column]) for column in columns] for entry in entries])


@render.command()
@run_options
@theme_option
@click.option("--out", type=_path(), help="Folder to write to [default: public/; ./out for an experiment].")
@poster_option
@cache_option
@click.option("--data", type=_path(), help="Write everything measured, and raw arrays of three frames, to this .npz.")
@click.option("--force", is_flag=True, help="Render even if the output is up to date.")
@click.option("--timings", is_flag=True, help="Print the seconds of each stage.")
@device_option
@quiet_option
@traceback_option
def scene(
    name: str | None,
    file: Path | None,
    settings: tuple[str, ...],
    theme: str,
    out: Path | None,
    poster: bool,
    cached: bool,
    data: Path | None,
    force: bool,
    timings: bool,
    quiet: bool,
    **options: int | None,
) -> None:
    """Render one scene.

    With its default configuration a scene that misses a target is not written. With any other (--seed, --steps,
    --set, ...) its targets are shown, and it is written to ./out unless --out says otherwise.

    \b
    Examples:
      render scene --name neural-collapse
      render scene --name neural-collapse --theme dark --timings
      render scene --name neural-collapse --seed 7 --set classes=4 --data run.npz
      render scene --file my_scene.py --out figures
    """
    label, reference = _which(name, file)
    is_default = not settings and all(value is None for value in options.values())
    if name and is_default and not (force or data or timings):
        from render.production import manifest

        edition = Edition(out or manifest.public_folder(), theme, poster=poster)
        current = manifest.find_current(edition, reference)
        if current:
            picture = console.shown(edition.folder / edition.files(current)[0])
            _say(quiet, f"{picture} is up to date; --force renders it again")
            return
    with progress.board(quiet) as board, board.line(label) as stages:
        with stages("import"):
            from render.production import outputs, runs
        run = runs.find(reference, options, settings, _cache(cached), stages)
        folder = out or outputs.default_folder(run.overrides, own=name is not None)
        produced = outputs.produce(run, Edition(folder, theme, poster=poster), data=data, stages=stages)
    _say(quiet, console.line(produced.path, produced.entry, stages.seconds))
    for verdict in produced.verdicts:
        if not verdict.met:
            _say(quiet, f"  not met with this configuration: {verdict.sentence()}")
    if timings:
        click.echo("  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in stages.seconds.items()))


@render.command("figure")
@run_options
@theme_option
@click.option("--at", default="last", show_default=True, help="Frames, by comma: first, middle, last or numbers.")
@click.option("--format", "kind", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True)
@click.option("--out", type=_path(), default=Path("out"), show_default=True, help="Folder to write to.")
@cache_option
@device_option
@quiet_option
@traceback_option
def figure_(
    name: str | None,
    file: Path | None,
    settings: tuple[str, ...],
    theme: str,
    at: str,
    kind: Any,
    out: Path,
    cached: bool,
    quiet: bool,
    **options: int | None,
) -> None:
    """Draw stills and film strips for print: the same panels, as PNG, SVG or PDF.

    \b
    Examples:
      render figure --name neural-collapse --format pdf
      render figure --name neural-collapse --at first,middle,last --format svg --theme dark
    """
    label, reference = _which(name, file)
    with progress.board(quiet) as board, board.line(label) as stages:
        with stages("import"):
            from render.production import outputs, runs
        run = runs.find(reference, options, settings, _cache(cached), stages)
        path = outputs.write_still(run, Edition(out, theme), at=at.split(","), kind=kind, stages=stages)
    _say(quiet, str(console.shown(path)))


@render.command("all")
@theme_option
@click.option("--out", type=_path(), help="Folder to write to [default: public/].")
@poster_option
@click.option("--only", metavar="PATTERN", help="Only scenes whose name matches, as in 'neural-*'.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: one a core].")
@click.option("--force", is_flag=True, help="Render what is up to date, too.")
@cache_option
@device_option
@quiet_option
@traceback_option
def all_(
    theme: str,
    out: Path | None,
    poster: bool,
    only: str | None,
    jobs: int | None,
    force: bool,
    cached: bool,
    quiet: bool,
) -> None:
    """Render every scene whose output is out of date.

    An output is up to date when its files are whole and nothing that decides them has changed: the scene's code, what
    it imports, its configuration, the versions of the packages that these name.
    """
    from render.files import require_writable
    from render.production import batch, manifest

    edition = Edition(out or manifest.public_folder(), theme, poster=poster)
    folder = edition.folder
    chosen = {name: ref for name, ref in SCENES.items() if not only or fnmatch.fnmatch(name, only)}
    if not chosen:
        raise click.UsageError(f"no scene matches {only!r}; `render list` shows them all.")
    require_writable(folder)
    due = {
        name: reference for name, reference in chosen.items() if force or not manifest.find_current(edition, reference)
    }
    if len(due) < len(chosen):
        _say(quiet, f"{len(chosen) - len(due)} of {len(chosen)} up to date in {console.shown(folder)}")
    errors, entries = [], {}
    processes = jobs or os.cpu_count() or 1
    outcomes = batch.render_all(due, edition, jobs=processes, board=progress.board(quiet), cache=_cache(cached))
    with closing(outcomes):  # on Ctrl-C here, too, the workers end
        for outcome in outcomes:
            if isinstance(outcome.error, device.NoDevice):  # so it is for every scene
                raise outcome.error
            if outcome.error is not None:
                errors.append(outcome.error)
                console.print_traceback(outcome.error)
                click.echo(f"render: {outcome.name}: {console.one_line(outcome.error)}", err=True)
            elif outcome.entry is not None:
                entries[outcome.output] = outcome.entry
                done = f"  [{len(entries) + len(errors)} of {len(due)}"
                left = outcome.left_seconds
                more = f", about {duration(left)} left]" if left else "]"
                path = folder / edition.files(outcome.output)[0]
                _say(quiet, console.line(path, outcome.entry, outcome.seconds or {}) + done + more)
    shown_in = manifest.ROOT / "README.md"
    if folder.resolve() == manifest.ROOT / "public" and theme == "light" and not only and shown_in.exists():
        from render.ledger import readme

        readme.replace_between(shown_in, "gallery", readme.gallery(manifest.read(folder), OWN))
    if entries:
        written = [name for entry in entries.values() for name in entry["files"]]
        for line in console.summary(folder, list(entries.values()), manifest.not_as_committed(folder, written)):
            _say(quiet, line)
    if errors:
        codes = {exit_code(error) for error in errors}
        raise SystemExit(codes.pop() if len(codes) == 1 else ERROR)


@render.command()
@click.option("--name", "names", type=SceneName(), multiple=True, help="Only this scene; repeatable.")
@click.option("--seeds", default="1", show_default=True, help='Seeds, or "own": each target\'s own number.')
@click.option("--first-seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the verdicts as JSON; - prints them.")
@device_option
@quiet_option
@traceback_option
def check(names: tuple[str, ...], seeds: str, first_seed: int, json_path: str | None, quiet: bool) -> None:
    """Check every target of every scene, or of --name, over seeds. Exit code 3 when one is missed.

    \b
    Examples:
      render check --seeds 4
      render check --name neural-collapse --seeds own --json -
    """
    if seeds != "own" and not (seeds.isdecimal() and 1 <= int(seeds) <= 10_000):
        raise click.UsageError(f'--seeds {seeds}: a number from 1 to 10000, or "own"')
    from render.files import replacing, require_writable
    from render.loading import load_scene
    from render.training import checks

    if json_path and json_path != "-":
        require_writable(Path(json_path).parent)
        if Path(json_path).is_dir():
            raise click.UsageError(f"{json_path} is a folder: name a file for --json")
    verdicts: dict[str, list[Verdict]] = {}
    _keep_programs()
    for name in names or SCENES:
        with progress.board(quiet) as board, board.line(name) as stages:
            loaded: Scene = load_scene(SCENES[name])
            verdicts[name] = checks.check(loaded, None if seeds == "own" else int(seeds), first_seed, stages)
    failed = sum(verdict.failed for found in verdicts.values() for verdict in found)
    report = json.dumps(
        {n: [v.as_json() for v in found] for n, found in verdicts.items()}, indent=2, ensure_ascii=False
    )
    if json_path == "-":
        click.echo(report)
    elif json_path:
        with replacing(Path(json_path)) as temporary:
            temporary.write_text(report + "\n")
    if json_path != "-" and not quiet:
        rows = [console.verdict_row(name, verdict) for name, found in verdicts.items() for verdict in found]
        console.table(console.VERDICT_COLUMNS, rows)
        total = sum(map(len, verdicts.values()))
        click.echo(f"{total - failed} of {total} targets met")
    if failed:
        raise SystemExit(TARGET_MISSED)


@render.command("cache")
@click.option("--clear", is_flag=True, help="Remove everything that is kept.")
@traceback_option
def cache_(clear: bool) -> None:
    """Say what is kept between commands, and where; with --clear, remove it.

    Trained runs and compiled programs are kept in the user's cache folder, or in $FRAME_POTENTIAL_CACHE, so that a
    change of theme, format or delays never trains again.
    """
    from render.production.cache import LIMIT_BYTES, Cache

    kept = Cache.of_user()
    if clear:
        kept.clear()
    count, size = len(list(kept.files())), kept.size_bytes()
    click.echo(f"{kept.folder}: {count} files, {size / 1e6:.1f} MB of at most {LIMIT_BYTES / 1e6:.0f} MB")


@render.command()
@click.option("--refresh", is_flag=True, help="Make the figures anew, over all seeds, and the README's table.")
@device_option
@quiet_option
@traceback_option
def claims(refresh: bool, quiet: bool) -> None:
    """Print every numeric claim of the posts, their own figures, ours, and a verdict.

    Ours are read from public/claims.json; with --refresh they are made anew, each over its target's number of seeds,
    and the README's table with them.
    """
    from render.ledger import claims as ledgers
    from render.production import manifest

    path, current = manifest.public_folder() / "claims.json", ledgers.digests(OWN, CLAIMS)
    if refresh:
        from render.loading import load_scene

        _keep_programs()
        with progress.board(quiet) as board:
            rows, load = import_module(CLAIMS).CLAIMS, lambda name: load_scene(OWN[name])
            ledger = ledgers.evaluate(rows, OWN, load, board.line, current)
        ledgers.write(ledger, path, manifest.ROOT / "README.md")
    else:
        ledger = ledgers.read(path, current)
    if not quiet:
        console.table(list(ledgers.COLUMNS), ledgers.cells(ledger))


render.add_command(audit)


def _which(name: str | None, file: Path | None) -> tuple[str, str]:
    """(label, reference) of the scene that --name or --file asks for."""
    if (name is None) == (file is None):
        raise click.UsageError("name one scene: --name NAME, or --file PATH for one of your own.")
    if name is not None:
        return name, SCENES[name]
    assert file is not None
    return file.stem, str(file.absolute())


def _cache(wanted: bool) -> Cache | None:
    if not wanted:
        return None
    from render.production.cache import Cache

    return Cache.of_user()


def _keep_programs() -> None:
    from render.production.cache import Cache

    Cache.of_user().keep_programs()


def _say(quiet: bool, text: str) -> None:
    if not quiet:
        click.echo(text)


def main() -> None:
    """Run the command; every failure is one line and an exit code."""
    said = set()

    def show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        # of another kind are those of libraries, about numbers on which the run itself has its say
        if category is UserWarning and str(message) not in said:
            said.add(str(message))
            click.echo(f"render: warning: {message}", err=True)

    warnings.showwarning = show_warning
    try:
        raise SystemExit(render.main(prog_name="render", standalone_mode=False) or DONE)
    except click.ClickException as error:
        click.echo(f"render: {error.format_message()}", err=True)
        raise SystemExit(USAGE if isinstance(error, click.UsageError) else ERROR) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("render: interrupted; every file is whole, the old one or the new", err=True)
        sys.stdout.flush()
        os._exit(INTERRUPTED)  # a thread may still be inside XLA, and would be waited for
    except Exception as error:
        console.print_traceback(error)
        click.echo(f"render: {console.one_line(error)}", err=True)
        raise SystemExit(exit_code(error)) from None


if __name__ == "__main__":
    main()
