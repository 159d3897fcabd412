"""Many small networks trained as one batched computation, each as if it were trained alone."""
