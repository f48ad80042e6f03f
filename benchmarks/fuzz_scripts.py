"""Attacks the insertion of values into scripts: `python -m benchmarks.fuzz_scripts [seconds] [seed]`.

Random scripts around random values run in QuickJS. Every value speaks of a name whose mere mention as code is
noticed. Whatever an author wrote, however broken, no value may ever be noticed.
"""

from __future__ import annotations

import random
import sys
import time
from importlib import import_module

from alias_interaction_module_flask.scripts.insertion import Inserted, insert
from benchmarks.report import Report

WATCH = (
    "var seen = 0, a = 1, b = 2, g = 1, i = 1, x = {y: 1}, f = (...z) => z.length;"
    "Object.defineProperty(globalThis, 'pwn', {get() { seen = 1; return () => 1; }});"
)
STATEMENTS = (
    "'§';", '"§";', "`§`;", "`${§}`;", "`a${`b${'§'}`}c`;", "§;", "f(§, '§');", "x['§'];", "[§, §];", "({a: §});",
    "/§/.test('§');", "/[§]/g;", "a / §;", "a / 2 / §;", "a++ / §;", "if (a) /§/.test(b);", "(a) / § / b;",
    "// §\n", "/* § */", "<!-- §\n", "\n--> §\n", "return_ = {return: 1}.return / §;", "f`§${§}§`;", "{ } /§/;",
    "({}) / §;", "function g() {} /§/.exec('');", "(function () {} / §);", "x = a ? /§/ : '§';", "typeof /§/;",
    "`$§{a}`;", "'\\§';", '"\\\\§";', "`\\`§`;", "/\\/§/;", "/[/§]/;", "/*§/ */", "'a\\\n§';", "a = b\n/§/g;",
    "x.y / §;", "x?.y / §;", "label: { '§' }", "switch (a) { case /§/: '§' }", "() => {} \n /§/;", "`}${'}'}§`;",
    "a = {b: {c: /§/}};", "for (const of of [1]) /§/;", "while (0) /§/;", "class Q { m() { return /§/ } }", "''/§/'';",
    "String.raw`§`;", "§\n§;", "-§;", "a-§;", "x.§;", "a§;", "§a;", "0x§;", "1§;", "'\\x§';", "'\\u{§}';", "/a{§}/;",
)  # fmt: skip
SIGNS = "'\"`/\\$ {}()[]*-<>!=+;,.\n#?:ab1§\u2028\ufeff"
PAYLOADS = (
    "pwn", "pwn()", "(pwn)", "'+pwn+'", '"+pwn+"', "${pwn}", "`+pwn+`", "*/pwn/*", "\npwn\n", "/+pwn+/", "\\",
    "\\'+pwn", '\\"+pwn+"', "';pwn;'", '";pwn//', "\u2028pwn", "\rpwn", "-->\npwn", "<!--pwn", "]/+pwn+/[", ")+pwn+(",
    "$", "{pwn}", "", "0", "7", "-1", "1.5", "\\u0070wn", "\\x70wn", "#{pwn}", "=pwn", "`${pwn}`", "constructor",
    "é😀pwn", "\0pwn", "null",
)  # fmt: skip


def script(chance: random.Random) -> str:
    """An author's script, § where values stand: statements that mostly work, sometimes damaged."""
    text = "".join(chance.choice(STATEMENTS) + chance.choice(("", " ", "\n")) for _ in range(chance.randint(1, 5)))
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 4))):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(("", *SIGNS)) + text[at + chance.randint(0, 1) :]
    return text


def filled(text: str, chance: random.Random) -> list[str | Inserted]:
    """The pieces, with a value for every §."""
    first, *rest = text.split("§")
    pieces: list[str | Inserted] = [first]
    for author in rest:
        value = "".join(chance.choice(PAYLOADS) for _ in range(chance.randint(1, 3)))
        pieces += [Inserted(chance.choice((value, value, value, None)), is_json=chance.random() < 0.05), author]
    return pieces


def outcome(code: str) -> str:
    """`ran`, `refused`, or `seen` when a value was code."""
    engine = import_module("_quickjs")
    context = engine.Context()
    context.set_time_limit(0.2)
    context.set_memory_limit(16 * 1024 * 1024)
    context.eval(WATCH)
    try:
        context.eval(code)
        said = "ran"
    except (engine.JSException, ValueError):
        said = "refused"
    return "seen" if context.eval("seen") else said


def main() -> None:
    """Attack for so many seconds (20), and fail with the script when a value was noticed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 10**9
    chance = random.Random(seed)
    counted = {"ran": 0, "refused": 0}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pieces = filled(script(chance), chance)
        code = insert(pieces)
        said = outcome(code)
        if said == "seen":
            sys.exit(f"A value became code (seed {seed}):\n{pieces!r}\n{code}")
        counted[said] += 1
    report = Report("fuzz_scripts")
    report.say("seed", seed)
    for name, times in counted.items():
        report.say(f"scripts {name}", times)
    report.write()


if __name__ == "__main__":
    main()
