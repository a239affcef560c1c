"""From graphs of PyTorch to ONNX files, one group of operators a file."""
