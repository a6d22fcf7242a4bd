"""What a run says of how it was made."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sim.contents import content_digest, software
from sim.forecasting.options import RunOptions
from sim.forecasting.precision import Precision
from sim.observations import Record, reference_class_count
from sim.scenario import Scenario
from sim.workers import Workers

if TYPE_CHECKING:
    from sim.assimilation import Posterior

_LIBRARIES = ("mesa", "numpy", "scipy", "xarray", "zarr")


def told_of(spec: Scenario, record: Record) -> dict[str, Any]:
    """Return what a provenance says of the scenario and of what was known."""
    beliefs = spec.parameter_set(reference_class_count(spec.as_of, record))
    return {
        "scenario": spec.name,
        "title": spec.title,
        "as_of": str(spec.as_of),
        "until": str(spec.until),
        "record": record.told(spec.as_of),
        "parameters": {name: entry.prior.describe() for name, entry in sorted(beliefs.items())},
    }


def provenance_of(
    spec: Scenario,
    options: RunOptions,
    record: Record,
    *,
    digest: str,
    members: int,
    posterior: Posterior | None,
    precision: Precision | None,
    workers: Workers,
    command: str | None,
    seconds: dict[str, float],
) -> dict[str, Any]:
    """Return the provenance of a run: what was asked, of what, with which software, and how long it took."""
    asked = {"most_members": options.members, "asked_particles": options.particles}
    return {
        **told_of(spec, record),
        "digest": digest,
        "software": software(*_LIBRARIES),
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.forecasting.forecast",
        "content": content_digest(),
        "posterior": None if posterior is None else posterior.provenance,
        "members": members,
        "keep": options.kept,
        "seed": options.seed,
        **({} if precision is None else {"precision": precision.told | asked}),
        "workers": workers if isinstance(workers, int) else len(workers),
        "seconds": {task: round(taken, 2) for task, taken in seconds.items()},
        "made": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
