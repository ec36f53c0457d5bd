"""Reads a dashboard (JSON on standard input) with Grafana's own library, and says what is wrong with it.

Whatever the library does not know is lost when it writes the dashboard again: that is how an unknown member is found.
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

# What Grafana divides the width of a page into.
COLUMNS = 24


def lost(before, after, place=""):
    """Members that are there before and not after, with their place."""
    if isinstance(before, dict):
        for name, value in before.items():
            if not isinstance(after, dict) or name not in after:
                yield f"{place}/{name}: Grafana does not know this"
            else:
                yield from lost(value, after[name], f"{place}/{name}")
    elif isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            yield f"{place}: another list"
        else:
            for number, (one, other) in enumerate(zip(before, after)):
                yield from lost(one, other, f"{place}/{number}")
    elif before != after:
        yield f"{place}: {before} becomes {after}"


def cells(panel):
    """The places of the page that a panel takes."""
    at = panel["gridPos"]
    return {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}


def faults(board):
    register_default_plugins()
    encoder = JSONEncoder(sort_keys=True)
    yield from lost(board, json.loads(encoder.encode(Dashboard.from_json(board))))
    known_units = {value for value in vars(units).values() if isinstance(value, str)}
    variables = {f"${{{one['name']}}}" for one in board["templating"]["list"]}
    ids, taken = set(), set()
    for panel in board["panels"]:
        name = panel["title"]
        if panel["id"] in ids:
            yield f"{name}: another panel has this id"
        ids.add(panel["id"])
        own = cells(panel)
        if own & taken:
            yield f"{name}: overlaps another panel"
        taken |= own
        if max(x for x, _ in own) >= COLUMNS:
            yield f"{name}: too wide"
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if unit not in known_units:
            yield f"{name}: no unit of Grafana: {unit}"
        letters = [target["refId"] for target in panel["targets"]]
        if not letters or len(set(letters)) != len(letters):
            yield f"{name}: queries without a letter of their own"
        for part in [panel, *panel["targets"]]:
            if part["datasource"] not in [{"type": "prometheus", "uid": uid} for uid in variables]:
                yield f"{name}: a datasource that is no variable of the dashboard"
        if not all(target["expr"].strip() for target in panel["targets"]):
            yield f"{name}: an empty query"


found = list(faults(json.load(sys.stdin)))
print("\n".join(found), end="")
sys.exit(1 if found else 0)
