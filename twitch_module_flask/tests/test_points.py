"""How many requests are left is what Twitch said last, until its minute is over."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_core.contracts.twitch import PointsLeft
from twitch_module_flask.points import Points

AT = datetime(2026, 3, 11, 17, tzinfo=UTC)


def test_points_are_full_again_when_the_minute_is_over() -> None:
    now = AT.timestamp() - 30
    points = Points(lambda: now)
    points.saw({"content-type": "text/html"})
    assert points.left() is None
    points.saw({"ratelimit-remaining": "12", "ratelimit-limit": "800", "ratelimit-reset": f"{AT.timestamp():.0f}"})
    points.saw({"ratelimit-remaining": "many"})
    assert points.left() == PointsLeft(12, 800, AT)
    now = AT.timestamp()
    assert points.left() == PointsLeft(800, 800, AT)
