"""Everything that an authority may set, typed and with a reason for each default.

Read from the environment (`OVERSIGHT_EXPORT`, `OVERSIGHT_INTERVIEW_TARGET` …) and from a TOML file, `oversight.toml` in the
working directory or the one that `OVERSIGHT_SETTINGS` names. The environment wins.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from dashboard.errors import Refusal
from dashboard.resources import DEMO, REFERENCE


class TriggerRule(BaseModel):
    """A rule that marks a child who goes again and again.

    With `days`: `episodes` starts or more within that many days. Without: any one episode of `kind`.
    """

    model_config = ConfigDict(frozen=True)

    episodes: int = Field(1, ge=1)
    days: int | None = Field(None, ge=1)
    kind: Literal["any", "over_24h", "overnight"] = "any"

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.days is not None and self.kind != "any":
            raise ValueError("a rule counts episodes within days, or marks a kind of episode, not both")
        if self.days is None and self.kind == "any":
            raise ValueError("a rule needs days, or a kind of over_24h or overnight")
        return self

    @property
    def name(self) -> str:
        """The rule in words, as it stands in tables: "3 in 90 days", "over 24 hours", "overnight"."""
        if self.days is not None:
            return f"{self.episodes} in {self.days} days"
        return {"over_24h": "over 24 hours", "overnight": "overnight"}[self.kind]


class Reasons(BaseModel):
    """Codes of the reasons that children give at return interviews, in the three groups of the field."""

    model_config = ConfigDict(frozen=True)

    push: tuple[str, ...] = ("placement_unhappy", "argument_with_staff", "argument_with_child", "bullying", "rules", "boredom")
    pull: tuple[str, ...] = ("family", "friends", "partner", "exploitation", "party_or_event", "former_home")
    personal: tuple[str, ...] = ("mental_health", "substance_use", "needed_space", "school_problem", "bereavement")

    @model_validator(mode="after")
    def _are_each_in_one_group(self) -> Self:
        twice = [code for code, times in Counter((*self.push, *self.pull, *self.personal)).items() if times > 1]
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; a reason is in one group")
        return self


class Settings(BaseSettings):
    """What an authority may set. Every figure that depends on one of these names it in its caveats or definition."""

    model_config = SettingsConfigDict(env_prefix="OVERSIGHT_", env_nested_delimiter="__", frozen=True, extra="forbid")

    export: Path = DEMO
    """The folder of the export."""

    triggers: tuple[TriggerRule, ...] = (
        TriggerRule(episodes=3, days=90),  # Lancashire's Sleuth: referral
        TriggerRule(episodes=3, days=30),
        TriggerRule(episodes=5, days=30),  # LAMP
        TriggerRule(episodes=10, days=365),
        TriggerRule(kind="over_24h"),
        TriggerRule(kind="overnight"),  # LAMP
    )

    interview_target: float = Field(1.0, ge=0, le=1)
    """Share of return interviews to be held within 72 hours. Statutory guidance asks for every one."""

    reasons: Reasons = Reasons()

    police_hours_per_call: float | None = Field(None, gt=0)
    """Police hours that a call about a missing child takes, as agreed with the police. None: hours are not worked out."""

    smallest_nights: int = Field(500, ge=1)
    """Below this many nights no rate or limit is given, but the count."""

    smallest_children: int = Field(5, ge=1)
    """Below this many children no share or limit is given, but the count."""

    cell_resolution: int = Field(7, ge=4, le=7)
    """H3 resolution of a hotspot; 7 is about 2 km across, and nothing finer is offered: it would point at a house."""

    latitude: float | None = Field(None, ge=49, le=61)
    longitude: float | None = Field(None, ge=-9, le=2)
    """The authority's point, for sunrise and sunset; the middle of its units where not set."""

    term_dates: Path = REFERENCE / "term_dates.csv"
    """School terms and holidays: school_year, kind (term or holiday), first_day, last_day, source."""

    night_from: int = Field(22, ge=0, le=23)
    night_to: int = Field(7, ge=0, le=23)
    """The hours at which units are staffed for the night, from the first to before the second: 22:00 to 07:00."""

    basemap: Path | None = None
    """The folder of the ground that is drawn under the map; see docs/settings.md."""

    port: int = Field(8501, ge=1, le=65535)

    store: Path = Field(default_factory=lambda: platformdirs.user_data_path("oversight") / "store")
    """Where the exports that passed the check are kept, the last three of each folder: what readers are answered from."""

    check_memory_mb: int = Field(6_000, ge=1_000)
    """Megabytes of address space that the check of an export may take; a million episodes take about half of the usual value."""

    check_seconds: int = Field(300, ge=10)
    """Seconds after which the check of an export is stopped."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get("OVERSIGHT_SETTINGS", "oversight.toml")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        Refusal: a setting is unknown or out of its range.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Refusal(f"The settings cannot be read: {wrong}.", "Correct oversight.toml or the environment.") from error
