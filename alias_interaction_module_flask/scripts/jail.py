"""Takes from a worker process everything but thinking: files, processes, memory, and nearly all of the kernel."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys

MOST_MEMORY = 128 * 1024 * 1024

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _ANSWER = 0x20, 0x15, 0x06
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050001, 0x80000000

# What the interpreter and the allocator cannot do without once everything is loaded, in the numbers of each kernel:
# read write close mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sched_yield mremap madvise
# setitimer exit gettimeofday sigaltstack futex restart_syscall clock_gettime exit_group getrandom rseq
_CALLS = {
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 38, 60, 96, 131, 202, 219, 228, 231, 318, 334),
    ),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 222, 226, 215, 214, 134, 135, 139, 124, 216, 233, 103, 93, 169, 132, 98, 128, 113, 94, 278, 293),
    ),
}


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def lock() -> bool:
    """Give up all that a script could misuse; whether the kernel refuses everything else, too.

    Raises OSError or ValueError when a limit cannot be set: such a process must not run scripts.
    """
    os.chdir("/")
    os.nice(10)
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    return _refuse_calls()


def _refuse_calls() -> bool:
    """Let the kernel refuse what is not on the list; False where it cannot or we do not know its numbers."""
    known = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None or sys.maxsize < 2**32:
        return False
    architecture, calls = known
    steps = [
        _Step(_LOAD, 0, 0, 4),
        _Step(_EQUAL, 1, 0, architecture),
        _Step(_ANSWER, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, 0),
        *(_Step(_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)),
        _Step(_ANSWER, 0, 0, _DENY),
        _Step(_ANSWER, 0, 0, _ALLOW),
    ]
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    none = ctypes.c_ulong(0)
    if prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), none, none, none) != 0:
        return False
    return bool(prctl(_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), none, none) == 0)
