"""The command `render`: each verb parses, calls one library function, and prints.

jax and matplotlib are imported when a verb needs them, never for help, completion, a wrong name or nothing to do.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from render.audit.command import audit
from render.encoding import encoders
from render.errors import TARGET_MISSED
from render.production.cache import Cache
from render.production.edition import Edition
from render.registry import Registry, listed
from render.site import command as site
from render.terminal import accelerator, batch_report, console, ending, options, paragraphs, progress
from render.terminal.options import Asked
from render.training import threads

own = import_module("render.scenes" if __package__ else "scenes")  # a wheel has both inside the package `render`
OWN = {name: entry.reference for name, entry in own.ENTRIES.items()}
SCENES: Mapping[str, str] = Registry(OWN)  # and those of packages that are installed
SCENE_NAME = options.SceneName(lambda: SCENES)
DEVICE = options.device(accelerator.choose)
CONTAINER = options.container(encoders.ENCODERS, encoders.require)
TRAINING = options.together(options.cached, DEVICE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="frame-potential", prog_name="render")
@options.traceback
@click.pass_context
def render(context: click.Context) -> None:
    """Render animated figures of how representations form while a network trains.

    \b
    Examples:
      render list
      render scene --name neural-collapse
      render check --name neural-collapse --seeds 8
      render audit run/step-1000.npz

    Exit codes: 0 done, 2 usage or bad data, 3 a target missed or an alarm, 130 interrupted, 1 anything else.
    """
    verb = context.invoked_subcommand
    programs = (os.cpu_count() or 1) if verb in ("check", "claims") else 1  # each on a batch of seeds
    fixed = threads.environment(programs, large=verb == "audit") | accelerator.ENVIRONMENT
    os.environ.update(fixed | os.environ)


@render.command("list")
@click.option("--long", "in_full", is_flag=True, help="Output, frames and targets, too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all that there is to know.")
@options.traceback
def list_scenes(in_full: bool, as_json: bool) -> None:
    """Show every scene by post, with its title."""
    rows = listed(SCENES, own.ENTRIES, whole=as_json)
    console.write_json("-", console.json_text(rows)) if as_json else click.echo(paragraphs.scenes(rows, in_full))


@render.command()
@options.run(SCENE_NAME)
@options.looks(CONTAINER)
@click.option("--out", type=options.path(), help="Folder to write to [default: public/; ./out for an experiment].")
@click.option("--data", type=options.file, help="Write what is measured, and raw arrays of 3 frames, to this .npz.")
@click.option("--force", is_flag=True, help="Render even if the output is up to date.")
@click.option("--sheet", is_flag=True, help="Write sheets/NAME.png alone: four frames, both themes, three widths.")
@click.option("--timings", is_flag=True, help="Print the seconds of each stage.")
@TRAINING
@options.quiet_and_traceback
def scene(asked: Asked, looks: Any, out: Path | None, cached: bool, quiet: bool, **more: Any) -> None:
    """Render one scene.

    With its default configuration a scene that misses a target is not written. With any other its targets are shown,
    and it is written to ./out unless --out says otherwise.

    \b
    Examples:
      render scene --name neural-collapse --theme dark --cut column
      render scene --name neural-collapse --seed 7 --set classes=4 --data run.npz
      render scene --file my_scene.py --out figures
    """
    from render.production import manifest

    if asked.own and asked.is_default and not any(more.values()):
        edition = Edition(out or manifest.public_folder(), **looks)
        if current := manifest.find_current(edition, asked.reference):
            picture = console.shown(edition.folder / edition.files(current)[0])
            return console.say(quiet, f"{picture} is up to date; --force renders it again")
    manifest.require_place(out, asked.own, asked.is_default)
    with progress.board(quiet) as board, board.line(asked.label) as stages:
        with stages("import"):
            from render.production import outputs, runs
        run = runs.find(asked.reference, asked.fields, asked.settings, Cache.if_wanted(cached), stages)
        if more["sheet"]:
            return console.say_path(quiet, outputs.write_sheet(run, out or outputs.EXPERIMENTS, stages))
        edition = Edition(out or outputs.default_folder(run.overrides, own=asked.own), **looks)
        produced = outputs.produce(run, edition, data=more["data"], stages=stages)
    console.say(quiet, console.line(produced.path, produced.entry, stages.seconds))
    for verdict in filter(lambda verdict: not verdict.met, produced.verdicts):
        console.say(quiet, f"  not met with this configuration: {verdict.sentence()}")
    console.say(not more["timings"], "  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in stages.seconds.items()))
    return None


@render.command("figure")
@options.run(SCENE_NAME)
@options.looks()
@click.option("--at", default="last", show_default=True, help="Frames, by comma: first, middle, last or numbers.")
@click.option("--format", "kind", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True)
@click.option("--width", "width_in", type=options.Length(), help="For print: 3.25in or 8cm, heroes side by side, 8 pt.")
@click.option("--dpi", type=click.IntRange(50, 2400), help="Pixels an inch [default: 100; with --width 300].")
@click.option("--out", type=options.folder, default=Path("out"), show_default=True, help="Folder to write to.")
@TRAINING
@options.quiet_and_traceback
def figure_(asked: Asked, looks: Any, at: str, out: Path, cached: bool, quiet: bool, **how: Any) -> None:
    """Draw stills and film strips for print, as PNG, SVG or PDF.

    \b
    Examples:
      render figure --name align-uniform --at first,last --width 8cm --format pdf
    """
    with progress.board(quiet) as board, board.line(asked.label) as stages:
        with stages("import"):
            from render.production import outputs, runs
        run = runs.find(asked.reference, asked.fields, asked.settings, Cache.if_wanted(cached), stages)
        path = outputs.write_still(run, Edition(out, **looks), at=at.split(","), **how, stages=stages)
    console.say_path(quiet, path)


@render.command("all")
@options.looks(CONTAINER)
@click.option("--out", type=options.path(), help="Folder to write to [default: public/].")
@click.option("--only", metavar="PATTERN", help="Only scenes whose name matches, as in 'neural-*'.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: one a core].")
@click.option("--force", is_flag=True, help="Render what is up to date, too.")
@TRAINING
@options.quiet_and_traceback
def all_(looks: Any, out: Path | None, only: str | None, cached: bool, quiet: bool, **more: Any) -> None:
    """Render every scene whose output is out of date.

    An output is up to date when its files are whole and nothing that decides them has changed: the scene's code, what
    it imports, its configuration, the versions of the packages that these name.
    """
    from render.ledger import readme
    from render.places import require_folder
    from render.production import batch, drawings, manifest

    edition = Edition(out or manifest.public_folder(), **looks)
    chosen = {name: ref for name, ref in SCENES.items() if not only or fnmatch.fnmatch(name, only)}
    if not chosen:
        raise click.UsageError(f"no scene matches {only!r}; `render list` shows them all.")
    require_folder(edition.folder)
    asked = drawings.of(chosen, edition, dark=own.BEST[:1])
    due = [drawing for drawing in asked if more["force"] or not drawing.is_current]
    if len(due) < len(asked):
        console.say(quiet, f"{len(asked) - len(due)} of {len(asked)} up to date in {console.shown(edition.folder)}")
    report, jobs = batch_report.Report(edition, len(due), quiet), more["jobs"] or os.cpu_count() or 1
    with closing(batch.draw_all(due, jobs, progress.board(quiet), Cache.if_wanted(cached), own.LONGEST)) as outcomes:
        for outcome in outcomes:  # on Ctrl-C here, too, the workers end
            report.add(outcome)
    if not only:
        readme.refresh_gallery(edition, OWN, own.BEST)
    report.end(manifest.not_as_committed(edition.folder, report.written))


@render.command()
@click.option("--name", "names", type=SCENE_NAME, multiple=True, help="Only this scene; repeatable.")
@options.seeds
@click.option("--first-seed", type=click.IntRange(min=0), default=0, show_default=True)
@options.json_file
@DEVICE
@options.quiet_and_traceback
def check(names: tuple[str, ...], seeds: int | None, first_seed: int, json_path: str | None, quiet: bool) -> None:
    """Check every target of every scene, or of --name, over seeds. Exit code 3 when one is missed.

    \b
    Examples:
      render check --name neural-collapse --seeds own --json -
    """
    console.require_json_file(json_path)
    from render.production import seeds as many

    Cache.of_user().keep_programs()
    chosen = {name: SCENES[name] for name in names or SCENES}
    verdicts = many.check_all(chosen, seeds, first_seed, progress.board(quiet))
    console.write_json(json_path, console.json_text({n: [v.as_json() for v in found] for n, found in verdicts.items()}))
    if json_path != "-" and not quiet:
        click.echo(paragraphs.verdicts(verdicts))
    if any(verdict.failed for found in verdicts.values() for verdict in found):
        raise SystemExit(TARGET_MISSED)


@render.command("cache")
@click.option("--clear", is_flag=True, help="Remove everything that is kept.")
@options.traceback
def cache_(clear: bool) -> None:
    """Say what is kept between commands, or remove it.

    Trained runs and compiled programs are kept in the user's cache folder, or in $FRAME_POTENTIAL_CACHE, so that a
    change of theme, format or delays never trains again.
    """
    kept = Cache.of_user()
    if clear:
        kept.clear()
    click.echo(kept.sentence())


@render.command()
@click.option("--refresh", is_flag=True, help="Make the figures anew, over all seeds, and the table of docs/ledger.md.")
@DEVICE
@options.quiet_and_traceback
def claims(refresh: bool, quiet: bool) -> None:
    """Print every claim of the posts in numbers, and what holds.

    Each has the post's own figures and ours, which are read from public/claims.json or the package; with --refresh, in
    a checkout, they are made anew, each over its target's number of seeds, and the table of docs/ledger.md with them.
    """
    from render.ledger import claims as ledgers

    if refresh:
        ledger = ledgers.refresh(OWN, own.CLAIMS, progress.board(quiet))
    else:
        ledger = ledgers.read(ledgers.stored(), ledgers.digests(OWN, own.CLAIMS))
    if not quiet:
        click.echo(paragraphs.claims(ledgers.COLUMNS, ledgers.cells(ledger)))


for verb in (audit, site.command(SCENES, OWN, own.CLAIMS, own.BEST[0])):
    render.add_command(verb)


def main() -> None:
    """Run the command; every failure is one line and an exit code."""
    ending.run(render)


if __name__ == "__main__":
    main()
