"""The rules that judge claims, a few to a room: a class with its parameters, registered by `@rule(name)`; rows in, verdict out."""
