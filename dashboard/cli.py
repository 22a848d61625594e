"""The command line: `oversight`, and what a council's data team does beside the dashboard."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from dashboard import __version__
from dashboard.errors import Refusal
from dashboard.scope import CATEGORY_WORDS, WHOSE_WORDS, Scope, default_scope, month_after
from dashboard.settings import Settings, load_settings

if TYPE_CHECKING:
    from dashboard.exports.imports.report import ImportReport
    from dashboard.exports.store import Store
    from dashboard.exports.tables import Snapshot


def _for_people(command: Callable[..., None]) -> Callable[..., None]:
    """A refusal is printed on one line and ends with exit code 1."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None
        except BrokenPipeError:
            # Whoever reads has read enough, as `| head` has: click ends quietly.
            raise
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'A file'} cannot be read or written ({error.strerror}).") from None

    return run


class _Day(click.ParamType):
    """A day, or a month for its first day (or its last, where `at_end`)."""

    name = "YYYY-MM[-DD]"

    def __init__(self, at_end: bool) -> None:
        self._at_end = at_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if len(value) == 7:
                month = date.fromisoformat(f"{value}-01")
                return month_after(month, 1) - timedelta(1) if self._at_end else month
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day or a month.", param, ctx)


@click.group(invoke_without_command=True)
@click.version_option(__version__, prog_name="oversight")
@click.pass_context
@_for_people
def main(context: click.Context) -> None:
    """Oversight: a dashboard over the children in a council's care who go missing.

    Without a command it opens on the embedded demo, or on the export that the settings name.
    """
    if context.invoked_subcommand is None:
        _open(None, None)


@main.command("open")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1; 8501 by default.")
@_for_people
def open_(folder: Path | None, port: int | None) -> None:
    """Open the dashboard on the export in FOLDER."""
    _open(folder, port)


def _open(folder: Path | None, port: int | None) -> None:
    if folder is not None:
        # The script that Streamlit runs reads the settings again, in this process.
        os.environ["OVERSIGHT_EXPORT"] = str(folder.resolve())
        load_settings.cache_clear()
    settings = load_settings()
    from dashboard.exports.store import Store

    store = Store(settings.export, settings)
    try:
        published = store.publish(settings.export)
    except Refusal as refusal:
        if store.current is None:
            raise
        click.echo(f"{refusal} The last good export is served.")
    else:
        if published.version is None:
            _print_findings(published.findings)
        click.echo(published.summary)
        if published.version is None:
            if store.current is None:
                raise Refusal(f"The export in {settings.export} is not good, so nothing is served.")
            click.echo("The last good export is served.")
    _serve(port or settings.port)


@main.command("serve")
@click.option("--watch", "folder", required=True, type=click.Path(path_type=Path), help="The folder that exports are dropped in.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1; 8501 by default.")
@_for_people
def serve_(folder: Path, port: int | None) -> None:
    """Serve the newest good export of those that are dropped into a folder, each in a sub-folder of its own.

    One that is refused has its findings beside it, in NAME.check.txt, and the last good one stays in use.
    """
    from dashboard.exports.watch import start

    if not folder.is_dir():
        raise Refusal(f"{folder} is not a folder.", "Make it, and drop exports into it.")
    settings = load_settings()
    start(folder.resolve(), settings, click.echo)
    _serve(port or settings.port)


def _serve(port: int) -> None:
    from dashboard.server.serve import ADDRESS, serve

    click.echo(f"Oversight is at http://{ADDRESS}:{port} (stop it with Ctrl+C)")
    serve(port)


@main.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@_for_people
def check_(folder: Path) -> None:
    """Check the export in FOLDER: exit 0 and a summary where it is good, 1 and a line a finding where it is not."""
    from dashboard.exports.sandbox import check_apart

    with TemporaryDirectory(prefix="oversight-") as aside:
        verdict = check_apart(folder, Path(aside) / "clean", load_settings())
    if verdict.not_written:
        raise Refusal(f"The check has no room to work in ({verdict.not_written}).", "Make room where temporary files are kept.")
    _print_findings(verdict.findings)
    click.echo(verdict.summary)
    if not verdict.is_good:
        sys.exit(1)


@main.command("seal")
@click.argument("folder", type=click.Path(path_type=Path))
@_for_people
def seal_(folder: Path) -> None:
    """Write into the manifest of the export in FOLDER how many rows each file has, and its SHA-256.

    What an existing manifest says of the authority, the source and the days that it covers is kept.
    """
    from dashboard.exports.manifest import seal

    for name, rows in seal(folder).items():
        click.echo(f"{name}: {rows:,} rows")
    click.echo(f"The export in {folder} is sealed.")


def _print_findings(findings: Any) -> None:
    for finding in findings:
        click.echo(str(finding))


@main.group("import")
def import_() -> None:
    """Make an export of files that councils have."""


@import_.command("ssda903")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--years", help="The years to read, with commas between: 2023-24,2024-25. All by default.")
@click.option("--providers", type=click.Path(path_type=Path), help="Ofsted's list of providers as CSV: it names the homes.")
@click.option("--postcodes", type=click.Path(path_type=Path), help="The ONS Postcode Directory as CSV: it places the homes.")
@click.option("--authority", help="Whose return it is, as the list of providers writes it.")
@click.option("--area-code", help="The authority's code in the directory of postcodes, such as E10000028.")
@_for_people
def import_ssda903_(
    folder: Path,
    out: Path,
    years: str | None,
    providers: Path | None,
    postcodes: Path | None,
    authority: str | None,
    area_code: str | None,
) -> None:
    """Turn the SSDA903 returns in FOLDER into an export in OUT, and check it.

    FOLDER holds the CSV files or the XML file of one year, or a folder of them for each year.
    """
    from dashboard.exports.imports.ssda903 import import_ssda903

    report = import_ssda903(
        folder,
        out,
        years=[year.strip() for year in years.split(",")] if years else [],
        providers=providers,
        postcodes=postcodes,
        authority=authority,
        area_code=area_code,
        progress=_say_step,
    )
    _say_imported(report, out)


@import_.command("ssd")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@_for_people
def import_ssd_(folder: Path, out: Path) -> None:
    """Turn the Standard Safeguarding Dataset files in FOLDER into an export in OUT, and check it."""
    from dashboard.exports.imports.ssd import import_ssd

    _say_imported(import_ssd(folder, out, progress=_say_step), out)


@import_.command("table")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", required=False, type=click.Path(path_type=Path))
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="The mapping; see docs/import-table.md.")
@click.option("--suggest", is_flag=True, help="Write a first mapping, from the file's headers and values, to --map or the screen.")
@_for_people
def import_table_(file: Path, out: Path | None, mapping: Path | None, suggest: bool) -> None:
    """Turn FILE, a CSV, Excel or Parquet table of a local system, into an export in OUT by a mapping, and check it."""
    from dashboard.exports.imports.mapped import import_table, suggest_mapping

    if suggest:
        if out is not None:
            raise Refusal("Nothing is imported while a mapping is suggested.", "Leave OUT out, or --suggest.")
        suggested = suggest_mapping(file)
        if mapping is None:
            click.echo(suggested.text, nl=False)
        else:
            try:
                with open(mapping, "x", encoding="utf-8") as made:
                    made.write(suggested.text)
            except FileExistsError:
                raise Refusal(f"{mapping} is there already.", "Name another file, or take it away.") from None
        for sentence in suggested.not_understood:
            click.echo(sentence, err=True)
        return
    if out is None or mapping is None:
        raise Refusal("An import needs OUT and --map MAPPING.toml.", "`oversight import table FILE --suggest` writes a first mapping.")
    _say_imported(import_table(file, out, mapping, progress=_say_step), out)


def _say_step(step: str) -> None:
    click.echo(f"{step} …", err=True)


def _say_imported(report: ImportReport, out: Path) -> None:
    """What was imported, which rules rows break, what was assumed, and what the check says of it; exit 1 where it is not good."""
    from dashboard.exports.check import check
    from dashboard.exports.imports.report import PAGE

    for table, rows in report.rows_out.items():
        click.echo(f"{table}: {rows:,} rows")
    for rule in report.rules:
        if rule.rows:
            others = ", e.g. " + ", ".join(rule.examples) if rule.examples else ""
            count = f"{rule.rows:,} row{'' if rule.rows == 1 else 's'}"
            click.echo(f"{rule.file}, {rule.rule}: {count}{others}. {rule.meaning} {rule.then}")
    for assumption in report.assumptions:
        click.echo(assumption)
    checked = check(out, load_settings())
    _print_findings(checked.findings)
    click.echo(checked.summary)
    click.echo(f"The import report is {out / PAGE}.")
    if not checked.is_good:
        sys.exit(1)


@main.group("basemap")
def basemap_() -> None:
    """The ground that is drawn under the map, from files of your own."""


@basemap_.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--write", "out", type=click.Path(path_type=Path), help="A new folder for the layers as they are drawn, mended.")
@_for_people
def basemap_check_(folder: Path, out: Path | None) -> None:
    """Say which layers the basemap in FOLDER has, and mend them: how their rings are wound, and how many points they have.

    The map mends them in the same way each time that it reads them, so that --write is only for having the files.
    """
    from dashboard.basemap import findings, read_basemap, write_mended

    basemap = read_basemap(folder)
    for line in findings(basemap):
        click.echo(line)
    if not basemap.layers:
        raise Refusal(f"{folder} has no layer of a basemap.", "docs/settings.md names them.")
    if out is not None:
        write_mended(basemap, out)
        click.echo(f"The mended layers are in {out}.")


@main.command("demo")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=692, show_default=True, help="The same seed gives the same export; this one the embedded demo.")
@click.option("--from", "first_day", type=_Day(at_end=False), default=date(2021, 7, 1), show_default=True)
@click.option("--to", "last_day", type=_Day(at_end=True), default=date(2026, 6, 30), show_default=True)
@click.option("--authorities", type=click.IntRange(1), default=1, show_default=True, help="How many authorities, for testing at scale.")
@_for_people
def demo_(folder: Path, seed: int, first_day: date, last_day: date, authorities: int) -> None:
    """Write a synthetic export into FOLDER."""
    from dashboard.exports.demo import write_demo

    write_demo(folder, seed=seed, first_day=first_day, last_day=last_day, authorities=authorities)
    click.echo(f"A synthetic export of {first_day} to {last_day} is in {folder}.")


def _in_a_scope(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say a scope, as a page's link says it."""
    for option in (
        click.option("--whose", type=click.Choice(list(WHOSE_WORDS)), default="ours", show_default=True),
        click.option("--units", help="Unit ids with commas between; all by default."),
        click.option("--category", type=click.Choice(list(CATEGORY_WORDS)), default="both", show_default=True),
        click.option("--period", help="2025-26, 2025-Q3, 2025-07 or 2025-07-01..2026-06-30; the latest twelve months by default."),
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class _Opened:
    """An export and the scope in which it is asked."""

    snapshot: Snapshot
    scope: Scope
    settings: Settings
    store: Store


def _open_in_a_scope(folder: Path | None, said: dict[str, str | None]) -> _Opened:
    from dashboard.exports.store import Store

    settings = load_settings()
    folder = folder or settings.export
    store = Store(folder, settings)
    published = store.publish(folder)
    if published.version is None:
        _print_findings(published.findings)
        raise Refusal(f"The export in {folder} is not good, so no figure is given.")
    snapshot = store.open(published.version)
    default = default_scope(snapshot.coverage.first_day, snapshot.coverage.last_day)
    scope = Scope.parse({key: value for key, value in said.items() if value}, default, frozenset(snapshot.unit_names))
    return _Opened(snapshot, scope, settings, store)


@main.command("figures")
@click.argument("names_and_folder", nargs=-1, metavar="[NAME…] [FOLDER]")
@_in_a_scope
@click.option("--child", help="A child's pseudonym, for figures of one child.")
@click.option("--format", "form", type=click.Choice(["json", "csv", "parquet"]), default="json", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="A folder for one file a figure, or a file for JSON.")
@click.option("--list", "is_list", is_flag=True, help="Name every figure with its columns.")
@_for_people
def figures_(
    names_and_folder: tuple[str, ...],
    child: str | None,
    form: str,
    out: Path | None,
    is_list: bool,
    **scope_said: str | None,
) -> None:
    """Write figures without a browser: all, or those named (page/figure, or a page), of the export in FOLDER."""
    from dashboard.exports.tables import parameters_of, sql_of
    from dashboard.figures import everything  # noqa: F401  # registers every figure
    from dashboard.figures.figure import DEFINITIONS, build
    from dashboard.reports.files import as_csv, as_json

    if is_list:
        listed = [{"name": name, "columns": list(definition.columns)} for name, definition in DEFINITIONS.items()]
        click.echo(json.dumps(listed, indent=1) if form == "json" else "\n".join(f"{x['name']}: {', '.join(x['columns'])}" for x in listed))
        return
    names, folder = _names_and_folder(names_and_folder, list(DEFINITIONS))
    if child is not None and (others := [name for name in names if "child_id" not in parameters_of(sql_of(name))]):
        raise Refusal(f"{others[0]} is not of one child.", "Leave --child out, or name figures that are.")
    opened = _open_in_a_scope(folder, scope_said)
    snapshot, scope, extra = opened.snapshot, opened.scope, {} if child is None else {"child_id": child}
    made = [build(name, snapshot, scope, opened.settings, **extra) for name in names]
    if form == "json":
        text = as_json(made, scope, snapshot)
        if out is None:
            click.echo(text)
        else:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(text + "\n", encoding="utf-8")
        return
    if out is None and (form == "parquet" or len(made) > 1):
        raise Refusal("More than one file is to be written.", "Name a folder with --out.")
    if out is None:
        click.echo(as_csv(made[0], snapshot), nl=False)
        return
    for figure in made:
        path = out / f"{figure.name}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if form == "csv":
            path.write_text(as_csv(figure, snapshot), encoding="utf-8-sig")
        else:
            figure.frame.write_parquet(path)


def _names_and_folder(said: tuple[str, ...], known: list[str]) -> tuple[list[str], Path | None]:
    names: list[str] = []
    folder = None
    for index, word in enumerate(said):
        matching = [name for name in known if word == name or word == name.split("/")[0]]
        if matching:
            names.extend(matching)
        elif index == len(said) - 1 and Path(word).is_dir():
            folder = Path(word)
        else:
            raise Refusal(f"{word!r} is neither a figure nor a folder.", "`oversight figures --list` names every figure.")
    return list(dict.fromkeys(names)) or known, folder


@main.command("evidence")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@_in_a_scope
@click.option("--with-children", is_flag=True, help="Also the rows of figures at child level, under pseudonyms.")
@_for_people
def evidence_(out: Path, folder: Path | None, with_children: bool, **scope_said: str | None) -> None:
    """Write into OUT, for an inspector, every figure of the export in FOLDER and how it was worked out.

    OUT/index.html opens in any browser without a server. A folder travels: the rows of single children are in it only --with-children.
    """
    from dashboard.reports.evidence import INDEX, write_evidence

    opened = _open_in_a_scope(folder, scope_said)
    count = write_evidence(out, opened.snapshot, opened.scope, opened.settings, opened.store.history(), with_children)
    click.echo(f"{count} figures of {opened.scope.words(opened.snapshot.unit_names)} are in {out}; open {out / INDEX}.")
