"""The manifest: what is read from it, what is refused, and the fingerprint of an export."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refusal
from dashboard.exports.check import check
from dashboard.exports.manifest import Manifest, fingerprint_of, seal
from dashboard.settings import Settings
from tests.oracle.made import utc, write_made


def _manifest(folder: Path, said: Any) -> Manifest | None:
    (folder / "manifest.json").write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
    return Manifest.of(folder)


def test_no_manifest(tmp_path: Path) -> None:
    """An export need have none."""
    assert Manifest.of(tmp_path) is None


def test_what_is_read(tmp_path: Path) -> None:
    """Everything that the contract names is read; a file may be named with or without its ending, and with half its seal."""
    said = {
        "contract": 1,
        "authority": "Testshire",
        "source": "LCS",
        "exported_at": "2026-07-01T06:00:00+01:00",
        "covers": {"from": "2021-07-01", "to": "2026-06-30"},
        "synthetic": True,
        "files": {"episodes": {"rows": 3, "sha256": "ab"}, "units.parquet": {"rows": 2}},
    }
    manifest = _manifest(tmp_path, said)
    assert manifest == Manifest(
        authority="Testshire",
        source="LCS",
        exported_at=datetime(2026, 7, 1, 5, tzinfo=UTC),
        covers_from=date(2021, 7, 1),
        covers_to=date(2026, 6, 30),
        is_synthetic=True,
        files={"episodes.parquet": (3, "ab"), "units.parquet": (2, None)},
    )


def test_everything_in_it_is_optional(tmp_path: Path) -> None:
    """An empty manifest says nothing: real data of a nameless authority, coverage to be inferred, no file sealed."""
    assert _manifest(tmp_path, {}) == Manifest("", "", None, None, None, False, None)


def test_local_time_and_a_byte_order_mark(tmp_path: Path) -> None:
    """A time of export without a zone is local, and a mark that Windows puts before the text is passed over."""
    manifest = _manifest(tmp_path, "\ufeff" + json.dumps({"exported_at": "2026-07-01T06:00:00"}))
    assert manifest is not None
    assert manifest.exported_at is not None
    assert manifest.exported_at.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        {"contract": 2},
        {"contract": "1"},
        {"covers": {"from": "2021-07-01"}},
        {"covers": {"from": "2021-07-01", "to": None}},
        {"covers": {"from": "01/07/2021", "to": "30/06/2026"}},
        {"covers": {"from": "2026-07-01", "to": "2026-06-30"}},
        {"covers": "2021-07-01"},
        {"exported_at": "yesterday"},
        # Synthetic data may be shown to anyone.
        {"synthetic": "false"},
        {"files": ["episodes.parquet"]},
        {"files": {"episodes.parquet": 3}},
        {"files": {"../secret.parquet": {}}},
        {"files": {"/etc/passwd": {}}},
        {"authority": "x" * 201},
        {"source": "two\nlines"},
        json.dumps({"note": "x" * 1_000_000}),
    ],
)
def test_what_is_refused(tmp_path: Path, said: Any) -> None:
    """Given a manifest that is none, is of another version, or says what cannot be, then it is refused in words and not half read."""
    with pytest.raises(Refusal, match=r"manifest\.json cannot be read"):
        _manifest(tmp_path, said)


def test_a_manifest_that_is_a_folder(tmp_path: Path) -> None:
    """A folder of that name is refused like any other that cannot be read."""
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(Refusal):
        Manifest.of(tmp_path)


def test_the_fingerprint_is_of_every_byte(tmp_path: Path) -> None:
    """One changed byte in any file of the contract changes the fingerprint; a file that is not of the contract does not, nor does a
    second reading."""
    write_made(tmp_path, episodes=[{"started_at": utc(2025, 3, 1)}], units=[{"unit_id": "U1"}])
    before = fingerprint_of(tmp_path)
    (tmp_path / "readme.txt").write_text("not ours")
    assert fingerprint_of(tmp_path) == before
    for name in ("episodes.parquet", "units.parquet", "manifest.json"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert fingerprint_of(tmp_path) != before
        (tmp_path / name).write_bytes(whole)
    assert fingerprint_of(tmp_path) == before
    (tmp_path / "units.parquet").unlink()
    assert fingerprint_of(tmp_path) != before


def test_an_export_is_sealed(tmp_path: Path) -> None:
    """`seal` writes the rows and bytes of every file, and keeps what the manifest said of authority, source, days and all else; what was
    not sealed before is then."""
    write_made(tmp_path, episodes=[{"started_at": utc(2025, 3, 1)}], units=[{"unit_id": "U1"}, {"unit_id": "U2"}])
    whole = json.loads((tmp_path / "manifest.json").read_text())
    for said in ({key: value for key, value in whole.items() if key != "files"} | {"made_by": "us"}, None):
        (tmp_path / "manifest.json").unlink()
        if said is not None:
            _manifest(tmp_path, said)
        checked = check(tmp_path, Settings())
        assert checked.snapshot is not None
        assert not checked.snapshot.coverage.is_sealed
        assert seal(tmp_path) == {"episodes.parquet": 1, "units.parquet": 2}
        assert json.loads((tmp_path / "manifest.json").read_text()) == (said or {"contract": 1}) | {"files": whole["files"]}
        checked = check(tmp_path, Settings())
        assert checked.snapshot is not None
        assert checked.snapshot.coverage.is_sealed
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_half_a_seal_is_none(tmp_path: Path) -> None:
    """Rows alone do not tell one number from another."""
    write_made(tmp_path, episodes=[{"started_at": utc(2025, 3, 1)}])
    manifest = _manifest(tmp_path, {"files": {"episodes.parquet": {"rows": 1}}})
    assert manifest is not None
    assert not manifest.is_sealed


def test_what_cannot_be_sealed(tmp_path: Path) -> None:
    """No export, a manifest that is none, and a file that is not Parquet are refused, and nothing is written."""
    with pytest.raises(Refusal, match="There is no export"):
        seal(tmp_path)
    (tmp_path / "episodes.parquet").write_bytes(b"PAR1")
    with pytest.raises(Refusal, match=r"episodes\.parquet cannot be read"):
        seal(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(Refusal, match=r"manifest\.json cannot be read"):
        seal(tmp_path)
    assert (tmp_path / "manifest.json").read_text() == "[]"
