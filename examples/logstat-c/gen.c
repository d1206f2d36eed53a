/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A web server's log that never was: byte for byte the one that logstat/src/gen.rs writes, where
 * the tables are explained. */
#include "logstat.h"

#include <inttypes.h>
#include <string.h>

#define N_OF(list)       (sizeof(list) / sizeof(*(list)))
#define PICK(dice, list) ((list)[skewed(dice, N_OF(list))])

/* In what follows # becomes a number, @ a hash, $ one of WORDS and ^ a version. */
static const char *const TARGETS[] = {
    "/products/$?ref=home&position=#",
    "/api/v1/users/#/profile?fields=name,avatar,last%5Flogin",
    "/api/v1/users/#/orders?page=#&per%5Fpage=50",
    "/",
    "/static/css/site.min.css?v=^&build=@",
    "/static/js/app.min.js?v=^",
    "/search?q=$+$&page=#&sort=price%5Fasc",
    "/api/v1/orders/#/items/#",
    "/img/thumbs/@/small.png",
    "/products/$/reviews?page=#",
    "/shop/%7Eoffers/$/",
    "/blog/2024/#/how%2Dto%2Dchoose%2D$",
    "/api/v2/sessions/@/refresh",
    "/static/fonts/inter%2Dregular.woff2",
    "/favicon.ico",
    "/help/articles/$?lang=en%2DGB&from=footer",
    "/login?next=%2Faccount%2Forders%2F#",
    "/account/../account/orders/#/invoice.pdf",
    "/api/v1/carts/@/lines/#",
    "/img/%70roducts/@/large.png",
    "//feeds//$.xml",
    "/caf%C3%A9/menu/$",
    "/robots.txt",
    "/api/v1/stock?sku=#&warehouse=#&fresh=true",
    "/static/svg/icons/./$.svg",
    "/wp-login.php",
    "/api/v1/telemetry/@?t=#",
    "/docs/$/install#linux",
    "/admin/reports/#/export?format=csv",
    "/.well-known/security.txt",
};

static const char *const WORDS[] = {
    "lamp",     "desk",        "oak%20table", "chair",   "sofa",  "rug",   "mirror",
    "shelf",    "blue%20vase", "clock",       "curtain", "bench", "stool", "cr%C3%A8me%20cushion",
    "wardrobe", "crate",
};

static const char *const AGENTS[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/12^.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_^ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.^ Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 1^; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12^.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:12^.0) Gecko/20100101 Firefox/12^.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.^ Safari/605.1.15",
    "Mozilla/5.0 (compatible; ExampleBot/2.^; +https://bot.example/about)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:12^.0) Gecko/20100101 Firefox/12^.0",
    "ExampleShop/4.^ (Android 1^; build 4^) okhttp/4.^",
    "curl/8.^.0",
    "ExampleMonitor/1.^ \\\"uptime\\\" check",
    "python-requests/2.3^",
    "-",
};

static const char *const REFERRERS[] = {
    "-",
    "https://shop.example/",
    "https://shop.example/products/$",
    "https://search.example/?q=$",
    "https://www.shop.example/search?page=#",
    "https://News.Example.org:8443/item?id=#",
    "https://social.example/p/@",
    "android-app://com.example.mail",
};

static const char *const METHODS[] = {"GET", "GET", "GET", "GET", "GET", "POST", "HEAD", "PUT"};

static const char *const STATUSES[] = {"200", "200", "200", "200", "304",
                                       "302", "404", "201", "500", "503"};

static const char *const BROKEN[] = {"", "-", "198.51.100.9 - - [04/Mar/2024:10:00",
                                     "\x16\x03\x01"};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t roll(uint64_t *dice)
{
    uint64_t z = *dice += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 .. n-1, all alike. */
static uint64_t below(uint64_t *dice, uint64_t n)
{
    return ((roll(dice) >> 32) * n) >> 32;
}

/* 0 .. n-1, the low ones far more often. */
static uint64_t skewed(uint64_t *dice, uint64_t n)
{
    uint64_t a = below(dice, n), b = below(dice, n);

    return a * b / n;
}

static int put_client(FILE *out, uint64_t *dice)
{
    uint64_t who = skewed(dice, 1500);

    if (who % 5 == 4)
        return fprintf(out, "2001:db8::%" PRIx64 ":%" PRIx64, who, who * 7919 % 65536);
    return fprintf(out, "10.20.%" PRIu64 ".%" PRIu64, who / 200, who * 37 % 256);
}

static int put_filled(FILE *out, const char *template, uint64_t *dice)
{
    int n_bytes = 0;

    for (const char *c = template; *c != '\0'; c++) {
        if (*c == '#')
            n_bytes += fprintf(out, "%" PRIu64, below(dice, 10000));
        else if (*c == '@')
            n_bytes += fprintf(out, "%016" PRIx64, roll(dice) | UINT64_C(1) << 60);
        else if (*c == '$')
            n_bytes += fprintf(out, "%s", PICK(dice, WORDS));
        else if (*c == '^')
            n_bytes += fprintf(out, "%" PRIu64, skewed(dice, 10));
        else
            n_bytes += fprintf(out, "%c", *c);
    }
    return n_bytes;
}

static int put_line(FILE *out, uint64_t time_s, uint64_t *dice)
{
    int n_bytes = put_client(out, dice);

    n_bytes += fprintf(
        out, " - - [%02" PRIu64 "/Mar/2024:%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " +0000] \"",
        time_s / 86400 % 28 + 1, time_s / 3600 % 24, time_s / 60 % 60, time_s % 60);
    n_bytes += fprintf(out, "%s ", PICK(dice, METHODS));
    n_bytes += put_filled(out, PICK(dice, TARGETS), dice);
    n_bytes += fprintf(out, " HTTP/1.1\" %s", PICK(dice, STATUSES));
    uint64_t n_sent = skewed(dice, 60000);
    n_bytes += fprintf(out, " %" PRIu64 " \"", n_sent);
    n_bytes += put_filled(out, PICK(dice, REFERRERS), dice);
    n_bytes += fprintf(out, "\" \"");
    n_bytes += put_filled(out, PICK(dice, AGENTS), dice);
    uint64_t slowest_us = 1 + skewed(dice, 900000);
    uint64_t took_us = 180 + n_sent / 9 + skewed(dice, slowest_us);
    return n_bytes +
           fprintf(out, "\" %" PRIu64 ".%06" PRIu64 "\n", took_us / 1000000, took_us % 1000000);
}

void write_log(FILE *out, uint64_t seed, uint64_t n_bytes)
{
    uint64_t dice = seed, n_written = 0, time_s = 0;

    while (n_written < n_bytes && !ferror(out)) {
        if (below(&dice, 500) == 0) {
            n_written += (uint64_t)fprintf(out, "%s\n", BROKEN[below(&dice, N_OF(BROKEN))]);
        } else {
            time_s += below(&dice, 4);
            n_written += (uint64_t)put_line(out, time_s, &dice);
        }
    }
}
