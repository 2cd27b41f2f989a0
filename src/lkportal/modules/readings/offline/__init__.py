"""Sending without a network: a page of the meters alone that a device may keep, and what waited there, taken once.
What the device does stands in static/readings/worker.js and waiting.js."""
