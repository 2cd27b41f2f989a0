"""A module of the tests: one topic whose ways follow one another, one that is obligatory, and what still is to be told."""

from lkportal.core.module import Module, Topic

module = Module(
    name="probe",
    title="Probe",
    version="1",
    package="lkportal.notify.tests.probe",
    hooks="lkportal.notify.tests.probe.hooks",
    topics=(
        Topic("probe.due", "Due", escalate=("push", "email", "sms"), default=("in_app", "email", "sms"), order=1),
        Topic("probe.must", "Must", obligatory="It is about you.", urgent=True, order=2),
        Topic("probe.news", "News", order=3),
    ),
)
