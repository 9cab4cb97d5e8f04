"""Who speaks: the OpenTelemetry resource of this nurse."""

from opentelemetry.sdk.resources import Resource

from otelnurse.telemetry.config import Config


class _HashedOnce(Resource):
    """Knows its hash: the encoders take it for every span, and the SDK writes the attributes as JSON to make it."""

    _hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = super().__hash__()
        return self._hash

    __eq__ = Resource.__eq__


def make_resource(config: Config) -> Resource:
    """Name this nurse by the semantic conventions for services, Kubernetes and clouds."""
    named = {
        "service.name": config.service_name,
        "service.version": config.service_version,
        "service.instance.id": config.instance_id,
        "k8s.cluster.name": config.cluster,
        "k8s.node.name": config.node,
        "k8s.namespace.name": config.namespace,
        "k8s.pod.name": config.pod,
        "k8s.pod.uid": config.pod_uid,
        "cloud.availability_zone": config.zone,
    }
    given = {**config.resource_attributes, **{name: value for name, value in named.items() if value}}
    resource = Resource.create(given)
    return _HashedOnce(resource.attributes, resource.schema_url)
