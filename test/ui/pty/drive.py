# Runs a program on a terminal of its own, waits until it draws, does one thing to it, and says as JSON what it left behind.
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

action = sys.argv[1]
command = sys.argv[2:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.close(master)
    os.execvp(command[0], command)

output = b''

def read(seconds):
    global output
    end = time.time() + seconds
    while time.time() < end:
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            try:
                output += os.read(master, 65536)
            except OSError:
                return
        if exited():
            return

code = None

def exited():
    global code
    if code is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
    return code is not None

deadline = time.time() + 40
while b'Images' not in output and time.time() < deadline and not exited():
    read(0.2)
read(0.3)
started = time.time()
lost = action == 'lost'
if lost:
    os.close(master)
    os.close(slave)
elif action.startswith('SIG'):
    os.kill(pid, getattr(signal, action))
else:
    os.write(master, action.encode().decode('unicode_escape').encode())
while not exited() and time.time() - started < 15:
    if lost:
        time.sleep(0.02)
    else:
        read(0.1)
seconds = time.time() - started
if code is None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
same = True
if not lost:
    while select.select([master], [], [], 0.1)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        output += chunk
    same = termios.tcgetattr(slave)[:4] == before[:4]
print(json.dumps({'code': code, 'seconds': seconds, 'same': same, 'output': output.decode('utf8', 'replace')}))
