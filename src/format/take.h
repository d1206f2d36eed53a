/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes known keys out of a parsed JSON object, checking type and range; what is left over are the
 * keys that this version does not know. Knows the shape of no file.
 *
 * The first thing that is wrong is kept, with the path to it ("benchmarks[3].trials.pair: ..."),
 * and every later call does nothing: a reader reads from top to bottom and looks at the error once.
 * A key that is absent or null leaves the default. */
#ifndef RS_FORMAT_TAKE_H
#define RS_FORMAT_TAKE_H

#include <glib.h>
#include <jansson.h>

#define RS_TAKE_MAX_TEXT_BYTES (1 << 20)

typedef struct {
    GString *path; /* of the object at hand; "" at the top */
    GError *error; /* the first one */
} RsTake;

void rs_take_init(RsTake *take);
void rs_take_clear(RsTake *take);
/* FALSE and the error handed over when something was wrong. */
gboolean rs_take_finish(RsTake *take, GError **error);
/* Records RS_FORMAT_ERROR_INVALID at key of the object at hand (NULL: at the object itself). */
void rs_take_fail(RsTake *take, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Going down: the path grows by ".key" or "[i]" until rs_take_leave with what was returned. */
gsize rs_take_enter(RsTake *take, const char *key);
gsize rs_take_enter_index(RsTake *take, gsize i);
void rs_take_leave(RsTake *take, gsize mark);

/* Removes key; its value is yours (json_decref). NULL: absent, null, or an error before. */
json_t *rs_take_any(RsTake *take, json_t *object, const char *key);
/* The same, which must be an array of at most limit elements. */
json_t *rs_take_array(RsTake *take, json_t *object, const char *key, gsize limit);
/* The object at key, borrowed, or NULL. Ended by rs_take_object_end, which removes it when nothing
 * unknown is left in it. */
json_t *rs_take_object(RsTake *take, json_t *object, const char *key);
void rs_take_object_end(json_t *object, const char *key);
/* FALSE and an error when value is not an object. */
gboolean rs_take_is_object(RsTake *take, json_t *value);

gint64 rs_take_int(RsTake *take, json_t *object, const char *key, gint64 absent, gint64 min,
                   gint64 max);
double rs_take_real(RsTake *take, json_t *object, const char *key, double absent);
gboolean rs_take_bool(RsTake *take, json_t *object, const char *key, gboolean absent);
/* An index of names. */
int rs_take_word(RsTake *take, json_t *object, const char *key, const char *const *names,
                 int absent);
/* Yours; NULL when absent. */
char *rs_take_text(RsTake *take, json_t *object, const char *key);
char **rs_take_texts(RsTake *take, json_t *object, const char *key);
/* What is left over in object, as text for an extra_json, or NULL. */
char *rs_take_rest(const json_t *object);

#endif
