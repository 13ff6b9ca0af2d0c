"""The rules of ``make lint`` that no library has."""
