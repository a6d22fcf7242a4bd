"""Draws found by their address, and what is made of uniforms."""
