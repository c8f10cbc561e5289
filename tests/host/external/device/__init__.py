"""An optimizer for an external plant on its bus."""
