"""Networks before and after training: pretrained weights, the device, the ONNX graph."""
