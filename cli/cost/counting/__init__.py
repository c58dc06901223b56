"""Count what orders ask of AWS on the offline cloud."""
