enum MaskCatalogRoom {}
