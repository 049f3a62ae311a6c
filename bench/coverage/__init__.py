"""Branch coverage of src/ under the tests, processes that they start included.

    pip install coverage
    python -m bench.coverage [--keep] [--report] [pytest's arguments]

Paths measure a part, and ``--keep`` adds to what earlier parts left; ``--report`` runs nothing and tells what
was kept. After the table of files comes one of areas with exact counts of statements and branches, and one
of the processes that began and those of them that wrote down what they ran (`census`).

Servers start with an environment of their own, so the measurement begins where every interpreter of this
virtual environment does: in a ``.pth`` file of its site-packages, there for as long as the run lasts. What a
process ran before it was killed outright is not counted, but such processes are.
"""
