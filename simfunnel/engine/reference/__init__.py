"""The model to read: a SimPy simulation of every lead, rep and pool."""
