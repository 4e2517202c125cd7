"""The portal: pages for brokers, agencies, consumers and staff."""
