"""`mgd wave`: the first steps of the gateware, as a picture and for a viewer of waveforms."""
