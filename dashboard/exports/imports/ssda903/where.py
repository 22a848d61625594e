"""What two optional files tell of the places where children were: a directory of postcodes, and Ofsted's list of providers."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports.imports.reading import cell, column_called, read_csv

# Columns of the ONS Postcode Directory and of the National Statistics Postcode Lookup, older and newer editions.
_POSTCODE = ("pcds", "pcd", "pcd2", "pcd7", "pcd8", "postcode")
_AUTHORITY_CODE = re.compile(r"(os)?(laua|cty)|(lad|cty)\d\dcd")
_PROVIDER = {
    "name": ("Provider name", "Setting name", "Name"),
    "kind": ("Provision type", "Provider type", "Kind"),
    "sector": ("Sector",),
    "area": ("Local authority", "Area"),
}
# Words of a provision type, the more telling first, and the kind of unit.
_KINDS = {
    "secure": "secure_home",
    "special school": "residential_school",
    "supported": "supported",
    "foster": "foster",
    "children's home": "childrens_home",
}
# Ofsted's "local authority" is any authority's; whose own it is, only the return says.
_SECTORS = {"private": "private", "voluntary": "voluntary"}

# Of no file at all.
NO_POINTS = pl.DataFrame(schema={"postcode": pl.String, "latitude": pl.Float64, "longitude": pl.Float64, "in_area": pl.Boolean})
NO_PROVIDERS = pl.DataFrame(schema=dict.fromkeys(("urn", "name", "kind", "sector", "area"), pl.String))


def postcode(column: str) -> pl.Expr:
    """A postcode in capitals without spaces."""
    return pl.col(column).str.to_uppercase().str.replace_all(r"\s", "")


def read_postcodes(file: Path, wanted: pl.Series, area_code: str | None) -> pl.DataFrame:
    """Of the `wanted` postcodes (capitals, no spaces) those in the directory: postcode, latitude, longitude, in_area.

    Points are WGS 84 degrees to two decimals, about a kilometre, so that none gives a house away. `in_area` says whether `area_code` is
    the code of the authority or county of the postcode; null without one.

    Raises:
        Refusal: the file cannot be read as a directory.
    """
    try:
        # Scanned for what is wanted alone: the whole directory has 2.7 million rows and fills gigabytes.
        lines = pl.scan_csv(file, infer_schema=False, encoding="utf8-lossy")
        columns = lines.collect_schema().names()
        written, latitude, longitude = (column_called(columns, *names) for names in (_POSTCODE, ("lat", "latitude"), ("long", "longitude")))
        if not (written and latitude and longitude):
            raise Refusal(f"{file.name} is no directory of postcodes.", "Give the ONS Postcode Directory: columns pcds, lat and long.")
        codes = [pl.col(column).str.strip_chars() for column in columns if _AUTHORITY_CODE.fullmatch(column.strip().lower())]
        if area_code and not codes:
            raise Refusal(f"{file.name} has no column of authorities' codes.", "Give the ONS Postcode Directory, with oslaua and oscty.")
        told = lines.select(
            postcode(written).alias("postcode"),
            cell(latitude).cast(pl.Float64, strict=False).alias("latitude"),
            cell(longitude).cast(pl.Float64, strict=False).alias("longitude"),
            (pl.any_horizontal([code == area_code for code in codes]) if area_code else pl.lit(None, pl.Boolean)).alias("in_area"),
        )
        there = told.join(pl.LazyFrame({"postcode": wanted.unique()}), on="postcode", how="semi").collect(engine="streaming")
    except OSError as error:
        raise Refusal(f"{file.name} cannot be read ({error.strerror}).", "Close it elsewhere, or save it again.") from error
    except pl.exceptions.PolarsError:
        raise Refusal(f"{file.name} cannot be read as CSV.", "Give the ONS Postcode Directory as it is published.") from None
    has_point = pl.col("latitude") < 90  # 99.999999 stands for no grid reference
    return there.unique("postcode", keep="first").with_columns(
        pl.when(has_point).then(pl.col("latitude", "longitude").round(2)).name.keep()
    )


def read_providers(file: Path) -> pl.DataFrame:
    """One row per provider: urn, name, kind, sector, area; what the list does not have, or says in other words, is null.

    Raises:
        Refusal: the file cannot be read, or has no column of URNs or of names.
    """
    listed = read_csv(file)
    urn = column_called(listed.columns, "URN", "Unique reference number")
    called = {told: column_called(listed.columns, *names) for told, names in _PROVIDER.items()}
    if urn is None or called["name"] is None:
        raise Refusal(f"{file.name} has no column URN or no column of names.", "Give Ofsted's list as CSV: columns URN and Setting name.")
    cells = [(cell(column) if column else pl.lit(None, pl.String)).alias(told) for told, column in called.items()]
    providers = (
        listed.select(cell(urn).str.to_uppercase().alias("urn"), *cells).drop_nulls("urn").unique("urn", keep="first", maintain_order=True)
    )
    kind = pl.col("kind").str.to_lowercase().str.replace_all("’", "'")
    return providers.unique("urn", keep="first", maintain_order=True).with_columns(
        kind=pl.coalesce(pl.when(kind.str.contains(words, literal=True)).then(pl.lit(named)) for words, named in _KINDS.items()),
        sector=pl.col("sector").str.to_lowercase().replace_strict(_SECTORS, default=None, return_dtype=pl.String),
    )
