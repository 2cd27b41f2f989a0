"""Imported by the server that crash points fork from: everything a portal loads and computes once is done here, so that a fork
starts in a tenth of a second. Nobody else imports it."""

import tempfile

from lkportal.testing import crashes, portals

__all__ = ["crashes"]

with tempfile.TemporaryDirectory() as _folder:
    portals.Recipe(portals.settings(f"sqlite:///{_folder}/none.db", _folder)).portal()
