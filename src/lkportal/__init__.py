"""lkportal: a white-label framework for the account area of a company."""

__version__ = "0.1.0"
