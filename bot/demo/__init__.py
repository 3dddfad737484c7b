"""The demo: a province's week with made-up people, who speak to the real bot as processes apart."""
