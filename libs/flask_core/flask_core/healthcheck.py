"""Ends with 0 when the module in this container is ready: `python -m flask_core.healthcheck`."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException


def ready(port: int) -> bool:
    """Whether `/ready` answers 200 within two seconds."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if ready(int(os.environ["PORT"])) else 1)
