/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that does what it is told, so that a test knows what its series must show. Commands
 * are single bytes on stdin; each is answered with a byte when it is done:
 *   m 32 MB of memory, touched        c 100 ms of CPU time     f 40 more descriptors
 *   r reads and writes 1 MB each      s 50 short sleeps        t 8 threads that wait
 *   n a name of its own, ") 1 (x"     z the first thread ends, the others go on
 *   q ends */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_BYTES (32 << 20)
#define IO_BYTES     (1 << 20)

static void *wait_for_ever(void *data)
{
    (void)data;
    for (;;)
        pause();
    return NULL;
}

static void start_thread(void *(*body)(void *))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, body, NULL) != 0)
        _exit(3);
}

static void take_memory(void)
{
    volatile char *memory = malloc(MEMORY_BYTES);

    for (size_t i = 0; memory && i < MEMORY_BYTES; i += 1024)
        memory[i] = (char)i;
}

static void burn(void)
{
    struct timespec start, now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < 100000000L);
}

static void move_bytes(void)
{
    static char bytes[IO_BYTES];
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (read(zero, bytes, sizeof bytes) != IO_BYTES || write(null, bytes, sizeof bytes) != IO_BYTES)
        _exit(3);
    close(zero);
    close(null);
}

static void *obey(void *data)
{
    struct timespec short_time = {.tv_nsec = 100000};
    char command;

    (void)data;
    while (read(0, &command, 1) == 1) {
        switch (command) {
        case 'm':
            take_memory();
            break;
        case 'c':
            burn();
            break;
        case 'f':
            for (int i = 0; i < 40; i++)
                (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
            break;
        case 'r':
            move_bytes();
            break;
        case 's':
            for (int i = 0; i < 50; i++)
                nanosleep(&short_time, NULL);
            break;
        case 't':
            for (int i = 0; i < 8; i++)
                start_thread(wait_for_ever);
            break;
        case 'n':
            prctl(PR_SET_NAME, ") 1 (x");
            break;
        case 'z':
            start_thread(obey);
            if (write(1, &command, 1) != 1)
                _exit(3);
            pthread_exit(NULL);
        case 'q':
            _exit(7);
        }
        if (write(1, &command, 1) != 1)
            _exit(3);
    }
    _exit(0);
}

int main(void)
{
    obey(NULL);
}
