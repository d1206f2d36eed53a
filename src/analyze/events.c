/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small state machine for each kind of event in each series of each process. An open event is
 * known by its place in the caller's array and by what it is, so that events that the caller took
 * away are noticed rather than written to. */
#include "analyze/events.h"

#include <math.h>

#include "base/clock.h"

#define RELEASE_FRAC       0.9 /* of cpu_spike_pct: below, a spike no longer goes on */
#define N_MIN_LEVEL        5   /* samples before a level is one that can be fallen from */
#define N_MIN_LOW          2   /* samples of a fall: a single one may be the scheduler's doing */
#define N_MAX_PROCESSES    4096
#define FORGOTTEN_AFTER_NS (60 * RS_NS_PER_S)

const RsEventLimits rs_event_limits = {
    .rss_spike_bytes = 5 * 1024 * 1024,
    .cpu_spike_pct = 80,
    .cpu_idle_pct = 10,
    .plateau_band_frac = 0.05,
    .plateau_min_ns = 5 * RS_NS_PER_S,
    .dip_frac = 0.5,
    .n_burst_threads = 4,
    .settle_ns = RS_NS_PER_S,
};

typedef struct {
    gboolean is_open;
    guint index; /* in found */
    gint64 start_ns;
    gint64 shown_ns; /* the last sample that showed it */
} Open;

typedef struct {
    Open event;
    guint n_samples;
    gint64 since_ns;
    double level;
    guint n_low;
    gint64 low_since_ns;
    double lowest;
} Dip;

typedef struct {
    Open event;
    /* the second that is being filled */
    gint64 second_ns;
    double second_sum, second_weight;
    /* the seconds that lie close together */
    guint n_seconds;
    gint64 since_ns;
    double sum, lowest, highest, before;
    /* of all time */
    double last_second, lowest_second;
} Plateau;

typedef struct {
    gboolean has_last;
    gint64 last_ns;
    double last;
    Open rise; /* spike or burst */
    Dip dip;
    Plateau plateau;
} Series;

enum { CPU, RSS, THREADS, N_SERIES };
static const char *const series_names[N_SERIES] = {"cpu_pct", "rss_bytes", "n_threads"};

typedef struct {
    gint64 last_ns;
    Series series[N_SERIES];
} Process;

struct RsEvents {
    RsEventLimits limits;
    GHashTable *processes; /* by id */
};

/* A look at one value of one series. */
typedef struct {
    const RsEventLimits *limits;
    GPtrArray *found;
    gint32 process_id;
    guint kind; /* of series */
    Series *series;
    gint64 from_ns, now_ns; /* the time that the value stands for */
    double value;
    guint n_new;
} Look;

RsEvents *rs_events_new(const RsEventLimits *limits)
{
    RsEvents *events = g_new0(RsEvents, 1);

    events->limits = limits ? *limits : rs_event_limits;
    events->processes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return events;
}

void rs_events_free(RsEvents *events)
{
    if (!events)
        return;
    g_hash_table_unref(events->processes);
    g_free(events);
}

static void begin(Look *look, Open *open, RsEventKind kind, gint64 start_ns, double before,
                  double peak)
{
    RsTimelineEvent *event = rs_timeline_event_new(kind);

    event->series = g_strdup(series_names[look->kind]);
    event->process_id = look->process_id;
    event->start_ns = start_ns;
    event->end_ns = look->now_ns;
    event->before = before;
    event->peak = peak;
    *open = (Open){TRUE, look->found->len, start_ns, look->now_ns};
    g_ptr_array_add(look->found, event);
    look->n_new++;
}

/* The open event; NULL when the caller has taken it away. */
static RsTimelineEvent *event_of(const Look *look, const Open *open, RsEventKind kind)
{
    RsTimelineEvent *event;

    if (open->index >= look->found->len)
        return NULL;
    event = g_ptr_array_index(look->found, open->index);
    return event->kind == kind && event->process_id == look->process_id &&
                   event->start_ns == open->start_ns &&
                   g_strcmp0(event->series, series_names[look->kind]) == 0
               ? event
               : NULL;
}

static void grow(const Look *look, Open *open, RsEventKind kind, double value, gboolean is_low)
{
    RsTimelineEvent *event = event_of(look, open, kind);

    open->shown_ns = look->now_ns;
    if (!event)
        return;
    event->end_ns = look->now_ns;
    event->peak = is_low ? MIN(event->peak, value) : MAX(event->peak, value);
}

/* --- spikes and bursts --- */

static void look_for_rise(Look *look)
{
    const RsEventLimits *limits = look->limits;
    Series *series = look->series;
    RsEventKind kind = look->kind == THREADS ? RS_EVENT_THREAD_BURST : RS_EVENT_SPIKE;
    double growth = series->has_last ? look->value - series->last : 0;
    gboolean begins = FALSE, goes_on = FALSE;

    switch (look->kind) {
    case CPU:
        begins = look->value > limits->cpu_spike_pct;
        goes_on = look->value > limits->cpu_spike_pct * RELEASE_FRAC;
        break;
    case RSS:
        begins = growth >= (double)limits->rss_spike_bytes;
        goes_on = growth >= (double)limits->rss_spike_bytes / 2;
        break;
    case THREADS:
        begins = growth >= limits->n_burst_threads;
        goes_on = growth > 0;
        break;
    }
    if (series->rise.is_open && goes_on)
        grow(look, &series->rise, kind, look->value, FALSE);
    else if (series->rise.is_open)
        series->rise.is_open = look->now_ns - series->rise.shown_ns < limits->settle_ns;
    else if (begins)
        begin(look, &series->rise, kind, look->from_ns, series->has_last ? series->last : NAN,
              look->value);
}

/* --- dips --- */

static void restart_level(Dip *dip, const Look *look)
{
    dip->n_samples = 1;
    dip->since_ns = look->now_ns;
    dip->level = look->value;
    dip->n_low = 0;
}

static void follow_level(Dip *dip, const Look *look)
{
    double dt_frac = (double)(look->now_ns - look->from_ns) / (double)look->limits->settle_ns;
    /* The mean while there are few samples, then one that forgets. */
    double weight = MAX(1.0 / (dip->n_samples + 1), MIN(1.0, dt_frac));

    dip->level += weight * (look->value - dip->level);
    dip->n_samples++;
    dip->n_low = 0;
}

static gboolean is_worth_falling_from(const Look *look, const Dip *dip)
{
    return dip->n_samples >= N_MIN_LEVEL &&
           look->from_ns - dip->since_ns >= look->limits->settle_ns &&
           (look->kind == CPU ? dip->level >= look->limits->cpu_idle_pct
                              : dip->level - look->value >= (double)look->limits->rss_spike_bytes);
}

static void look_for_dip(Look *look)
{
    const RsEventLimits *limits = look->limits;
    Dip *dip = &look->series->dip;
    double low = dip->level * (1 - limits->dip_frac);

    if (dip->event.is_open) {
        gboolean is_made_good = look->value > dip->level * (1 - limits->dip_frac / 2);

        if (!is_made_good)
            grow(look, &dip->event, RS_EVENT_DIP, look->value, TRUE);
        if (is_made_good || look->now_ns - dip->event.start_ns >= limits->plateau_min_ns) {
            dip->event.is_open = FALSE;
            restart_level(dip, look);
        }
        return;
    }
    if (dip->n_samples == 0 ||
        (look->value <= low && dip->n_low == 0 && !is_worth_falling_from(look, dip))) {
        restart_level(dip, look);
        return;
    }
    if (look->value > low) {
        follow_level(dip, look);
        return;
    }
    if (dip->n_low++ == 0) {
        dip->low_since_ns = look->from_ns;
        dip->lowest = look->value;
    }
    dip->lowest = MIN(dip->lowest, look->value);
    if (dip->n_low >= N_MIN_LOW)
        begin(look, &dip->event, RS_EVENT_DIP, dip->low_since_ns, dip->level, dip->lowest);
}

/* --- plateaus --- */

static gboolean is_high_enough(const Look *look, const Plateau *plateau)
{
    double mean = plateau->sum / plateau->n_seconds;

    return look->kind == CPU
               ? mean >= look->limits->cpu_idle_pct
               : mean >= plateau->lowest_second + (double)look->limits->rss_spike_bytes;
}

/* Whether the seconds, with this one, still lie close together. */
static gboolean fits(const Plateau *plateau, double second, double band_frac)
{
    double mean = (plateau->sum + second) / (plateau->n_seconds + 1);

    return MAX(plateau->highest, second) <= mean * (1 + band_frac) &&
           MIN(plateau->lowest, second) >= mean * (1 - band_frac);
}

static void end_second(Look *look, Plateau *plateau, double second)
{
    if (plateau->n_seconds > 0 && fits(plateau, second, look->limits->plateau_band_frac)) {
        plateau->n_seconds++;
        plateau->sum += second;
        plateau->lowest = MIN(plateau->lowest, second);
        plateau->highest = MAX(plateau->highest, second);
    } else {
        plateau->event.is_open = FALSE;
        plateau->n_seconds = 1;
        plateau->since_ns = plateau->second_ns;
        plateau->sum = plateau->lowest = plateau->highest = second;
        plateau->before = plateau->last_second;
    }
    plateau->last_second = second;
    plateau->lowest_second =
        isnan(plateau->lowest_second) ? second : MIN(plateau->lowest_second, second);
    if (plateau->event.is_open)
        grow(look, &plateau->event, RS_EVENT_PLATEAU, second, FALSE);
    else if (look->now_ns - plateau->since_ns >= look->limits->plateau_min_ns &&
             is_high_enough(look, plateau))
        begin(look, &plateau->event, RS_EVENT_PLATEAU, plateau->since_ns, plateau->before,
              plateau->highest);
}

static void look_for_plateau(Look *look)
{
    Plateau *plateau = &look->series->plateau;
    double weight = (double)(look->now_ns - look->from_ns);

    if (weight <= 0) /* the first sample: no time that it stands for */
        return;
    plateau->second_sum += look->value * weight;
    plateau->second_weight += weight;
    if (plateau->second_weight < (double)RS_NS_PER_S)
        return;
    end_second(look, plateau, plateau->second_sum / plateau->second_weight);
    plateau->second_ns = look->now_ns;
    plateau->second_sum = plateau->second_weight = 0;
}

/* --- samples --- */

static void restart_series(Series *series, gint64 now_ns)
{
    double lowest_second = series->has_last ? series->plateau.lowest_second : NAN;

    *series = (Series){
        .plateau = {.second_ns = now_ns, .last_second = NAN, .lowest_second = lowest_second}};
}

static guint look_at(RsEvents *events, const RsProcessSample *sample, Process *process, guint kind,
                     double value, GPtrArray *found)
{
    Series *series = &process->series[kind];
    Look look = {
        .limits = &events->limits,
        .found = found,
        .process_id = sample->process_id,
        .kind = kind,
        .series = series,
        .now_ns = sample->at_ns,
        .value = value,
    };

    if (!series->has_last || look.now_ns - series->last_ns > events->limits.plateau_min_ns)
        restart_series(series, look.now_ns);
    look.from_ns = series->has_last ? series->last_ns : look.now_ns;
    look_for_rise(&look);
    if (kind != THREADS) {
        look_for_dip(&look);
        look_for_plateau(&look);
    }
    series->has_last = TRUE;
    series->last = value;
    series->last_ns = look.now_ns;
    return look.n_new;
}

static gboolean is_forgotten(gpointer key, gpointer value, gpointer data)
{
    const Process *process = value;
    const RsProcessSample *sample = data;

    return sample->at_ns - process->last_ns > FORGOTTEN_AFTER_NS;
}

static Process *process_of(RsEvents *events, const RsProcessSample *sample)
{
    gpointer key = GINT_TO_POINTER(sample->process_id);
    Process *process = g_hash_table_lookup(events->processes, key);

    if (process)
        return process;
    if (g_hash_table_size(events->processes) >= N_MAX_PROCESSES) {
        g_hash_table_foreach_remove(events->processes, is_forgotten, (gpointer)sample);
        if (g_hash_table_size(events->processes) >= N_MAX_PROCESSES)
            g_hash_table_remove_all(events->processes);
    }
    process = g_new0(Process, 1);
    process->last_ns = G_MININT64;
    g_hash_table_insert(events->processes, key, process);
    return process;
}

guint rs_events_look(RsEvents *events, const RsProcessSample *sample, GPtrArray *found)
{
    Process *process = process_of(events, sample);
    guint n_new = 0;

    if (sample->at_ns <= process->last_ns)
        return 0;
    process->last_ns = sample->at_ns;
    if (isfinite(sample->cpu_pct) && sample->cpu_pct >= 0)
        n_new += look_at(events, sample, process, CPU, sample->cpu_pct, found);
    if (sample->rss_bytes >= 0)
        n_new += look_at(events, sample, process, RSS, (double)sample->rss_bytes, found);
    if (sample->n_threads >= 0)
        n_new += look_at(events, sample, process, THREADS, (double)sample->n_threads, found);
    return n_new;
}
