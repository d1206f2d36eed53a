/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/bet.h"

void rs_bet_init(RsBet *bet)
{
    *bet = (RsBet){.wealth = 1, .max_wealth = 1};
}

double rs_bet_p(const RsBet *bet)
{
    return MIN(1, 1 / bet->max_wealth);
}

guint rs_bet_fewest(double wealth)
{
    RsBet bet;

    rs_bet_init(&bet);
    while (!(bet.wealth > wealth) && bet.wealth < RS_BET_MAX_WEALTH)
        rs_bet_add(&bet, 1);
    return (guint)bet.n;
}
