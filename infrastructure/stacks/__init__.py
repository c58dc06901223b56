"""What is deployed together; composition only, no resource is defined here that a component could hold."""
