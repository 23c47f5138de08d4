// LD_PRELOAD=kill_at.so KILL_AT=N: the process group is killed at the N-th call of reburst that changes a file, a write
// half way through; with KILL_STOP=1 that process alone is stopped instead, before the call. KILL_COUNT=FILE: the
// number of such calls is written there, and which of them was the last to rename. KILL_TEMP=FILE: the folders made
// below /tmp are written there, for who asks what is left of them. Tests of what a kill leaves behind: what only syncs
// or changes a mode is no step, as the next one finds the same, but for the sync right after a rename, which may be the
// last call. Nor is it one to sweep where gpg worked for others that were killed: how many there are is chance.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// One for a process and those that it forks; what it executes (gpg) is not counted.
struct Shared {
  atomic_long calls, last_rename;
};
static struct Shared* shared;
static long at;
static int count = -1, temp = -1, stop;
static int swept = -1;  // a folder that is locked to be removed

__attribute__((constructor)) static void begin(void) {
  if (strcmp(program_invocation_short_name, "reburst") != 0) return;
  void* page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) abort();
  shared = page;
  const char* text = getenv("KILL_AT");
  at = text ? atol(text) : 0;
  stop = getenv("KILL_STOP") != NULL;
  if ((text = getenv("KILL_COUNT"))) count = creat(text, 0644);
  if ((text = getenv("KILL_TEMP"))) temp = creat(text, 0644);
}

// The number is there whatever ends the process.
static int due(void) {
  if (!shared || swept >= 0) return 0;
  const long now = atomic_fetch_add(&shared->calls, 1) + 1;
  if (count >= 0) {
    char text[64];
    const int size = snprintf(text, sizeof text, "%ld %ld\n", now, atomic_load(&shared->last_rename));
    (void)!((ssize_t(*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite"))(count, text, (size_t)size, 0);
  }
  if (now == at && stop) raise(SIGSTOP);
  return now == at && !stop;
}

static void renames(void) {
  if (shared) atomic_store(&shared->last_rename, atomic_load(&shared->calls) + 1);
}

// With its group and its parent, if that is of this session: a supervisor must not clear up behind it.
static void die(void) {
  if (getsid(getppid()) == getsid(0)) kill(getppid(), SIGKILL);
  kill(0, SIGKILL);
}

static void step(void) {
  if (due()) die();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(result, name, parameters, arguments) \
  result name parameters {                        \
    step();                                       \
    return REAL(name) arguments;                  \
  }

int rename(const char* a, const char* b) {
  renames();
  step();
  return REAL(rename)(a, b);
}

int renameat2(int f, const char* a, int g, const char* b, unsigned flags) {
  renames();
  step();
  return REAL(renameat2)(f, a, g, b, flags);
}

WRAP(int, link, (const char* a, const char* b), (a, b))
WRAP(int, linkat, (int f, const char* a, int g, const char* b, int flags), (f, a, g, b, flags))
WRAP(int, symlink, (const char* a, const char* b), (a, b))
WRAP(int, unlink, (const char* a), (a))
// The sockets of gpg's agent go with it or with its folder, whichever is first.
int unlinkat(int f, const char* a, int flags) {
  if (strncmp(a, "S.", 2) != 0 && strncmp(a, ".#lk", 4) != 0) step();
  return REAL(unlinkat)(f, a, flags);
}

WRAP(int, rmdir, (const char* a), (a))
WRAP(int, mkdir, (const char* a, mode_t mode), (a, mode))
WRAP(int, mkostemp, (char* a, int flags), (a, flags))
WRAP(int, ftruncate, (int f, off_t size), (f, size))

char* mkdtemp(char* name) {
  step();
  char* made = REAL(mkdtemp)(name);
  if (made && temp >= 0 && strncmp(made, "/tmp/", 5) == 0) dprintf(temp, "%s\n", made);
  return made;
}

int flock(int f, int operation) {
  const int locked = REAL(flock)(f, operation);
  char link[32], path[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", f);
  const ssize_t size = readlink(link, path, sizeof path);
  const char ours[] = "/tmp/reburst-openpgp-";
  if (locked == 0 && (operation & LOCK_NB) && size >= (ssize_t)sizeof ours && strncmp(path, ours, sizeof ours - 1) == 0)
    swept = f;
  return locked;
}

int close(int f) {
  if (f == swept) swept = -1;
  return REAL(close)(f);
}

int fsync(int f) {
  if (shared && atomic_load(&shared->calls) == atomic_load(&shared->last_rename)) step();
  return REAL(fsync)(f);
}

ssize_t write(int f, const void* bytes, size_t size) {
  if (f > 2 && due()) {
    if (size > 1) (void)!REAL(write)(f, bytes, size / 2);
    die();
  }
  return REAL(write)(f, bytes, size);
}

ssize_t pwrite(int f, const void* bytes, size_t size, off_t offset) {
  if (due()) {
    if (size > 1) (void)!REAL(pwrite)(f, bytes, size / 2, offset);
    die();
  }
  return REAL(pwrite)(f, bytes, size, offset);
}

ssize_t copy_file_range(int f, off_t* from, int g, off_t* to, size_t size, unsigned flags) {
  if (due()) {
    if (size > 1) (void)!REAL(copy_file_range)(f, from, g, to, size / 2, flags);
    die();
  }
  return REAL(copy_file_range)(f, from, g, to, size, flags);
}

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (flags & (O_CREAT | O_TRUNC)) step();
  return REAL(open)(path, flags, mode);
}
