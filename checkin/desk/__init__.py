"""What the office does about report-ins beside the queue: addresses, the counter, paper forms, figures."""
