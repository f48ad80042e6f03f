"""`make bench`: every measurement, or those named: `make bench only="ingest overlay"`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks import (
    command_path,
    command_path_with_ai,
    contexts,
    embedded,
    evaluator,
    ingest,
    overlay,
    pipeline,
    rules,
    start,
)
from benchmarks.report import Report

MEASUREMENTS: dict[str, Callable[[Report], Awaitable[None]]] = {
    "command_path": command_path.measure,
    "command_path_with_ai": command_path_with_ai.measure,
    "contexts": contexts.measure,
    "ingest": ingest.measure,
    "embedded": embedded.measure,
    "evaluator": evaluator.measure,
    "pipeline": pipeline.measure,
    "rules": rules.measure,
    "overlay": overlay.measure,
    "start": start.measure,
}


async def main(names: list[str]) -> None:
    """Measure; ends with an error when something could not be measured, never because a number is bad."""
    report = Report("bench" if not names else "-".join(["bench", *names]))
    if unknown := set(names).difference(MEASUREMENTS):
        sys.exit(f"There is no measurement {', '.join(sorted(unknown))}, only {', '.join(MEASUREMENTS)}.")
    for name in names or MEASUREMENTS:
        await MEASUREMENTS[name](report)
    report.write()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
