"""A simulation for a program: plain values whose keys are text."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ripeline.simulate.figures import Figures
from ripeline.simulate.run import Outcome
from ripeline.simulate.words import METHOD, key_figures, untouched


def as_plain(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as JSON can hold it: the figures of each playbook, and the base's prints with what others changed meanwhile."""
    base = {"tables": asdict_of(outcome.base), "rows": outcome.rows, "changed": dict(outcome.changed), "said": untouched(outcome)}
    return {"playbooks": [_figures(each) for each in outcome.figures], "base": base, "method": METHOD}


def _figures(told: Figures) -> dict[str, Any]:
    plain: dict[str, Any] = _keyed_by_text(asdict(told))
    rates = [{"what": rate.what, "value": rate.value, "seen": rate.seen, "of": rate.of, "assumed": rate.assumed} for rate in told.rates]
    return {"key_figures": {label.replace(" ", "_"): value for label, value in key_figures(told)}} | plain | {"rates": rates}


def asdict_of(prints: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by name, each as a dict."""
    return {name: asdict(each) for name, each in prints.items()}


def _keyed_by_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _keyed_by_text(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_keyed_by_text(each) for each in value]
    return value
