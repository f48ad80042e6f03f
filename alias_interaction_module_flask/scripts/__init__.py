"""Scripts of `$(eval …)`: run in locked-down workers, with what viewers typed inserted as data."""
