"""From candidates to an order: features that can be explained, and a small learnt model over them."""
