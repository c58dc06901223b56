"""Dead letters of every hop: found, understood, and put back where they failed."""
