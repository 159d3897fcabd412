"""What the responses of a two-stage generator follow."""
