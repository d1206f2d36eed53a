/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Betting on signs: a test that may be looked at after every observation and stopped at any time.
 *
 * A gambler starts with wealth 1 and stakes a share of it on every sign being +1. The share is
 * learnt from the past only. If every sign is a fair (or unfavourable) coin given the past, wealth
 * is a non-negative (super)martingale, and by Ville's inequality it ever reaches 1/a with
 * probability at most a, whatever the distribution, the dependence or the stopping rule.
 * Order of calls: rs_bet_init, then rs_bet_add per observation; read at any time. */
#ifndef RS_STATS_BET_H
#define RS_STATS_BET_H

#include <glib.h>

#define RS_BET_PRIOR_WEIGHT 3.0 /* the first stakes count as if three signs had been seen ... */
#define RS_BET_PRIOR_STAKE  0.4 /* ... that advised this stake */
#define RS_BET_MAX_STAKE    0.9 /* one lost bet never ruins the gambler */
#define RS_BET_MAX_WEALTH   1e300
#define RS_BET_MIN_WEALTH   1e-300

typedef struct {
    double wealth;     /* the e-value now */
    double max_wealth; /* highest so far, >= 1 */
    gint32 n;          /* signs seen, ties included */
    gint32 s1;         /* sum of the signs */
    gint32 s2;         /* sum of their squares: signs that were not ties */
} RsBet;

void rs_bet_init(RsBet *bet);

/* The next stake before it is kept within bounds is base + slope x s1. Opposite bets on the same
 * signs share both numbers. */
typedef struct {
    double base, slope;
} RsBetStake;

static inline RsBetStake rs_bet_stake(const RsBet *bet)
{
    double per_sign = 1 / (RS_BET_PRIOR_WEIGHT + bet->n);

    return (RsBetStake){RS_BET_PRIOR_WEIGHT * RS_BET_PRIOR_STAKE * per_sign,
                        per_sign * bet->n / (bet->s2 + 1)};
}

/* As rs_bet_add, with a stake found by the caller. */
static inline void rs_bet_add_at(RsBet *bet, int sign, RsBetStake stake)
{
    double share = stake.base + stake.slope * bet->s1;

    share = share < RS_BET_MAX_STAKE ? share : RS_BET_MAX_STAKE;
    share = share > 0 ? share : 0;
    bet->wealth *= 1 + share * sign;
    bet->wealth = bet->wealth < RS_BET_MAX_WEALTH ? bet->wealth : RS_BET_MAX_WEALTH;
    bet->wealth = bet->wealth > RS_BET_MIN_WEALTH ? bet->wealth : RS_BET_MIN_WEALTH;
    bet->max_wealth = bet->wealth > bet->max_wealth ? bet->wealth : bet->max_wealth;
    bet->n++;
    bet->s1 += sign;
    bet->s2 += sign * sign;
}

/* Takes one sign: +1 won, -1 lost, 0 a tie on which nothing is bet. The stake is
 * (3 x 0.4 + n s1 / (s2 + 1)) / (3 + n), kept within 0..0.9, from the signs before this one.
 * Inline and without branches because replays call it millions of times. Wealth is kept within
 * 1e+-300; the floor lifts the bound of Ville's inequality by less than 1e-290.
 * Source Waudby-Smith and Ramdas (2024), JRSS B 86: betting with a predictable plug-in stake. */
static inline void rs_bet_add(RsBet *bet, int sign)
{
    rs_bet_add_at(bet, sign, rs_bet_stake(bet));
}

/* The anytime-valid p-value: min(1, 1 / highest wealth so far). */
double rs_bet_p(const RsBet *bet);

/* The fewest signs, all won, that bring the wealth above `wealth` (strictly). */
guint rs_bet_fewest(double wealth);

#endif
