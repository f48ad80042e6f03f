"""Custom command texts: `parser` reads one, `evaluation` says what it comes to; all facts come through `world`."""
