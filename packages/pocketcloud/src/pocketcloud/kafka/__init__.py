"""Topics of clusters outside AWS that event source mappings read; tests put records on them."""
