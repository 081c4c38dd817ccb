enum MaskFilesRoom {}
