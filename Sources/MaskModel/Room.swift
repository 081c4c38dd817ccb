enum MaskModelRoom {}
