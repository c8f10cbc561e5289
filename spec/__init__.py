"""What to train, and with which numbers: the one place the golden model and the gateware share.

Pure Python. Nothing here imports another folder of this project.
"""
