#define _GNU_SOURCE
#include "CSystem.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { HALF_WRITTEN_FILE, NEW_DIRECTORY, MAPPED_FILE };

// Notes are linked once and never taken out, only used again, so that a handler may walk them at any time. Whoever takes
// `path` out of a note owns it: the thread that forgets the thing, or the handler.
struct csys_note {
    csys_note *next;
    _Atomic(bool) is_taken;
    enum kind kind;
    _Atomic(char *) path;
    _Atomic(uintptr_t) start;
    _Atomic(uintptr_t) end;
};

static _Atomic(csys_note *) notes;

static csys_note *free_note(void) {
    for (csys_note *note = atomic_load(&notes); note; note = note->next) {
        bool expected = false;
        if (atomic_compare_exchange_strong(&note->is_taken, &expected, true)) return note;
    }
    csys_note *note = calloc(1, sizeof *note);
    if (!note) return NULL;
    atomic_init(&note->is_taken, true);
    csys_note *first = atomic_load(&notes);
    do note->next = first;
    while (!atomic_compare_exchange_weak(&notes, &first, note));
    return note;
}

static csys_note *make_note(enum kind kind, const char *text, uintptr_t start, uintptr_t end) {
    char *path = strdup(text);
    csys_note *note = path ? free_note() : NULL;
    if (!note) {
        free(path);
        return NULL;
    }
    note->kind = kind;
    atomic_store(&note->start, start);
    atomic_store(&note->end, end);
    atomic_store(&note->path, path);
    return note;
}

csys_note *csys_note_file(const char *path) { return make_note(HALF_WRITTEN_FILE, path, 0, 0); }

csys_note *csys_note_directory(const char *path) { return make_note(NEW_DIRECTORY, path, 0, 0); }

csys_note *csys_note_mapping(const char *name, const void *base, size_t count) {
    return make_note(MAPPED_FILE, name, (uintptr_t)base, (uintptr_t)base + count);
}

void csys_forget(csys_note *note) {
    if (!note) return;
    free(atomic_exchange(&note->path, NULL));
    atomic_store(&note->is_taken, false);
}

static csys_note *mapping_at(const void *address) {
    const uintptr_t place = (uintptr_t)address;
    for (csys_note *note = atomic_load(&notes); note; note = note->next) {
        if (atomic_load(&note->path) && note->kind == MAPPED_FILE && place >= atomic_load(&note->start)
            && place < atomic_load(&note->end))
            return note;
    }
    return NULL;
}

char *csys_mapped_name(const void *address) {
    csys_note *note = mapping_at(address);
    const char *name = note ? atomic_load(&note->path) : NULL;
    return name ? strdup(name) : NULL;
}

// MARK: Steps that are not torn apart

static _Atomic(bool) is_ending;
static _Atomic(int) steps;
/// Signals whose handlers end the process.
static sigset_t handled;
static _Thread_local sigset_t mask_before;

void csys_begin_step(void) {
    // A handler that waits for the step must not run on the thread that takes it.
    pthread_sigmask(SIG_BLOCK, &handled, &mask_before);
    atomic_fetch_add(&steps, 1);
    if (!atomic_load(&is_ending)) return;
    atomic_fetch_sub(&steps, 1);
    for (;;) pause();
}

void csys_end_step(void) {
    atomic_fetch_sub(&steps, 1);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}

// MARK: What handlers do

static int bad_data_status;
static bool has_terminal;
static bool speaks_json;
static bool ends_on_closed_pipe;
static struct sigaction bus_action_before;

/// Removes what is noted.
static void undo(void) {
    enum { MOST_DIRECTORIES = 32 };
    char *directories[MOST_DIRECTORIES];
    int count = 0;
    for (csys_note *note = atomic_load(&notes); note; note = note->next) {
        if (note->kind == MAPPED_FILE) continue;
        char *path = atomic_exchange(&note->path, NULL);
        if (!path) continue;
        if (note->kind == HALF_WRITTEN_FILE)
            unlink(path);
        else if (count < MOST_DIRECTORIES)
            directories[count++] = path;
    }
    // Those that lie in others go first, whatever their order.
    for (int round = 0; round < count; round++)
        for (int i = 0; i < count; i++) rmdir(directories[i]);
}

/// Says something on standard error, unless nobody takes it: a process that is to end does not wait for a reader.
static void say(const char *text) {
    struct pollfd stream = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&stream, 1, 0) != 1 || !(stream.revents & POLLOUT)) return;
    const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/// Says a text as a JSON string.
static void say_quoted(const char *text) {
    say("\"");
    for (const char *c = text; *c; c++) {
        char piece[8] = {*c};
        if (*c == '"' || *c == '\\') {
            piece[0] = '\\';
            piece[1] = *c;
        } else if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            const char *const digits = "0123456789abcdef";
            memcpy(piece, "\\u00", 4);
            piece[4] = digits[*c >> 4];
            piece[5] = digits[*c & 15];
        }
        say(piece);
    }
    say("\"");
}

/// Says an error as the object that `--json` makes of one.
static void say_object(int status, const char *file, const char *message) {
    const char number[] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10), 0};
    say("{\"event\":\"error\",\"file\":");
    if (file)
        say_quoted(file);
    else
        say("null");
    say(",\"message\":");
    say_quoted(message);
    say(",\"offset\":null,\"remedy\":null,\"status\":");
    say(status < 100 ? number + 1 : number);
    say(",\"tensor\":null}\n");
}

/// - Parameter file: What an error is about; null when it is none.
static _Noreturn void end(int status, const char *file, const char *message) {
    // A second signal waits for the end that the first makes.
    if (atomic_exchange(&is_ending, true))
        for (;;) pause();
    // A step is a link and a renaming. One that hangs with its disk is not waited for.
    for (int wait = 0; atomic_load(&steps) > 0 && wait < 1000; wait++) poll(NULL, 0, 1);
    undo();
    if (speaks_json) {
        say_object(status, file, message);
        _exit(status);
    }
    // The progress bar's line.
    if (has_terminal) say("\r\033[K");
    if (file) {
        say("Error: ");
        say(file);
        say(": ");
    }
    say(message);
    say("\n");
    _exit(status);
}

static _Atomic(bool) signals_wait;
static _Atomic(int) waiting_signal;

void csys_let_signals_wait(bool wait) { atomic_store(&signals_wait, wait); }

int csys_waiting_signal(void) { return atomic_load(&waiting_signal); }

void csys_end_on_signal(int number, const char *message) {
    // The handler, which waits for an end that another signal makes, must not run on the thread that makes it.
    pthread_sigmask(SIG_BLOCK, &handled, NULL);
    end(128 + number, NULL,
        message ? message : "Interrupted: files already named are whole, nothing half-written is left.");
}

static void end_on_signal(int number) {
    int none = 0;
    if (atomic_load(&signals_wait) && atomic_compare_exchange_strong(&waiting_signal, &none, number)) return;
    csys_end_on_signal(number, NULL);
}

static void end_on_bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    csys_note *note = info->si_code > 0 ? mapping_at(info->si_addr) : NULL;
    const char *name = note ? atomic_load(&note->path) : NULL;
    if (name)
        end(bad_data_status, name, "was cut short, or its disk failed, while it was read");
    // Not of our files: what would have happened without us.
    sigaction(SIGBUS, &bus_action_before, NULL);
    if (info->si_code <= 0) raise(number);
}

void csys_handle_signals(int bad_data, bool json) {
    bad_data_status = bad_data;
    speaks_json = json;
    const char *const terminal = getenv("TERM");
    has_terminal = isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);

    const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before, action = {.sa_handler = end_on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&handled);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        // Ignored: by `nohup`, or in a script's background. It stays so.
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaddset(&handled, ending[i]);
    }
    action.sa_mask = handled;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (sigismember(&handled, ending[i]) == 1) sigaction(ending[i], &action, NULL);

    // A parent's thread may have them blocked, as those of libdispatch have, and a new process takes that over.
    pthread_sigmask(SIG_UNBLOCK, &handled, NULL);

    struct sigaction bus = {.sa_sigaction = end_on_bus_error, .sa_flags = SA_SIGINFO, .sa_mask = handled};
    sigaction(SIGBUS, &bus, &bus_action_before);

    ends_on_closed_pipe = sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_DFL;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

bool csys_ends_on_closed_pipe(void) { return ends_on_closed_pipe; }
