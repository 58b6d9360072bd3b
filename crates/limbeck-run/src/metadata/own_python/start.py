import sys
if sys.version_info < (3, 8):
    sys.stdin.readline()
    print('{"unfit": "is Python %d.%d; it takes 3.8 or newer"}' % sys.version_info[:2])
    sys.exit(0)
script = sys.argv.pop()
sys.argv[0] = "alembic"
# Alembic's own program has no folder of its caller in the search path.
sys.path[:] = [path for path in sys.path if path]
exec(compile(script, "<limbeck>", "exec"), {"__name__": "limbeck"})
