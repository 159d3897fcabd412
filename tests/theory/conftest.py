from hypothesis import settings

# Examples are a function of the test alone: a run that passes once passes always.
settings.register_profile("theory", derandomize=True, deadline=None, max_examples=80)
settings.load_profile("theory")
