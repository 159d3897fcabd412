"""Claims: judged by rules, kept in claims.json."""
