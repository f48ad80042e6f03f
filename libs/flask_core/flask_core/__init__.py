"""What every WaddleBot module stands on; import from the submodules."""

__version__ = "1.0.0"
