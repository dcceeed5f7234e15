"""The command line: ``neurocore run``, ``plan``, ``info`` and ``bench``."""
