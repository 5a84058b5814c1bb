"""Ways into the training loops of others: hooks for PyTorch, callbacks for Lightning, Hugging Face and Keras."""
