"""The check of an export in a process of its own: whatever the files hold, it is that process that they can hurt.

    python -m dashboard.exports.sandbox EXPORT CLEAN [BEFORE] < settings.json

The child limits itself before it reads a byte of the export, holds it against the contract and reads it into a database; what it found
it leaves beside that. The parent adds a limit of time. A crash, a hang or a want of memory of the child is one line of a refusal.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dashboard.exports import contract
from dashboard.exports.check import Finding, check
from dashboard.settings import Settings

FINDINGS = "findings.json"
SNAPSHOT = "snapshot.duckdb"

_MEGABYTE = 1_000_000
# Characters of a name or an id in a finding: a file may call a column by a megabyte.
_LONGEST = 200
# Bytes. What the child leaves is read by the process that serves.
_LARGEST_VERDICT = 10_000_000
# Every thread takes address space, and a check is not worth many of them.
_MOST_CPUS = 4
_FEW_THREADS = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
# From linux/prctl.h.
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


@dataclass(frozen=True)
class Verdict:
    """What the check of an export came to.

    Attributes:
        findings: as `Checked.findings`.
        summary: the export in plain sentences, or how many errors refuse it.
        fingerprint: of the export as it was delivered; "" where it is refused.
        not_written: why the database could not be written, where that is no fault of the export.
    """

    findings: tuple[Finding, ...]
    summary: str
    fingerprint: str = ""
    not_written: str = ""

    @property
    def is_good(self) -> bool:
        return bool(self.fingerprint)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    @classmethod
    def of(cls, clean: Path) -> Verdict:
        """The verdict left in a folder beside the database.

        Raises:
            OSError, ValueError, TypeError, KeyError: there is none, or it is damaged.
        """
        path = clean / FINDINGS
        if path.stat().st_size > _LARGEST_VERDICT:
            raise ValueError("The verdict is too large.")
        said = json.loads(path.read_text(encoding="ascii"))
        findings = tuple(Finding(**finding | {"examples": tuple(finding["examples"])}) for finding in said.pop("findings"))
        return cls(findings, **said)

    def write(self, clean: Path) -> None:
        """Leave it in a folder beside the database."""
        (clean / FINDINGS).write_text(json.dumps(asdict(self)), encoding="ascii")


def check_apart(export: Path, clean: Path, settings: Settings, before: Path | None = None) -> Verdict:
    """Check the export in `export`, which nothing else may change meanwhile, and leave in `clean`, made for it, the database `SNAPSHOT`.

    The export is compared with the one in the database `before`.
    Whatever is wrong with the files becomes a finding of the verdict: nothing is raised, and nothing outlasts the limits of the settings.
    """
    clean.mkdir(mode=0o700)
    # -P: a file called json.py in the directory where this was started is not to be run.
    command = [sys.executable, "-P", "-m", "dashboard.exports.sandbox", *map(str, (export, clean)), *([str(before)] if before else [])]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | _FEW_THREADS,
        start_new_session=True,
    ) as child:
        try:
            child.communicate(settings.model_dump_json().encode(), timeout=settings.check_seconds)
        except subprocess.TimeoutExpired:
            _kill(child)
            return outcome(clean, None, settings)
        except BaseException:
            _kill(child)
            raise
    return outcome(clean, child.returncode, settings)


def outcome(clean: Path, exit_code: int | None, settings: Settings) -> Verdict:
    """The verdict of a child that ended so; with an exit code of None it was stopped for time."""
    if exit_code == 0:
        try:
            return Verdict.of(clean)
        except (OSError, ValueError, TypeError, KeyError):
            pass
    if exit_code is None or (sys.platform != "win32" and exit_code == -signal.SIGXCPU):
        rule = f"the check was stopped after {settings.check_seconds:,} s"
        todo = "Export fewer years, or set check_seconds higher."
    else:
        how = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"exit code {exit_code}"
        rule = f"the check ended without an answer ({how})"
        todo = (
            f"A file is damaged, or needed more memory than {settings.check_memory_mb:,} MB: write it again, or set check_memory_mb higher."
        )
    return _refused(Finding("error", "the export", rule, todo))


def judge(export: Path, clean: Path, settings: Settings, before: Path | None = None) -> Verdict:
    """Check the export and read it into a database in `clean`, an empty folder. What the child does, without the limits."""
    try:
        checked = check(export, settings, clean / SNAPSHOT, before)
        found = Verdict(tuple(checked.findings), checked.summary)
        if checked.snapshot is None:
            for left_behind in clean.iterdir():
                left_behind.unlink()
            return found
        for name in (contract.MANIFEST, *contract.REPORT_FILES):
            if (export / name).exists():
                shutil.copyfile(export / name, clean / name)
    except OSError as error:
        return Verdict((), "The export could not be checked.", not_written=str(error.strerror or error))
    return replace(found, fingerprint=checked.snapshot.fingerprint)


def limit(settings: Settings) -> bool:
    """Take from this process all that a check does not need. False where the operating system cannot do so."""
    if sys.platform == "win32":
        return False
    import resource

    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_MOST_CPUS])
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # A check of nobody's is no use.
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    os.umask(0o077)
    memory = settings.check_memory_mb * _MEGABYTE
    limits = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, memory),
        # Of all threads together: the parent's clock comes first, unless the parent is gone.
        (resource.RLIMIT_CPU, settings.check_seconds * _MOST_CPUS),
        (resource.RLIMIT_AS, memory),
    )
    try:
        for what, most in limits:
            hard = resource.getrlimit(what)[1]
            lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (lowest, lowest))
    except (OSError, ValueError):
        return False
    return True


def run(export: Path, clean: Path, settings: Settings, before: Path | None = None) -> None:
    """What the child does: limit itself, judge, and leave its verdict in `clean`."""
    is_limited = limit(settings)
    verdict = judge(export, clean, settings, before)
    if not is_limited:
        unlimited = "made with a limit of time alone: this system has none of memory"
        note = Finding("note", "the check", unlimited, "Check exports of others on Linux.")
        verdict = replace(verdict, findings=(*verdict.findings, note))
    replace(verdict, findings=tuple(map(_short, verdict.findings))).write(clean)


def _refused(*findings: Finding) -> Verdict:
    errors = sum(finding.severity == "error" for finding in findings)
    return Verdict(findings, f"The export is refused: {errors} error{'' if errors == 1 else 's'}.")


def _short(finding: Finding) -> Finding:
    def cut(text: str) -> str:
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    return replace(finding, rule=cut(finding.rule), column=cut(finding.column), examples=tuple(map(cut, finding.examples)))


def _kill(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    export, clean, *before = map(Path, sys.argv[1:])
    run(export, clean, Settings(**json.load(sys.stdin)), *before)
