"""Execute the workbooks of many regions, and make results again to compare."""
