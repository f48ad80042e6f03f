"""`python -m waddlebot`."""

from waddlebot.cli import app

app()
