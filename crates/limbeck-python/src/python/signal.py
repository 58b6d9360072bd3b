"""`signal`: numbers only; Limbeck itself handles signals."""

SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD = 1, 2, 3, 9, 10, 12, 13, 14, 15, 17
SIG_DFL, SIG_IGN = 0, 1


def signal(number, handler):
    raise PermissionError("migration scripts cannot handle signals")


alarm = setitimer = raise_signal = siginterrupt = pthread_kill = signal


def getsignal(number):
    return SIG_DFL


def default_int_handler(number, frame):
    raise KeyboardInterrupt
