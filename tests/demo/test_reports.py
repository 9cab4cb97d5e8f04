"""What is read from /alive and /metrics."""

from otelnurse.demo.reports import Reader, Seen


def metrics(path_count: int, path_seconds: float, failures: int = 0, lagged: int = 0) -> str:
    """As a nurse prints them: a path to node-2, with a share of a histogram's lines that must be passed over."""
    return f"""# HELP otelnurse_path_duration_seconds how long
# TYPE otelnurse_path_duration_seconds histogram
otelnurse_path_duration_seconds_bucket{{le="0.001",otelnurse_peer_node="node-2"}} 0.0
otelnurse_path_duration_seconds_count{{otelnurse_peer_node="node-2"}} {path_count}.0
otelnurse_path_duration_seconds_sum{{otelnurse_peer_node="node-2"}} {path_seconds}
otelnurse_path_failures_total{{otelnurse_peer_node="node-2"}} {failures}.0
otelnurse_check_duration_seconds_count{{error_type="",otelnurse_check_type="path"}} {path_count}.0
otelnurse_check_duration_seconds_count{{otelnurse_check_type="loopback"}} 900.0
otelnurse_check_duration_seconds_count{{error_type="500",otelnurse_check_type="path"}} {failures}.0
otelnurse_fever_checks_total{{otelnurse_check_type="path",otelnurse_fever="lag"}} {lagged}.0
otelnurse_fever_checks_total{{otelnurse_check_type="path",otelnurse_fever="overlap"}} 5.0
otelnurse_fever_checks_total{{otelnurse_check_type="loopback",otelnurse_fever="lag"}} 70.0
otelnurse_round_last_seconds 1.7e+09
"""


def test_the_p50_is_of_what_came_since_the_last_look() -> None:
    """The latencies of earlier hours do not hide a nurse that is late now."""
    reader = Reader("node-1")
    count, seconds = 1000, 2.0
    assert reader.read({"path_node-2": "ok"}, metrics(count, seconds)).checks["path_node-2"].p50 == 0.002
    for _ in range(2):
        count, seconds = count + 1, seconds + 0.4
        view = reader.read({"path_node-2": "ok"}, metrics(count, seconds))
    p50 = view.checks["path_node-2"].p50
    assert p50 is not None
    assert round(p50, 6) == 0.4


def test_one_late_answer_alone_does_not_move_the_p50() -> None:
    """A hiccup is not a sickness."""
    reader = Reader("node-1")
    reader.read({"path_node-2": "ok"}, metrics(1000, 2.0))
    assert reader.read({"path_node-2": "ok"}, metrics(1001, 2.4)).checks["path_node-2"].p50 == 0.002


def test_what_failures_took_is_no_latency() -> None:
    """A nurse that refuses at once is not the fastest of all; late afterwards, it is late from the first answer on."""
    reader = Reader("node-1")
    reader.read({"path_node-2": "ok"}, metrics(1000, 2.0))
    refused = {"path_node-2": "connection_refused: nobody listens"}
    assert reader.read(refused, metrics(1001, 2.0001, failures=1)).checks["path_node-2"].p50 is None
    assert reader.read(refused, metrics(1002, 2.0002, failures=2)).checks["path_node-2"].p50 is None
    p50 = reader.read({"path_node-2": "ok"}, metrics(1003, 2.4002, failures=2)).checks["path_node-2"].p50
    assert p50 is not None
    assert round(p50, 6) == 0.4


def test_an_error_is_the_word_before_the_colon() -> None:
    """What follows is for people."""
    view = Reader("node-1").read({"path_node-2": "connection_refused: 127.0.0.1:40001 connection refused"}, "")
    assert view.checks == {"path_node-2": Seen("connection_refused", None)}


def test_what_stands_beside_the_checks_is_passed_over() -> None:
    """As in kubenurse, ``last_check_result`` holds the neighbourhood too."""
    results = {"me_service": "ok", "neighbourhood_state": "ok", "neighbourhood": [{"NodeName": "node-2"}]}
    assert Reader("node-1").read(results, "").checks == {"me_service": Seen(None)}


def test_checks_done_and_failed_are_counted_without_the_loopback_probe() -> None:
    """The nurse's own fever is no check of the mesh; one that fever keeps from the latencies is, and is done."""
    view = Reader("node-1").read({}, metrics(10, 0.02, failures=3, lagged=2))
    assert view.done == 15
    assert view.failures == {"500": 3}
