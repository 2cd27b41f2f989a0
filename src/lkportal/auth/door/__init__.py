"""The door: signing in, what every way in ends with, crossing to another host of the portal, going out."""
