"""Reads pictures, loads releases and classifies pictures. A leaf: it imports no other package of Callus."""
