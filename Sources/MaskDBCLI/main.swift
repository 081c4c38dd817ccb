print("maskdb")
