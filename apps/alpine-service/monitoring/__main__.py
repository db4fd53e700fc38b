"""`python -m monitoring` beside this folder writes what is made of its code."""

from monitoring.making import made

for file, text in made().items():
    file.write_text(text, "utf-8")
