enum MaskQueryRoom {}
