enum MaskDBRoom {}
