"""Every interval that a claim, a figure or the audit states."""
