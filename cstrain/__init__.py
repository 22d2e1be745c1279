"""Training, assessment and certification of online-shop customer-service agents."""
