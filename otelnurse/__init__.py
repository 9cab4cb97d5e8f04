"""A nurse on every node that makes network rounds; see docs/architecture.md for how it is built."""

__version__ = "0.1.0"
