"""How the model is known to be right: conformance vectors, recordings of running kernels, and files of your own."""
