"""Orders: takes orders in through both doors, and decides whether they are confirmed or cancelled."""
