"""What a built site, and pages as they are browsed, must be."""
