"""The daemon and the single pass: who watches, who reads, in which order, and how all of it is doing. Knows no pages."""
