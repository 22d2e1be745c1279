"""The desk: what agents need while customers wait, and what the shop tells them."""
