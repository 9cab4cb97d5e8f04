"""Prometheus's target groups as JSON, the format of file_sd and http_sd, turned into neighbours.

``[{"targets": ["10.1.2.3:8080"], "labels": {"node": "worker-1", "zone": "a", "pod": "otelnurse-x7k2p"}}]``, see
https://prometheus.io/docs/prometheus/latest/http_sd/. As with Prometheus, unknown fields of a group are refused and
unknown labels (``__meta_*`` among them) are not.
"""

import ipaddress
import json
import re

from otelnurse.discovery.neighbour import Neighbour

MAX_BYTES = 16 * 1024 * 1024
"""A document longer than this is refused; 5,000 targets take about 1 MB."""

_PORTS = range(1, 65536)
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_TARGET = re.compile(r"(?:\[(?P<ipv6>[^\[\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")


class TargetGroupsError(ValueError):
    """A document that is not a list of target groups; the message says where and why."""


def parse(document: bytes) -> tuple[Neighbour, ...]:
    """Turn a document into neighbours, in its order.

    One fault refuses the whole document: half a neighbourhood would look like nodes that are gone.

    Raises:
        TargetGroupsError: names the group by its index, counted from 0, the target, and what would be right.
    """
    if len(document) > MAX_BYTES:
        raise TargetGroupsError(f"longer than {MAX_BYTES} bytes")
    try:
        groups = json.loads(document)
    except RecursionError:
        raise TargetGroupsError("not JSON: nested too deeply") from None
    except ValueError as error:
        raise TargetGroupsError(f"not JSON: {error}") from None
    if not isinstance(groups, list):
        raise TargetGroupsError(f"a list of target groups is expected, not {_kind(groups)}")
    return tuple(neighbour for index, group in enumerate(groups) for neighbour in _group(index, group))


def _group(index: int, group: object) -> list[Neighbour]:
    """Turn one group into its neighbours."""
    where = f"group {index}"
    if not isinstance(group, dict):
        raise TargetGroupsError(f"{where}: an object with targets and labels is expected, not {_kind(group)}")
    if unknown := sorted(group.keys() - {"targets", "labels"}):
        raise TargetGroupsError(f"{where}: unknown field {unknown[0]!r}; there are targets and labels")
    targets, labels = group.get("targets"), group.get("labels")
    if not isinstance(targets, list):
        raise TargetGroupsError(f"{where}: targets must be a list of host:port, not {_kind(targets)}")
    if not isinstance(labels, dict | None):
        raise TargetGroupsError(f"{where}: labels must be an object, not {_kind(labels)}")
    node, pod, zone = (_label(where, labels or {}, name) for name in ("node", "pod", "zone"))
    addresses = [_address(where, target) for target in targets]
    return [Neighbour(node or address, address, port, pod=pod, zone=zone) for address, port in addresses]


def _label(where: str, labels: dict[str, object], name: str) -> str:
    """Read one label; a missing one is the same as an empty one, as everywhere in Prometheus."""
    value = labels.get(name, "")
    if not isinstance(value, str):
        raise TargetGroupsError(f"{where}: label {name} must be a string, not {_kind(value)}")
    if not value.isprintable():
        # Control characters would forge log lines, and lone surrogates have no UTF-8 for the ring to hash.
        raise TargetGroupsError(f"{where}: label {name} has unprintable characters: {value!a}")
    return value


def _address(where: str, target: object) -> tuple[str, int]:
    """Split ``host:port``, ``192.0.2.1:port`` or ``[2001:db8::1]:port`` into address, without brackets, and port."""
    problem = f"{where}: target {target!a}:"
    if not isinstance(target, str):
        raise TargetGroupsError(f"{problem} must be a string host:port, not {_kind(target)}")
    match = _TARGET.fullmatch(target)
    if match is None:
        raise TargetGroupsError(f"{problem} must be host:port, an IPv6 address in brackets")
    address, port = match["host"] if match["ipv6"] is None else match["ipv6"], int(match["port"])
    if not address:
        # What a pod without an address yet looks like; connecting there would reach the nurse itself.
        raise TargetGroupsError(f"{problem} the address is empty")
    if port not in _PORTS:
        raise TargetGroupsError(f"{problem} the port must be between 1 and 65535")
    if match["ipv6"] is not None and not _is_ipv6(address):
        raise TargetGroupsError(f"{problem} what stands in brackets must be an IPv6 address without a scope")
    if match["ipv6"] is None and not _HOST.fullmatch(address):
        raise TargetGroupsError(f"{problem} neither an IP address nor a host name")
    if address == "0.0.0.0" or (match["ipv6"] is not None and ipaddress.IPv6Address(address).is_unspecified):
        raise TargetGroupsError(
            f"{problem} the unspecified address is that of nobody; connecting to it reaches oneself"
        )
    return address, port


def _is_ipv6(address: str) -> bool:
    """Tell whether it is an IPv6 address; with a scope (``fe80::1%eth0``) it would be another one on each node."""
    try:
        return ipaddress.IPv6Address(address).scope_id is None
    except ValueError:
        return False


def _kind(value: object) -> str:
    """Name a JSON value's type the way JSON does."""
    if value is None:
        return "null or missing"
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return names.get(type(value), "a number")
