"""Theming: a brand book becomes checked colour roles, one stylesheet, marks, templates by layer and hashed files.

Knows core only. Pages are put together in web/; rules of style and macros live in themes/.
"""

from lkportal.theming.brand.book import BrandBook, plain_book
from lkportal.theming.brand.file import load_book
from lkportal.theming.errors import BrandError
from lkportal.theming.files.assets import Asset, AssetIndex
from lkportal.theming.templates.layers import Layer, chain, folder_layer
from lkportal.theming.templates.loaders import Environments, environment, text_environment
from lkportal.theming.theme import Theme, build_theme
from lkportal.theming.themes import ThemeFile, installed_themes, read_theme, theme_chain

__all__ = [
    "Asset",
    "AssetIndex",
    "BrandBook",
    "BrandError",
    "Environments",
    "Layer",
    "Theme",
    "ThemeFile",
    "build_theme",
    "chain",
    "environment",
    "folder_layer",
    "installed_themes",
    "load_book",
    "plain_book",
    "read_theme",
    "text_environment",
    "theme_chain",
]
