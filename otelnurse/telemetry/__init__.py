"""Spans and metrics made from timelines, and their way out by OTLP and Prometheus."""
