/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program whose merge requests tests/interop/check-gitlab-jobs.sh judges. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define N_VALUES 400000
#define N_ROUNDS 20
#define N_CHECKS 1 /* a change that makes it slower makes this 5 */

static uint64_t table[N_VALUES];

__attribute__((noinline)) static void scramble(void)
{
    for (unsigned i = 1; i < N_VALUES; i++)
        table[i] = (table[i] ^ (table[i - 1] << 13)) * UINT64_C(0x9e3779b97f4a7c15) + i;
}

__attribute__((noinline)) static uint64_t checksum(uint64_t sum)
{
    for (unsigned i = 0; i < N_VALUES; i++)
        sum = (sum ^ table[i]) * UINT64_C(0x100000001b3);
    return sum;
}

int main(void)
{
    uint64_t sum = 0;

    for (unsigned round = 0; round < N_ROUNDS; round++) {
        scramble();
        for (unsigned check = 0; check < N_CHECKS; check++)
            sum = checksum(sum);
    }
    printf("sum %" PRIx64 "\n", sum);
    return 0;
}
