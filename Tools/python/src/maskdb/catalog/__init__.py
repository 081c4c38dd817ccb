"""Catalogs, read without the program."""

from maskdb.catalog.catalog import Catalog, open_catalog

__all__ = ["Catalog", "open_catalog"]
