"""Where the queries and the data that travel with the package are."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _beside_the_source_or_inside(name: str) -> Path:
    # The source tree comes first: an editable install copies the packaged folders once, and they go stale.
    beside = _PACKAGE.parent / name
    if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    return _PACKAGE / f"_{name}"


QUERIES = _beside_the_source_or_inside("queries")
DATA = _beside_the_source_or_inside("data")
DEMO = DATA / "demo"
REFERENCE = DATA / "reference"
