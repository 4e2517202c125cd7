"""What an upgrade takes, as its runbook has it done."""
