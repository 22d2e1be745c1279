"""The technical base: database, clock, language, content files. It knows no training word."""
