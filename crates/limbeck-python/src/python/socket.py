"""`socket`: migration scripts reach nothing but their database."""

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM = 1, 2
SOL_SOCKET, SO_REUSEADDR, SO_KEEPALIVE = 1, 2, 9
error = OSError
timeout = TimeoutError
_GLOBAL_DEFAULT_TIMEOUT = object()
IPPROTO_TCP, TCP_NODELAY, SOMAXCONN, SHUT_RDWR = 6, 1, 128, 2
has_ipv6 = True


class socket:
    """There are no sockets."""

    def __init__(self, *arguments, **keywords):
        raise PermissionError("migration scripts cannot open connections (socket)")


SocketType = socket


class gaierror(OSError):
    pass


class herror(OSError):
    pass


def gethostname():
    return "localhost"


getfqdn = gethostname


def create_connection(*arguments, **keywords):
    raise PermissionError("migration scripts cannot open connections (socket)")


getdefaulttimeout = lambda: None  # noqa: E731
getaddrinfo = gethostbyname = gethostbyaddr = socketpair = create_server = setdefaulttimeout = create_connection


class socket:
    def __init__(self, *arguments, **keywords):
        create_connection()


SocketType = socket
