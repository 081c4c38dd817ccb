enum MaskIngestRoom {}
