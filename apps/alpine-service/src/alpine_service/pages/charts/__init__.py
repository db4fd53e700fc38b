"""Charts as SVG, made on the server: whole without scripts, in print and read out."""
