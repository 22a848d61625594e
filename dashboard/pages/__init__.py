"""One page a file: asks for figures and places them."""
