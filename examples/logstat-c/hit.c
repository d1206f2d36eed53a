/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of the log, taken apart. A hit keeps its buffers for the next line. */
#include "logstat.h"

#include <stdlib.h>
#include <string.h>

/* What is left of the line. Each step takes its field from the front, or says false. */
typedef struct {
    const uint8_t *at, *end;
} Cursor;

static bool take_text(Cursor *cursor, const char *text)
{
    size_t n_bytes = strlen(text);

    if ((size_t)(cursor->end - cursor->at) < n_bytes || memcmp(cursor->at, text, n_bytes) != 0)
        return false;
    cursor->at += n_bytes;
    return true;
}

/* Up to the next blank, which is eaten. */
static bool take_word(Cursor *cursor, Slice *word)
{
    const uint8_t *blank = memchr(cursor->at, ' ', (size_t)(cursor->end - cursor->at));

    if (blank == NULL || blank == cursor->at)
        return false;
    *word = (Slice){cursor->at, (size_t)(blank - cursor->at)};
    cursor->at = blank + 1;
    return true;
}

static bool take_client(Cursor *cursor, Buffer *client)
{
    Slice word;

    if (!take_word(cursor, &word))
        return false;
    for (size_t i = 0; i < word.n_bytes; i++) {
        uint8_t byte = word.at[i];

        if (!is_alnum(byte) && byte != '.' && byte != ':' && byte != '-' && byte != '_')
            return false;
    }
    buffer_set(client, word.at, word.n_bytes);
    return true;
}

/* How many digits are next, n_max + 1 for more than n_max. */
static size_t count_digits(const Cursor *cursor, size_t n_max)
{
    size_t n = 0;

    while (n <= n_max && cursor->at + n < cursor->end && is_digit(cursor->at[n]))
        n++;
    return n;
}

/* A number of exactly n_digits digits. */
static bool take_digits(Cursor *cursor, size_t n_digits, uint64_t *value)
{
    if (n_digits == 0 || count_digits(cursor, n_digits) < n_digits)
        return false;
    *value = 0;
    for (size_t i = 0; i < n_digits; i++)
        *value = *value * 10 + (uint64_t)(*cursor->at++ - '0');
    return true;
}

static bool take_month(Cursor *cursor, uint64_t *month)
{
    static const char *const NAMES[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (*month = 1; *month <= 12; ++*month)
        if (take_text(cursor, NAMES[*month - 1]))
            return true;
    return false;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Days of the Gregorian calendar, by counting from 1 March so that the leap day comes last. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    month += month > 2 ? -3 : 9;
    return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) +
           (month * 153 + 2) / 5 + day - 1 - 719468;
}

/* [12/Mar/2024:06:25:24 +0100] */
static bool take_time(Cursor *cursor, int64_t *time_s)
{
    uint64_t day, month, year, hour, minute, second, zone_hour, zone_minute;

    if (!(take_text(cursor, "[") && take_digits(cursor, 2, &day) && take_text(cursor, "/") &&
          take_month(cursor, &month) && take_text(cursor, "/") && take_digits(cursor, 4, &year) &&
          take_text(cursor, ":") && take_digits(cursor, 2, &hour) && take_text(cursor, ":") &&
          take_digits(cursor, 2, &minute) && take_text(cursor, ":") &&
          take_digits(cursor, 2, &second)))
        return false;
    int64_t east = take_text(cursor, " +") ? 1 : -1;
    if (east < 0 && !take_text(cursor, " -"))
        return false;
    if (!(take_digits(cursor, 2, &zone_hour) && take_digits(cursor, 2, &zone_minute) &&
          take_text(cursor, "]")))
        return false;
    if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || zone_minute > 59)
        return false;
    *time_s = days_since_1970((int64_t)year, (int64_t)month, (int64_t)day) * 86400 +
              (int64_t)(hour * 3600 + minute * 60 + second) -
              east * (int64_t)(zone_hour * 3600 + zone_minute * 60);
    return true;
}

/* "GET /path?query HTTP/1.1" */
static bool take_request(Cursor *cursor, Buffer *method, Buffer *target)
{
    Slice verb, path;

    if (!take_text(cursor, "\"") || !take_word(cursor, &verb) || verb.n_bytes > 16)
        return false;
    for (size_t i = 0; i < verb.n_bytes; i++)
        if (verb.at[i] < 'A' || verb.at[i] > 'Z')
            return false;
    if (!take_word(cursor, &path) || !take_text(cursor, "HTTP/"))
        return false;
    buffer_set(method, verb.at, verb.n_bytes);
    buffer_set(target, path.at, path.n_bytes);
    const uint8_t *version = cursor->at;
    while (cursor->at < cursor->end && (is_digit(*cursor->at) || *cursor->at == '.'))
        cursor->at++;
    return cursor->at > version && take_text(cursor, "\"");
}

/* Bytes sent, or - for none. At most 18 digits, so that it fits. */
static bool take_size(Cursor *cursor, uint64_t *n_sent)
{
    *n_sent = 0;
    if (take_text(cursor, "-"))
        return true;
    size_t n_digits = count_digits(cursor, 18);
    return n_digits <= 18 && take_digits(cursor, n_digits, n_sent);
}

/* A string in quotes, in which a backslash makes the next byte an ordinary one. */
static bool take_quoted(Cursor *cursor, Buffer *out)
{
    out->n_bytes = 0;
    if (!take_text(cursor, "\""))
        return false;
    while (cursor->at < cursor->end) {
        uint8_t byte = *cursor->at++;

        if (byte == '"')
            return true;
        if (byte == '\\') {
            if (cursor->at == cursor->end)
                return false;
            byte = *cursor->at++;
        }
        buffer_push(out, byte);
    }
    return false;
}

/* Seconds, three digits at most, with exactly six decimals or three. */
static bool take_duration(Cursor *cursor, uint32_t *took_us)
{
    uint64_t seconds, decimals;
    size_t n_digits = count_digits(cursor, 3);

    if (n_digits > 3 || !take_digits(cursor, n_digits, &seconds) || !take_text(cursor, "."))
        return false;
    size_t n_decimals = (size_t)(cursor->end - cursor->at);
    if ((n_decimals != 3 && n_decimals != 6) || !take_digits(cursor, n_decimals, &decimals))
        return false;
    *took_us = (uint32_t)(seconds * 1000000 + decimals * (n_decimals == 3 ? 1000 : 1));
    return true;
}

static bool take_fields(Cursor *cursor, Hit *hit)
{
    Slice skipped;
    uint64_t status;

    if (!(take_client(cursor, &hit->client) && take_word(cursor, &skipped) &&
          take_word(cursor, &skipped) && take_time(cursor, &hit->time_s) &&
          take_text(cursor, " ") && take_request(cursor, &hit->method, &hit->target) &&
          take_text(cursor, " ") && take_digits(cursor, 3, &status)))
        return false;
    hit->status = (int)status;
    return status >= 100 && status < 600 && take_text(cursor, " ") &&
           take_size(cursor, &hit->n_sent) && take_text(cursor, " ") &&
           take_quoted(cursor, &hit->referrer) && take_text(cursor, " ") &&
           take_quoted(cursor, &hit->agent) && take_text(cursor, " ") &&
           take_duration(cursor, &hit->took_us);
}

HitResult hit_parse(Hit *hit, Slice line)
{
    if (line.n_bytes > 0 && line.at[line.n_bytes - 1] == '\r')
        line.n_bytes--;
    if (line.n_bytes == 0)
        return HIT_EMPTY;
    if (line.n_bytes > MAX_LINE_BYTES)
        return HIT_TOO_LONG;
    Cursor cursor = {line.at, line.at + line.n_bytes};
    if (!take_fields(&cursor, hit))
        return HIT_BROKEN;
    route_normalise(&hit->route, slice_of(&hit->target));
    return HIT_OK;
}

static Buffer buffer_copy(const Buffer *from)
{
    Buffer copy = {0};

    buffer_set(&copy, from->at, from->n_bytes);
    return copy;
}

void hit_copy(Hit *copy, const Hit *hit)
{
    *copy = *hit;
    copy->client = buffer_copy(&hit->client);
    copy->method = buffer_copy(&hit->method);
    copy->target = buffer_copy(&hit->target);
    copy->route = buffer_copy(&hit->route);
    copy->referrer = buffer_copy(&hit->referrer);
    copy->agent = buffer_copy(&hit->agent);
}

void hit_free(Hit *hit)
{
    free(hit->client.at);
    free(hit->method.at);
    free(hit->target.at);
    free(hit->route.at);
    free(hit->referrer.at);
    free(hit->agent.at);
}
