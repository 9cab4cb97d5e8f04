"""What a nurse reports is what the network takes: curl, asking the same at the same time, agrees."""

import json
import statistics
import subprocess
from itertools import takewhile

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.parts.binaries import binary
from tests.parts.nurses import nurse_process
from tests.parts.waiting import eventually

NEIGHBOURS = 10
ROUNDS = 40
FINE = [0.00003 * 1.03**i for i in range(300)]
"""Seconds; 3 % apart, so that a median read off the histogram is at most that much too large."""
MOST = 1.3
"""Times what curl sees."""


def test_a_path_check_reports_what_curl_sees(tmp_path):
    """With 14 checks every 0.5 s, the median of a path check is at most 1.3 times a fresh curl's on the same path."""
    with nurse_process({"OTELNURSE_NODE_NAME": "peer", "OTELNURSE_CHECK_INTERVAL": "500ms"}) as peer:
        authority = peer.url.removeprefix("http://")
        groups = [{"targets": [authority], "labels": {"node": f"node-{i}"}} for i in range(NEIGHBOURS)]
        (tmp_path / "neighbours.json").write_text(json.dumps(groups))
        watched = {
            "OTELNURSE_CHECK_INTERVAL": "500ms",
            "OTELNURSE_DISCOVERY": f"file_sd:{tmp_path / 'neighbours.json'}",
            "OTELNURSE_INGRESS_URL": peer.url,
            "OTELNURSE_SERVICE_URL": peer.url,
            "OTELNURSE_EXTRA_CHECKS": f"one:{peer.url}/ready|two:{peer.url}/alwayshappy",
            "OTELNURSE_HISTOGRAM_BUCKETS": ",".join(f"{bound:.8f}" for bound in FINE),
        }
        with nurse_process(watched) as nurse:
            seen_by_curl = []

            def enough():
                seen_by_curl.append(curl(f"{peer.url}/alwayshappy"))
                return buckets(nurse.get("/metrics"))[-1][1] >= ROUNDS * NEIGHBOURS

            eventually(enough, what=f"{ROUNDS} rounds", within=120.0)
            reported = median(buckets(nurse.get("/metrics")))
    curls = statistics.median(seen_by_curl)
    print(f"curl {curls * 1e6:.0f} us ({len(seen_by_curl)} times), nurse {reported * 1e6:.0f} us")
    assert reported <= MOST * curls


def curl(url: str) -> float:
    """Seconds that one request takes on a fresh connection."""
    command = [binary("curl"), "--silent", "--fail", "--output", "/dev/null", "--write-out", "%{time_total}", url]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout)


def buckets(answer: httpx.Response) -> list[tuple[float, float]]:
    """(upper bound in seconds, how many were at most that) of the good path checks."""
    return [
        (float(sample.labels["le"]), sample.value)
        for family in text_string_to_metric_families(answer.raise_for_status().text)
        for sample in family.samples
        if sample.name == "otelnurse_check_duration_seconds_bucket"
        and sample.labels["otelnurse_check_type"] == "path"
        and not sample.labels.get("error_type")
    ] or [(0.0, 0.0)]


def median(cumulative: list[tuple[float, float]]) -> float:
    """The bound of the bucket in which the middle one lies."""
    below = list(takewhile(lambda bucket: bucket[1] < cumulative[-1][1] / 2, cumulative))
    return cumulative[len(below)][0]
