"""Tests of the page that `mgd report` writes."""
