"""The training core: people, items, evidence, catalogue, certification, pathway."""
