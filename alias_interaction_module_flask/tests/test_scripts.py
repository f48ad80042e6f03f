"""What scripts can do, and what they cannot whatever they try."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alias_interaction_module_flask.scripts import jail, pool
from alias_interaction_module_flask.scripts.pool import Scripts
from flask_core.errors import InvalidInput, NotReady, ServiceError, TooLarge, Unavailable
from flask_core.testing.installation import until


@pytest.fixture
async def scripts() -> AsyncIterator[Scripts]:
    made = Scripts(2)
    yield made
    await made.close()


async def refused(scripts: Scripts, code: str) -> str:
    with pytest.raises(InvalidInput) as told:
        await scripts.run(code)
    return str(told.value.details["reason"])


async def test_the_last_expression_is_the_answer(scripts: Scripts) -> None:
    assert await scripts.run("const r = ['a', 'b']; r.map(x => x.toUpperCase()).join()") == "A,B"
    assert await scripts.run("undefined") == "undefined"
    assert await scripts.run("({})") == "[object Object]"
    assert await scripts.run("'é😀\\ud800'") == "é😀\ufffd"
    assert await scripts.run("'😀'.repeat(9999)") == "😀" * 500
    assert await scripts.run("new Date().getFullYear() >= 2025 && new Date().getTimezoneOffset()") == "0"


async def test_mistakes_are_told_in_one_line(scripts: Scripts) -> None:
    assert await refused(scripts, "1 +") == "SyntaxError: unexpected token in expression: ''"
    assert await refused(scripts, "throw new Error('a\\nb')") == "Error: a b"
    assert await refused(scripts, "throw 'x'.repeat(9999)") == "x" * 100
    assert await refused(scripts, "throw {toString() { throw 1 }}") == "Error"
    assert await refused(scripts, "nobody()") == "ReferenceError: nobody is not defined"
    assert await refused(scripts, "(async () => 1)()") == "a promise has no value here"
    with pytest.raises(TooLarge):
        await scripts.run("1" * (pool.LONGEST_CODE + 1))


@pytest.mark.promise("alias.12")
@pytest.mark.parametrize(
    "bomb",
    [
        "while(1){}",
        "try { for(;;); } finally { for(;;); }",
        "/(a+)+$/.exec('a'.repeat(60) + 'b')",
        "throw {toString() { for(;;); }}",
        "new Proxy({}, {get() { for(;;); }}) + ''",
        "Object.prototype.toString = () => { for(;;); }; ({})",
    ],
)
async def test_an_endless_script_is_ended_and_the_next_one_runs(bomb: str, scripts: Scripts) -> None:
    assert await refused(scripts, bomb) == "took too long"
    assert await scripts.run("1 + 1") == "2"


@pytest.mark.promise("alias.12")
@pytest.mark.parametrize(
    "bomb",
    [
        "let a = []; for(;;) a.push('x'.repeat(1e5) + a.length)",
        "'x'.repeat(2 ** 29)",
        "new Array(1e9).fill(0)",
        "new Uint8Array(1e9).length",
        "let s = 'ab'; for(;;) s += s",
        "JSON.stringify(Array(1e7).fill('aaaaaaaaaa'))",
    ],
)
async def test_a_hungry_script_is_ended_and_the_next_one_runs(bomb: str, scripts: Scripts) -> None:
    assert await refused(scripts, bomb) == "too much memory"
    assert await scripts.run("1 + 1") == "2"


@pytest.mark.parametrize("deep", ["(function f() { f() })()", "JSON.parse('['.repeat(1e5))", "[" * 20_000])
async def test_a_deep_script_ends_with_a_sentence(deep: str, scripts: Scripts) -> None:
    assert await refused(scripts, deep) in {
        "RangeError: Maximum call stack size exceeded",
        "SyntaxError: stack overflow",
        "InternalError: stack overflow",
    }


@pytest.mark.promise("alias.12")
async def test_nothing_of_the_world_is_there(scripts: Scripts) -> None:
    names = "fetch require process setTimeout setInterval print console std os scriptArgs WebAssembly Worker navigator"
    for name in [*names.split(), "Atomics", "SharedArrayBuffer", "XMLHttpRequest", "Deno", "module", "__loadScript"]:
        assert await scripts.run(f"typeof {name}") == "undefined", name
    for module in ("fs", "os", "std", "qjs:os", "/etc/passwd"):
        assert await refused(scripts, f"import('{module}')") == "a promise has no value here"
    assert (await refused(scripts, "import fs from 'fs'")).startswith("SyntaxError")


async def test_one_script_leaves_nothing_to_the_next(scripts: Scripts) -> None:
    alone = Scripts(1)
    try:
        spoiled = (
            "secret = 1; String.prototype.slice = Math.random = () => 'x'; Object.prototype.y = 2; Array = 3; 'ok'"
        )
        assert await alone.run(spoiled) == "ok"
        assert await alone.run("[typeof secret, 'abc'.slice(1), ({}).y, typeof Array, Math.random() < 1]") == (
            "undefined,bc,,function,true"
        )
    finally:
        await alone.close()


async def test_chance_is_the_same_for_a_repeated_execution_only(scripts: Scripts) -> None:
    draw = "Array.from({length: 5}, Math.random).join()"
    assert await scripts.run(draw, seed="run-1") == await scripts.run(draw, seed="run-1")
    assert await scripts.run(draw, seed="run-1") != await scripts.run(draw, seed="run-2")
    assert await scripts.run(draw) != await scripts.run(draw)
    spread = (
        "let n = [0,0,0,0]; for (let i = 0; i < 4e3; i++) n[Math.floor(Math.random() * 4)]++; n.every(x => x > 850)"
    )
    assert await scripts.run(spread, seed="run-1") == "true"


async def test_a_full_queue_says_busy_and_empties(scripts: Scripts) -> None:
    small = Scripts(1, queue=2)
    try:
        asked = [asyncio.create_task(small.run(f"{n}")) for n in range(8)]
        said = await asyncio.gather(*asked, return_exceptions=True)
        busy = [error for error in said if isinstance(error, Unavailable)]
        assert [error.details["reason"] for error in busy] == ["busy"] * 5
        assert [answer for answer in said if isinstance(answer, str)] == ["0", "1", "2"]
        assert await small.run("'again'") == "again"
    finally:
        await small.close()


async def test_nobody_waits_for_ever(scripts: Scripts) -> None:
    impatient = Scripts(1, patience=0.01)
    try:
        endless = asyncio.create_task(impatient.run("for(;;);"))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await impatient.run("1")
        with pytest.raises(InvalidInput):
            await endless
    finally:
        await impatient.close()


async def test_a_script_nobody_waits_for_any_more_is_ended(scripts: Scripts) -> None:
    alone = Scripts(1)
    try:
        await alone.run("1")
        (worker,) = alone._all
        asked = asyncio.create_task(alone.run("for(;;);"))
        await until(lambda: not alone._idle)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await until(lambda: not worker.alive)
        assert await alone.run("2") == "2"
    finally:
        await alone.close()


async def test_the_end_leaves_no_process_behind() -> None:
    scripts = Scripts(2)
    await asyncio.gather(*(scripts.run("1") for _ in range(4)))
    workers = list(scripts._all)
    assert 1 <= len(workers) <= 2
    await scripts.close()
    assert not any(worker.alive for worker in workers)


async def test_without_workers_scripts_are_refused_with_the_reason() -> None:
    off = Scripts(0)
    assert off.refusal == "Scripts are switched off on this server (ALIAS_EVAL_WORKERS is 0)."
    with pytest.raises(NotReady) as told:
        await off.run("1")
    assert told.value.message == off.refusal


async def test_without_quickjs_scripts_are_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_quickjs", None)
    assert Scripts(2).refusal == "Scripts cannot run on this server: QuickJS is not installed."


async def test_a_worker_that_does_not_come_up_says_why_to_the_operator(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scripts, "_engine", "/nowhere")
    with pytest.raises(Unavailable) as told:
        await scripts.run("1")
    assert told.value.details["reason"] == "out of order"
    (record,) = caplog.records
    assert record.__dict__["reason"] == "ModuleNotFoundError: No module named '_quickjs'"
    monkeypatch.undo()
    assert await scripts.run("1") == "1"


async def test_a_worker_that_died_while_nobody_asked_costs_nothing(scripts: Scripts) -> None:
    assert await scripts.run("1") == "1"
    (worker,) = scripts._all
    os.kill(worker._process.pid, signal.SIGKILL)
    assert await scripts.run("2") == "2"


READY = "os.write(1, (21).to_bytes(4, 'big') + b'[\"ready\", \"filtered\"]'); os.read(0, 9); "


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [
        ("os.write(1, b'\\xff' * 9)", "out of order"),
        ("os.write(1, (4).to_bytes(4, 'big') + b'null')", "out of order"),
        ("sys.exit('no')", "out of order"),
        (READY + "os.write(1, b'\\xff' * 9)", "broke down"),
        (READY + "os.write(1, (7).to_bytes(4, 'big') + b'[1,{}] ')", "broke down"),
        (READY + "os.write(1, (2).to_bytes(4, 'big') + b'\\xff{')", "broke down"),
        (READY, "broke down"),
    ],
)
async def test_a_worker_that_lost_its_mind_is_not_believed(
    nonsense: str, reason: str, scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "worker.py"
    program.write_text(f"import os, sys\n{nonsense}\n")
    monkeypatch.setattr(pool, "_PROGRAM", program)
    with pytest.raises(ServiceError) as told:
        await scripts.run("1")
    assert told.value.details["reason"] == reason
    monkeypatch.undo()
    assert await scripts.run("1") == "1"


ATTACKS = {
    "read a file": "open('/etc/passwd')",
    "write a file": "os.open('/tmp/alias-attack', os.O_CREAT | os.O_WRONLY)",
    "fork": "os.fork()",
    "call somebody": "__import__('_socket').socket()",
    "run a program": "os.execv('/bin/true', ['true'])",
    "end others": "os.kill(os.getppid(), 0)",
    "watch others": "libc.ptrace(16, os.getppid(), 0, 0) and fail()",
    "open the limits again": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    "take all memory": "bytearray(2 ** 28)",
    "signal a group": "os.killpg(1, 0)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
@pytest.mark.parametrize("attack", list(ATTACKS))
def test_not_even_the_program_around_a_script_could(attack: str) -> None:
    program = f"""
import _socket, ctypes, os, resource, sys
sys.path.append({str(Path(jail.__file__).parent)!r})
import jail
libc = ctypes.CDLL(None)
def fail(): raise OSError
assert jail.lock()
try:
    {ATTACKS[attack]}
except (OSError, MemoryError, ValueError):
    os.write(1, b"refused")
os._exit(0)
"""
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-I", "-c", program], capture_output=True, timeout=60, check=False
    )
    assert done.stdout == b"refused", done.stderr
