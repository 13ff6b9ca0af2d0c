"""Networks before and after they learn: pretrained weights, the device, the ONNX graph."""
