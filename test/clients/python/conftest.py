"""Writes one JSON line per case to `SMALLFIRST_RESULTS`, which the vitest file turns into cases of its own."""

import json
import os


def _write(nodeid, outcome, message=""):
    path = os.environ.get("SMALLFIRST_RESULTS")
    if path is None:
        return
    with open(path, "a", encoding="utf-8") as results:
        results.write(json.dumps({"id": nodeid, "outcome": outcome, "message": message}) + "\n")


def pytest_runtest_logreport(report):
    # A failed set-up or clean-up has no call, or one that passed: it is a failure beside it.
    if report.when == "call" or report.outcome != "passed":
        _write(report.nodeid, report.outcome, report.longreprtext if report.failed else "")


def pytest_collectreport(report):
    if report.failed:
        _write(report.nodeid, "failed", report.longreprtext)
