"""Exports signed reviews."""
