"""Checks of images, which the package cleanvision makes."""
