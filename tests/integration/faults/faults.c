// Makes system calls of one kind fail on demand, as the kernel would: loaded with LD_PRELOAD into the relay under test.
// FAULTS names a file of five 32-bit numbers that the test writes while the relay runs: the kind, the errno, how many calls
// of that kind still fail, and how many calls come through before each that fails; the fifth counts those that failed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, OPEN, READ_FILE, READ_SOCKET, WRITE_FILE, WRITE_SOCKET, ACCEPT, CONNECT };

static struct {
  uint32_t kind, error, left, every, failed;
} *control;
static uint32_t calls;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("FAULTS");
  if (!path) return;
  // Not by open: that is one of the calls below.
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR);
  if (fd < 0) abort();
  control = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (control == MAP_FAILED) abort();
  syscall(SYS_close, fd);
}

static int fails(enum kind kind) {
  if (!control || control->kind != kind || control->left == 0) return 0;
  if (control->every > 0 && __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % (control->every + 1) != 0) return 0;
  __atomic_sub_fetch(&control->left, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
  errno = control->error;
  return 1;
}

// Neither pipes nor the eventfds by which Node's threads wake each other: those never fail.
static enum kind of(int fd, enum kind file, enum kind sock) {
  struct stat st;
  if (!control || control->left == 0 || fstat(fd, &st) != 0) return NONE;
  return S_ISREG(st.st_mode) ? file : S_ISSOCK(st.st_mode) ? sock : NONE;
}

#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define OPENING(name)                                                          \
  int name(const char *path, int flags, ...) {                                 \
    va_list list;                                                              \
    va_start(list, flags);                                                     \
    mode_t mode = va_arg(list, mode_t);                                        \
    va_end(list);                                                              \
    NEXT(name);                                                                \
    return fails(OPEN) ? -1 : next(path, flags, mode);                         \
  }
OPENING(open)
OPENING(open64)

#define WRAP(result, name, file, sock, parameters, arguments)                  \
  result name parameters {                                                     \
    NEXT(name);                                                                \
    enum kind kind = of(fd, file, sock);                                       \
    return kind != NONE && fails(kind) ? -1 : next arguments;                  \
  }
WRAP(ssize_t, read, READ_FILE, READ_SOCKET, (int fd, void *to, size_t count), (fd, to, count))
WRAP(ssize_t, pread, READ_FILE, NONE, (int fd, void *to, size_t count, off_t at), (fd, to, count, at))
WRAP(ssize_t, pread64, READ_FILE, NONE, (int fd, void *to, size_t count, off64_t at), (fd, to, count, at))
WRAP(ssize_t, write, WRITE_FILE, WRITE_SOCKET, (int fd, const void *from, size_t count), (fd, from, count))
WRAP(ssize_t, pwrite, WRITE_FILE, NONE, (int fd, const void *from, size_t count, off_t at), (fd, from, count, at))
WRAP(ssize_t, pwrite64, WRITE_FILE, NONE, (int fd, const void *from, size_t count, off64_t at), (fd, from, count, at))
WRAP(ssize_t, writev, WRITE_FILE, WRITE_SOCKET, (int fd, const struct iovec *from, int count), (fd, from, count))
WRAP(ssize_t, sendmsg, NONE, WRITE_SOCKET, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
WRAP(ssize_t, recvmsg, NONE, READ_SOCKET, (int fd, struct msghdr *message, int flags), (fd, message, flags))

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  NEXT(accept4);
  return fails(ACCEPT) ? -1 : next(fd, address, length, flags);
}

int accept(int fd, struct sockaddr *address, socklen_t *length) {
  NEXT(accept);
  return fails(ACCEPT) ? -1 : next(fd, address, length);
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  NEXT(connect);
  return fails(CONNECT) ? -1 : next(fd, address, length);
}
