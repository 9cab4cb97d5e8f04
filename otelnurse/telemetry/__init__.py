"""Spans and metrics made from timelines, and their way out by OTLP and Prometheus."""

from otelnurse.telemetry.config import Config, Observed, SourceState
from otelnurse.telemetry.server import ServerSpan
from otelnurse.telemetry.telemetry import Telemetry

__all__ = ["Config", "Observed", "ServerSpan", "SourceState", "Telemetry"]
