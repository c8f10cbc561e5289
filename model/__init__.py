"""The golden model: MGD in integers, bit-exact with the gateware, vectorised over runs.

Every array has the run as its first axis. Files mirror those of hdl/.
"""
