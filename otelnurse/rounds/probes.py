"""What rounds ask of a prober, and what becomes of a check whose prober does not keep to it."""

import logging
import time
from typing import Protocol

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Outcome, Timeline

_log = logging.getLogger(__name__)


class Probes(Protocol):
    """What turns a target into a timeline."""

    async def run(self, target: Target) -> Timeline:
        """Never raises anything but a cancellation."""


async def probed(prober: Probes, target: Target) -> Timeline:
    """Run the check; a prober that raises all the same fails this check, logged whole, and not the others with it."""
    timeline = Timeline.begin(target)
    try:
        return await prober.run(target)
    except Exception as error:  # noqa: BLE001  # a fault of our own must be seen, and must not stop the nurse
        _log.exception("check %s met a fault of the nurse itself", target.name)
        timeline.end = time.monotonic_ns()
        timeline.outcome = Outcome(ErrorType.OTHER.value, Phase.PREPARE, f"a fault of the nurse itself: {error!r}")
        return timeline
