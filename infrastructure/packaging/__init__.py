"""The code that is uploaded to Lambda: bundles, the layer and their bytecode."""
