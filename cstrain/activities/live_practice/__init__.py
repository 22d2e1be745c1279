"""Live practice: a made customer writes, the agent answers, the rules say what was answered."""
