"""The process that loads the application for --preload, and makes each worker by a fork of itself.

Its server sends FORK with the worker's ends of its channels beside it, and WAIT for a worker that has ended, whose parent
this process is. Nothing else runs here: a fork copies the thread that calls it, and no other.
"""

import _socket
import gc
import os
import sys

from glass_worker.channel import EXITED, FORK, FORKED, HEADER, QUIT, U32, WAIT, breach

MAX_ORDER = 4096  # bytes of a payload
RIGHTS = _socket.CMSG_SPACE(4 * 4) if hasattr(_socket, "CMSG_SPACE") else 0  # channel, lifeline, outbox, bell


def make_workers(sock, lifeline, tell):
    """Return in each worker that is made: its channel, lifeline, outbox or None, bell or None, and title; in this process at
    the end: None."""
    if len(sys._current_frames()) > 1:
        sys.stderr.write(
            "--preload: the application started threads while it was imported. They run in the process that loads it, and in "
            "no worker: start them when the first request comes, or leave out --preload\n")  # fmt: skip
    gc.collect()
    gc.freeze()  # the collector writes to what it looks at, and memory that is written to is shared no more
    while True:
        kind, payload, descriptors = receive(sock)
        if kind == QUIT:
            return None
        if kind == WAIT:
            tell(EXITED, end_of(U32.unpack(payload)[0]))
            continue
        if kind != FORK or len(descriptors) < 2:
            breach("no order for the process of --preload")
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            tell(FORKED, (0, str(error)))
        else:
            lead_group(pid)
            if pid == 0:
                lifeline.close()  # the channel is closed by now: Channel.leave
                return (
                    _socket.socket(fileno=descriptors[0]), _socket.socket(fileno=descriptors[1]),
                    *(descriptors[2:] + [None, None])[:2], os.fsdecode(payload))  # fmt: skip
            tell(FORKED, (pid, ""))
        for descriptor in descriptors:
            os.close(descriptor)


def lead_group(pid):
    """The worker leads a group of its own, which the server ends. It may do so as soon as it is told of the worker, so this
    process says it, too; whoever comes second finds it said."""
    try:
        os.setpgid(pid, pid)
    except OSError:  # the worker has ended
        pass


def end_of(pid):
    try:
        return pid, os.waitpid(pid, 0)[1]
    except ChildProcessError:  # the application waits for all children, or ignores SIGCHLD
        return pid, -1


def receive(sock):
    data, descriptors = b"", []
    while len(data) < HEADER.size or len(data) < HEADER.size + HEADER.unpack_from(data)[0]:
        more, control, _, _ = sock.recvmsg(HEADER.size + MAX_ORDER - len(data), RIGHTS)
        if not more:
            os._exit(0)  # the server is gone
        data += more
        for level, kind, rights in control:
            if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
                descriptors += [U32.unpack_from(rights, at)[0] for at in range(0, len(rights) // 4 * 4, 4)]
    length, _, kind = HEADER.unpack_from(data)
    if length > MAX_ORDER or len(data) > HEADER.size + length:
        breach("two orders at a time")
    return kind, data[HEADER.size :], descriptors
