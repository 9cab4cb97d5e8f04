"""The words that all sources of neighbours and the ring share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """Another nurse, as a source knows it."""

    node: str
    """Its Kubernetes node: what the ring hashes, and what metrics name it by."""
    address: str
    """An IP address or a host name, IPv6 without brackets."""
    port: int
    pod: str = ""
    zone: str = ""
