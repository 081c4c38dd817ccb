enum MaskReportsRoom {}
