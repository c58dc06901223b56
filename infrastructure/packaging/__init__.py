"""What is sent to Lambda: bundles, the layer and their bytecode."""
