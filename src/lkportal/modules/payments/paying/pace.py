"""How patiently others are asked again: about payments, refunds, receipts."""

from datetime import timedelta


def pause(age: timedelta) -> timedelta:
    """Return how long to wait before asking again about what is `age` old: minutes on its first day, hours later."""
    most = timedelta(minutes=10) if age < timedelta(days=1) else timedelta(hours=6)
    return min(max(age / 4, timedelta(seconds=30)), most)
