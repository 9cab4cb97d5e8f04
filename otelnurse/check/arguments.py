"""The arguments of ``otelnurse check``, and the order that they make."""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace

from otelnurse.check import values
from otelnurse.check.order import Order
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Family

_EPILOG = """exit code: 0 all went well (status 200), 1 something failed, and standard error says why in one line,
2 an argument was wrong, 130 Ctrl-C. Examples and every field of --json: docs/check.md"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell ``parser`` what a check takes."""
    parser.epilog = _EPILOG
    parser.set_defaults(complain=parser.error)
    parser.add_argument("url", type=values.url, metavar="URL", help="http or https, absolute")
    request = parser.add_argument_group("the request")
    request.add_argument(
        "-X", "--method", choices=("GET", "HEAD", "OPTIONS"), default="GET", help="one that changes nothing (GET)"
    )
    request.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        type=values.header,
        metavar="'NAME: VALUE'",
        help="send it to the URL's own origin; may be repeated",
    )
    request.add_argument("-L", "--location", action="store_true", help="follow up to five redirects")
    request.add_argument(
        "--timeout", type=values.longer_than_zero, default=5.0, metavar="DURATION", help="for all of it together (5s)"
    )
    whom = parser.add_argument_group("whom to ask")
    family = whom.add_mutually_exclusive_group()
    family.add_argument("-4", dest="family", action="store_const", const="ipv4", help="IPv4 only")
    family.add_argument("-6", dest="family", action="store_const", const="ipv6", help="IPv6 only")
    whom.add_argument(
        "--resolve",
        action="append",
        default=[],
        type=values.told,
        metavar="HOST:PORT:ADDRESS[,ADDRESS...]",
        help="take these addresses for HOST and PORT, as curl does; may be repeated",
    )
    whom.add_argument(
        "--nameserver",
        action="append",
        default=[],
        type=values.nameserver,
        metavar="ADDRESS[:PORT]",
        help="ask it instead of those of /etc/resolv.conf; may be repeated",
    )
    trust = parser.add_argument_group("whom to trust")
    trust.add_argument(
        "--cacert",
        action="append",
        default=[],
        type=values.authorities,
        metavar="FILE",
        help="trust these authorities (PEM) as well as the system's; may be repeated",
    )
    trust.add_argument(
        "-k", "--insecure", action="store_true", help="let a certificate's fault pass; it is told nevertheless"
    )
    output = parser.add_argument_group("how often, and what to print")
    output.add_argument("-n", "--count", type=values.count, default=1, metavar="N", help="ask N times and sum up (1)")
    output.add_argument(
        "--interval",
        type=values.not_negative,
        default=1.0,
        metavar="DURATION",
        help="between the starts of two runs (1s)",
    )
    output.add_argument("--json", action="store_true", help="one object per run and line")
    output.add_argument("--no-color", action="store_true", help="as the environment's NO_COLOR=1 does")


def order(args: argparse.Namespace) -> Order:
    """What the arguments order; complains, as ``parser`` does of each for itself, of what does not go together."""
    from otelnurse.probe.urls import host_of, read  # noqa: PLC0415  # 85 ms of httpx, which other commands do without

    told = [_of_family(one, args.family) for one in args.resolve]
    wrong = [
        ("--resolve", one.addresses[0]) for one, left in zip(args.resolve, told, strict=True) if not left.addresses
    ]
    for option, address in [("URL", host_of(read(args.url))), *wrong]:
        if args.family and values.family_of(address) not in {args.family, None}:
            args.complain(f"argument {option}: {address} is no address of {args.family}, the only kind to be asked")
    headers = _combined(args.header)
    target = Target(
        "extra",
        "check",
        args.url,
        args.timeout,
        method=args.method,
        headers=lambda: headers,
        verify=not args.insecure,
        follow_redirects=args.location,
    )
    return Order(target, args.count, args.interval, args.cacert, told, args.family, args.nameserver)


def _of_family(told: values.Told, family: Family | None) -> values.Told:
    return replace(told, addresses=tuple(it for it in told.addresses if family in {None, values.family_of(it)}))


def _combined(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Repeated ones in one line each (RFC 9110, section 5.3; cookies by RFC 6265, section 5.4)."""
    combined: dict[str, str] = {}
    for name, value in headers:
        separator = "; " if name == "Cookie" else ", "
        combined[name] = f"{combined[name]}{separator}{value}" if name in combined else value
    return combined
