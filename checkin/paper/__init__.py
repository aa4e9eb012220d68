"""A4 pages from one layout in three formats: what stands on a page (marks), and drawing it as PDF, SVG or PNG.

Pure: takes texts and pictures, gives bytes; no ORM. Lengths are millimetres from the top left corner, font sizes
points. What we draw is black and grey, so that a page leaves a black-and-white printer as it looks on the screen; a
picture that a street uploaded keeps its own colours.
"""
