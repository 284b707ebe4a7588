#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

// What a process does when a signal ends it. In C, because a handler may run at any instruction of any thread, where it may
// neither allocate nor lock nor start a thread, and no Swift code is known to do none of that.

/// Something to undo, or to name, when a signal ends the process.
typedef struct csys_note csys_note;

/// A half-written file, which is removed. Null when there is no memory for it.
csys_note *_Nullable csys_note_file(const char *path);

/// A new directory, which is removed if nothing lies in it. Null when there is no memory for it.
csys_note *_Nullable csys_note_directory(const char *path);

/// A file that is mapped at `count` bytes from `base`. Null when there is no memory for it.
///
/// - Parameter name: What a message calls it.
csys_note *_Nullable csys_note_mapping(const char *name, const void *base, size_t count);

/// The noted thing is no longer there, or has become whole.
void csys_forget(csys_note *_Nullable note);

/// The name of the file that is mapped at an address; null when none is. It is the caller's, to free.
char *_Nullable csys_mapped_name(const void *address);

/// Between these two calls no signal ends the process: for steps that leave something behind when they are torn apart.
void csys_begin_step(void);
void csys_end_step(void);

/// From now on SIGINT, SIGTERM and SIGHUP, unless they are ignored, undo what is noted, say so on standard error and end the
/// process with status 128 plus their number. A file that is cut short while it is mapped (SIGBUS) is named, and the
/// status is `bad_data`. Writing beyond the limit of file sizes (SIGXFSZ) and to a pipe that nobody reads (SIGPIPE) become
/// errors of the call. What is said is a JSON object if `json` is set.
void csys_handle_signals(int bad_data, bool json);

/// While signals wait, the first of them is only kept, for the process to end of itself; the second ends it as ever.
void csys_let_signals_wait(bool wait);

/// The signal that waits; 0 when none does.
int csys_waiting_signal(void);

/// Ends the process as a signal does.
///
/// - Parameter message: What is said; null says what is always said.
_Noreturn void csys_end_on_signal(int number, const char *_Nullable message);

/// Whether the process was started so that writing to a pipe that nobody reads ends it.
bool csys_ends_on_closed_pipe(void);

/// Whether names in a directory that differ by case are one name.
bool csys_ignores_case(const char *directory);

/// Tells the processor that the thread waits for another.
static inline void csys_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#pragma clang assume_nonnull end

#endif
