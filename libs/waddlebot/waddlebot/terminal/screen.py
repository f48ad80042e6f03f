"""The terminal itself: a line is typed at the bottom while others appear above it."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable

try:
    import readline  # input() knows arrows and history then
except ImportError:  # pragma: no cover - this Python was built without it
    typed_so_far: Callable[[], str] = str
else:
    typed_so_far = readline.get_line_buffer

_CLEAR_LINE = "\r\033[K"


class Screen:
    """`show` may be called by any thread, also while `ask` waits for somebody to type."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = ""

    @property
    def width(self) -> int:
        """Columns."""
        return shutil.get_terminal_size().columns

    def show(self, text: str) -> None:
        """Print lines above the one that is being typed."""
        with self._lock:
            if self._asked:
                sys.stdout.write(f"{_CLEAR_LINE}{text}\n{self._asked}{typed_so_far()}")
            else:
                sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def ask(self, prompt: str) -> str:
        """What somebody types; raises EOFError when they are done."""
        self._asked = prompt
        try:
            return input(prompt)
        finally:
            self._asked = ""
