"""The program of a worker: takes one script after the other from its input and answers on its output.

Started by pool.py as `python -I -S worker.py <folder of QuickJS>`. A message is four bytes of length and JSON:
asked [code, [four seeds]], answered [kind, text] with the kinds of `Answer`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from typing import Any

CPU_SECONDS = 1.0
LAST_SECONDS = 1.4
MEMORY = 16 * 1024 * 1024
STACK = 256 * 1024
MOST_ANSWERED = 1000

# What scripts see of us: a random number that a repeated execution draws again, and nothing that waits or shares.
_PRELUDE = """
(function (a, b, c, d, most) {
  "use strict";
  const asText = String, evaluate = eval, Pledge = Promise, bind = Function.prototype.call;
  const cut = bind.bind(String.prototype.slice), mend = bind.bind(String.prototype.toWellFormed);
  const shown = (value) => mend(cut(asText(value), 0, most));
  Math.random = function random() {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warm = 0; warm < 12; warm++) Math.random();
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;
  return function (code) {
    try {
      const value = evaluate(code);
      return value instanceof Pledge ? "p" : "v" + shown(value);
    } catch (error) {
      try { return "e" + shown(error); } catch { return "eError"; }
    }
  };
})
"""


def answer(engine: Any, code: str, seeds: list[int]) -> tuple[str, str]:
    """Run one script in a context of its own: ("value" or "error", text), or why there is neither."""
    context = engine.Context()
    context.set_memory_limit(MEMORY)
    context.set_max_stack_size(STACK)
    context.set_time_limit(CPU_SECONDS)
    try:
        said = context.eval(_PRELUDE)(*seeds, MOST_ANSWERED)(code)
    except engine.StackOverflow:
        return "error", "RangeError: Maximum call stack size exceeded"
    except engine.JSException as error:
        said = "e" + str(error).partition("\n")[0]
    except (MemoryError, UnicodeError):
        return "memory", ""
    return _judged(said)


def _judged(said: object) -> tuple[str, str]:
    kind, text = (said[:1], said[1:MOST_ANSWERED]) if isinstance(said, str) else ("", "")
    if kind == "v":
        return "value", text
    if kind == "p":
        return "promise", ""
    if text.startswith("InternalError: interrupted"):
        return "time", ""
    if text.startswith(("InternalError: out of memory", "InternalError: string too long")):
        return "memory", ""
    return "error", text


def _read(length: int) -> bytes:
    """Exactly so many bytes; the process ends with its input."""
    got = bytearray()
    while len(got) < length:
        part = os.read(0, length - len(got))
        if not part:
            os._exit(0)
        got += part
    return bytes(got)


def _write(answered: object) -> None:
    body = json.dumps(answered).encode()
    left = len(body).to_bytes(4, "big") + body
    while left:
        left = left[os.write(1, left) :]


def main() -> None:
    """Load everything, lock the door, say so, then work until the input ends."""
    folder, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
    sys.path += [folder, here]
    engine, jail = import_module("_quickjs"), import_module("jail")
    answer(engine, "[1, 'a', /b/].map(String).join()", [1, 2, 3, 4])
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _write(["ready", "filtered" if jail.lock() else "limited"])
    while True:
        code, seeds = json.loads(_read(int.from_bytes(_read(4), "big")))
        # Whoever waits for us kills us at 1.5 s; where it is busy or gone, the kernel does it before.
        signal.setitimer(signal.ITIMER_REAL, LAST_SECONDS)
        answered = answer(engine, code, seeds)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(answered)


if __name__ == "__main__":
    main()
