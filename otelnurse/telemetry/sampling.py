"""Which traces are recorded."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from otelnurse.telemetry import names

_GUESSED = frozenset({names.PEER_ADDRESS, names.PEER_PORT})


class Share(Sampler):
    """Keeps a share of traces by their id; whoever has a parent does as the parent did.

    Passed explicitly, so that OTEL_TRACES_SAMPLER has no say. It also takes the peer's address off CLIENT spans as
    they start: the instrumentation of httpx writes the URL's host name there, which is no peer's address when the name
    was never resolved, and a sampler's result is the one public place where an attribute can be taken away.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._share = ParentBased(TraceIdRatioBased(ratio))

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decide at a span's start (https://opentelemetry.io/docs/specs/otel/trace/sdk/#shouldsample)."""
        if kind is SpanKind.CLIENT and attributes:
            attributes = {key: value for key, value in attributes.items() if key not in _GUESSED}
        return self._share.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """Say what decides."""
        return f"Share({self._ratio})"
