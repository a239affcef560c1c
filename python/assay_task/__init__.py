"""Makes Assay task packages of PyTorch models."""
