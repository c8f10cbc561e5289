"""`mgd report`: all that is known of a config on one page of HTML."""
