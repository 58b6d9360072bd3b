"""A small `asyncio`: coroutines run to their end, one after the other. Nothing here waits for a socket, for there are none."""

import time


class CancelledError(BaseException):
    pass


class InvalidStateError(Exception):
    pass


TimeoutError = TimeoutError


def iscoroutine(thing):
    return hasattr(thing, "send") and hasattr(thing, "throw") and hasattr(thing, "close")


def iscoroutinefunction(function):
    code = getattr(function, "__code__", None)
    return bool(code and code.co_flags & 0x80)


def _drive(awaitable):
    if isinstance(awaitable, Future):
        return awaitable.result()
    iterator = awaitable if iscoroutine(awaitable) else awaitable.__await__()
    try:
        while True:
            iterator.send(None)
    except StopIteration as stop:
        return stop.value


class Future:
    def __init__(self, *, loop=None):
        self._done = False
        self._result = self._exception = None

    def set_result(self, result):
        self._done, self._result = True, result

    def set_exception(self, exception):
        self._done, self._exception = True, exception

    def done(self):
        return self._done

    def cancelled(self):
        return False

    def cancel(self, msg=None):
        return False

    def add_done_callback(self, callback, *, context=None):
        callback(self)

    def exception(self):
        return self._exception

    def result(self):
        if self._exception is not None:
            raise self._exception
        if not self._done:
            raise InvalidStateError("Result is not set.")
        return self._result

    def __await__(self):
        return self.result()
        yield

    __iter__ = __await__


class Task(Future):
    """Runs at once; its outcome is kept for whoever awaits it."""

    def __init__(self, coroutine, *, loop=None, name=None, context=None):
        Future.__init__(self)
        try:
            self.set_result(_drive(coroutine))
        except Exception as error:
            self.set_exception(error)


class AbstractEventLoop:
    def run_until_complete(self, awaitable):
        global _running
        _running += 1
        try:
            return _drive(awaitable)
        finally:
            _running -= 1

    def create_task(self, coroutine, *, name=None, context=None):
        return Task(coroutine)

    def create_future(self):
        return Future()

    def run_in_executor(self, executor, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future

    def is_running(self):
        return _running > 0

    def is_closed(self):
        return False

    def time(self):
        return time.monotonic()

    def close(self):
        pass

    stop = close

    def shutdown_asyncgens(self):
        return sleep(0)

    shutdown_default_executor = shutdown_asyncgens


BaseEventLoop = AbstractEventLoop
_loop = AbstractEventLoop()
_running = 0


def get_event_loop():
    return _loop


new_event_loop = get_event_loop


def set_event_loop(loop):
    pass


def get_running_loop():
    if not _running:
        raise RuntimeError("no running event loop")
    return _loop


def _get_running_loop():
    return _loop if _running else None


def run(main, *, debug=None, loop_factory=None):
    if not iscoroutine(main):
        raise ValueError("a coroutine was expected, got %r" % (main,))
    return _loop.run_until_complete(main)


class Runner:
    def __init__(self, *, debug=None, loop_factory=None):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    close = __enter__

    def run(self, coroutine, *, context=None):
        return run(coroutine)

    def get_loop(self):
        return _loop


class _Done:
    def __init__(self, value=None):
        self.value = value

    def __await__(self):
        return self.value
        yield


async def sleep(delay, result=None):
    if delay > 0:
        time.sleep(delay)
    return result


async def gather(*awaitables, return_exceptions=False):
    results = []
    for awaitable in awaitables:
        try:
            results.append(await awaitable)
        except Exception as error:
            if not return_exceptions:
                raise
            results.append(error)
    return results


async def wait_for(awaitable, timeout):
    return await awaitable


async def shield(awaitable):
    return await awaitable


async def to_thread(function, /, *arguments, **keywords):
    return function(*arguments, **keywords)


def create_task(coroutine, *, name=None, context=None):
    return Task(coroutine)


def ensure_future(thing, *, loop=None):
    return thing if isinstance(thing, Future) else Task(thing)


def current_task(loop=None):
    return None


class _Manager:
    def __init__(self, value=1, *, loop=None):
        self._value = value

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *exception):
        self.release()

    async def acquire(self):
        self._value -= 1
        return True

    def release(self):
        self._value += 1

    def locked(self):
        return self._value <= 0


class Lock(_Manager):
    pass


class Semaphore(_Manager):
    pass


class BoundedSemaphore(_Manager):
    pass


class Event:
    def __init__(self):
        self._set = False

    def set(self):
        self._set = True

    def clear(self):
        self._set = False

    def is_set(self):
        return self._set

    async def wait(self):
        if not self._set:
            raise RuntimeError("the event is never set: coroutines run one after the other here")
        return True


class DefaultEventLoopPolicy:
    def get_event_loop(self):
        return _loop

    new_event_loop = get_event_loop


WindowsSelectorEventLoopPolicy = WindowsProactorEventLoopPolicy = DefaultEventLoopPolicy


def get_event_loop_policy():
    return DefaultEventLoopPolicy()


def set_event_loop_policy(policy):
    pass
