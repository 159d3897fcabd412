"""The rules that judge claims, a few to a room: functions of rows and checked parameters, registered by `@rule(name)`."""
