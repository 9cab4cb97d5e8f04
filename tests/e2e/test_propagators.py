"""What operators inject into every pod must not keep a nurse from starting."""

from tests.parts.nurses import nurse_process


def test_a_propagator_that_is_not_installed_does_not_matter():
    """With OTEL_PROPAGATORS=b3 a nurse starts, and says that the variable has no say."""
    with nurse_process({"OTEL_PROPAGATORS": "tracecontext,b3"}) as nurse:
        assert nurse.get("/alive").status_code == 200
        assert "OTEL_PROPAGATORS has no say" in nurse.process.output()
