"""Report-ins in the office: the queue, the counter, paper forms, addresses without a poster, figures."""
