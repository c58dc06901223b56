"""`orderbus smoke`: one synthetic order through a deployed stage."""
