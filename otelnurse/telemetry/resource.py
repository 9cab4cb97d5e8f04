"""Who speaks: the OpenTelemetry resource of this nurse."""

from opentelemetry.sdk.resources import Resource

from otelnurse.telemetry.config import Config


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
    return Resource.create({**config.resource_attributes, **{name: value for name, value in named.items() if value}})
