enum ByteFormatsRoom {}
