"""The portal's own tables as Django models (`managed = False`). Properties join what cards ask of a row with its related rows."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from lkportal.core.money import Volume


class Identity(AbstractBaseUser):
    """A person who may sign in."""

    last_login = None
    public_id = models.CharField(max_length=16)
    login = models.CharField(max_length=254, unique=True)
    password = models.CharField(max_length=200, db_column="password_hash")
    name = models.CharField(max_length=200)
    locale = models.CharField(max_length=12)
    disabled_at = models.DateTimeField(null=True)
    objects = BaseUserManager()
    USERNAME_FIELD = "login"

    class Meta:
        managed = False
        db_table = "auth_identities"

    @property
    def is_active(self) -> bool:
        """Whether this person may be here."""
        return self.disabled_at is None


class Brand(models.Model):
    """A brand."""

    key = models.CharField(max_length=40)

    class Meta:
        managed = False
        db_table = "accounts_brands"


class Account(models.Model):
    """An account."""

    public_id = models.CharField(max_length=16)
    organisation_id = models.BigIntegerField(null=True)
    brand = models.ForeignKey(Brand, models.DO_NOTHING)
    number = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "accounts_accounts"


class Membership(models.Model):
    """What a person is to an account."""

    identity = models.ForeignKey(Identity, models.DO_NOTHING)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    role = models.CharField(max_length=20)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "accounts_memberships"


class Bill(models.Model):
    """A bill of a month."""

    public_id = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    period = models.DateField()
    number = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    seen_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40, null=True)

    class Meta:
        managed = False
        db_table = "payments_bills"


class Line(models.Model):
    """A line of a bill."""

    bill = models.ForeignKey(Bill, models.DO_NOTHING)
    position = models.IntegerField()
    kind = models.CharField(max_length=20)
    service = models.CharField(max_length=200)
    note = models.CharField(max_length=200)
    volume_milli = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=10)
    rate_millionths = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "payments_charge_lines"

    @property
    def volume(self) -> Volume:
        """What was used, with its unit."""
        return Volume(self.volume_milli or 0, self.unit)


class Ledger(models.Model):
    """What an account owes."""

    account = models.OneToOneField(Account, models.DO_NOTHING)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "payments_ledgers"


class Assertion(models.Model):
    """What billing said an account owed."""

    account = models.ForeignKey(Account, models.DO_NOTHING)
    as_of = models.DateField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "payments_assertions"


class Payment(models.Model):
    """A payment."""

    public_id = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10)
    paid_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "payments_payments"


class Meter(models.Model):
    """A meter."""

    public_id = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    resource = models.CharField(max_length=20)
    unit = models.CharField(max_length=10)
    serial = models.CharField(max_length=40)
    place = models.CharField(max_length=100)
    verified_until = models.DateField(null=True)
    removed_on = models.DateField(null=True)
    coefficient = models.IntegerField()

    class Meta:
        managed = False
        db_table = "readings_meters"


class Register(models.Model):
    """A dial of a meter."""

    public_id = models.CharField(max_length=16)
    meter = models.ForeignKey(Meter, models.DO_NOTHING, related_name="registers")
    code = models.CharField(max_length=4)
    digits = models.IntegerField()
    decimals = models.IntegerField()
    last_milli = models.BigIntegerField()
    last_on = models.DateField(null=True)
    last_period = models.DateField(null=True)
    usual_milli = models.BigIntegerField(null=True)
    estimate = models.CharField(max_length=20)
    estimate_period = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "readings_registers"

    @property
    def register(self) -> str:
        """The public id, as cards call it."""
        return str(self.public_id)

    def __getattr__(self, name: str) -> Any:
        if name in ("resource", "unit", "serial", "place", "verified_until", "coefficient"):
            return getattr(self.meter, name)
        raise AttributeError(name)


class Reading(models.Model):
    """What a register showed."""

    public_id = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    register = models.ForeignKey(Register, models.DO_NOTHING)
    value_milli = models.BigIntegerField()
    added_milli = models.BigIntegerField()
    taken_on = models.DateField()
    period = models.DateField()
    submitted_at = models.DateTimeField()
    channel = models.CharField(max_length=12)
    actor = models.CharField(max_length=40)
    rolled_over = models.BooleanField(default=False)
    confirmed = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "readings_readings"


class Rule(models.Model):
    """What holds from a day on for a category of customers and a resource."""

    category = models.CharField(max_length=40)
    resource = models.CharField(max_length=20)
    valid_from = models.DateField()
    window_first = models.IntegerField(null=True)
    window_last = models.IntegerField(null=True)
    late = models.CharField(max_length=12, null=True)
    jump_factor = models.IntegerField(null=True)
    jump_floor = models.IntegerField(null=True)
    norm_milli = models.BigIntegerField(null=True)
    average_months = models.IntegerField(null=True)
    average_times = models.IntegerField(null=True)

    class Meta:
        managed = False
        db_table = "readings_rules"


class Record(models.Model):
    """An act in the audit."""

    public_id = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    on_behalf_of = models.CharField(max_length=60, null=True)
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    target = models.CharField(max_length=60)
    account = models.CharField(max_length=16, null=True)
    request_id = models.CharField(max_length=64)
    detail = models.TextField(default="{}")

    class Meta:
        managed = False
        db_table = "audit_records"


class Event(models.Model):
    """A fact for listeners."""

    event_id = models.CharField(max_length=36)
    name = models.CharField(max_length=120)
    version = models.IntegerField(default=1)
    occurred_at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    account = models.CharField(max_length=32)
    brand = models.CharField(max_length=60)
    request_id = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        managed = False
        db_table = "core_outbox"


class Standing(models.Model):
    """What a person decided about a document."""

    identity = models.ForeignKey(Identity, models.DO_NOTHING)
    document = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    decision = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "privacy_standings"


class Notice(models.Model):
    """An entry of a person's list of notices."""

    identity = models.ForeignKey(Identity, models.DO_NOTHING)
    read_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "notify_messages"


class Ticket(models.Model):
    """What a customer asked the company for."""

    public_id = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.DO_NOTHING)
    identity = models.ForeignKey(Identity, models.DO_NOTHING)
    state = models.CharField(max_length=10)
    subject = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    last_side = models.CharField(max_length=10)

    class Meta:
        managed = False
        db_table = "tickets_tickets"


class Message(models.Model):
    """What was said in a ticket; a note of staff is inner."""

    ticket = models.ForeignKey(Ticket, models.DO_NOTHING)
    inner = models.BooleanField()

    class Meta:
        managed = False
        db_table = "tickets_messages"


class Seen(models.Model):
    """How far a person has read a ticket."""

    ticket = models.ForeignKey(Ticket, models.DO_NOTHING)
    identity = models.ForeignKey(Identity, models.DO_NOTHING)
    message_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "tickets_seen"


class News(models.Model):
    """An outage or an announcement."""

    public_id = models.CharField(max_length=16)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    texts = models.TextField()
    important = models.BooleanField()
    brand_id = models.BigIntegerField(null=True)
    segment = models.CharField(max_length=12)
    places = models.TextField()
    targeted = models.BooleanField()
    begins_at = models.DateTimeField(null=True)
    expected_end = models.DateTimeField(null=True)
    show_from = models.DateField()
    show_until = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "news_items"


class Concerned(models.Model):
    """An account that an outage by address concerns."""

    item = models.ForeignKey(News, models.DO_NOTHING)
    account = models.ForeignKey(Account, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "news_concerned"


class NewsRead(models.Model):
    """Who has marked what as read."""

    item = models.ForeignKey(News, models.DO_NOTHING)
    identity = models.ForeignKey(Identity, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "news_reads"
