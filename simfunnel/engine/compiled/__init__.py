"""The model to ask thousands of times: the life of `engine.reference` as one compiled loop over arrays."""
