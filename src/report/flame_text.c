/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call tree as indented lines. A function that only calls one other, which takes all its time,
 * does not indent it, and one that calls itself is one line, so that deep stacks stay readable. */
#include <math.h>

#include "report/blame_words.h"
#include "report/columns.h"
#include "report/flame.h"
#include "report/flame_pick.h"

#define DEFAULT_COLUMNS 100
#define MIN_COLUMNS     50
#define MAX_COLUMNS     1000
#define MAX_LINES       400
#define MAX_NODES       20000
#define BAR_COLUMNS     20
#define NAME_CHARS      400
#define CHAIN_FRAC      0.995 /* of the caller's time: as good as all */

typedef struct {
    const RsFlamePick *pick;
    gint32 *children, *siblings; /* first child and next one of each node, largest first; -1 */
    guint n_columns, side;
    gboolean color;
    GString *out;
} Drawing;

typedef struct {
    gint32 node;
    guint indent;
} Step;

static const RsFlameNode *node_at(const Drawing *drawing, gint32 i)
{
    return &g_array_index(drawing->pick->nodes, RsFlameNode, i);
}

static double largest_ns(const RsFlameNode *node)
{
    return MAX(node->total_ns[0], node->total_ns[1]);
}

static gint smallest_first(gconstpointer a, gconstpointer b, gpointer data)
{
    const Drawing *drawing = data;
    gint32 i = *(const gint32 *)a, k = *(const gint32 *)b;
    double x = largest_ns(node_at(drawing, i)), y = largest_ns(node_at(drawing, k));

    return x != y ? (x > y) - (x < y) : (i < k) - (i > k);
}

/* Each is put in front of its smaller siblings. */
static void link_nodes(Drawing *drawing)
{
    guint n = drawing->pick->nodes->len;
    g_autoptr(GArray) order = g_array_sized_new(FALSE, FALSE, sizeof(gint32), n);

    drawing->children = g_new(gint32, n);
    drawing->siblings = g_new(gint32, n);
    for (gint32 i = 0; i < (gint32)n; i++) {
        drawing->children[i] = drawing->siblings[i] = -1;
        if (i > 0)
            g_array_append_val(order, i);
    }
    g_array_sort_with_data(order, smallest_first, drawing);
    for (guint k = 0; k < order->len; k++) {
        gint32 i = g_array_index(order, gint32, k), parent = node_at(drawing, i)->parent;

        drawing->siblings[i] = drawing->children[parent];
        drawing->children[parent] = i;
    }
}

static gint32 only_child(const Drawing *drawing, gint32 i)
{
    gint32 child = drawing->children[i];

    return child >= 0 && drawing->siblings[child] < 0 ? child : -1;
}

static double frac_of(const Drawing *drawing, double ns)
{
    double whole_ns = node_at(drawing, 0)->total_ns[drawing->side];

    return whole_ns > 0 ? ns / whole_ns : 0;
}

static const char *line_color(const Drawing *drawing, const RsFlameNode *node, double delta_ns)
{
    static const char *const by_kind[RS_N_CRATE_KINDS] = {
        [RS_CRATE_OWN] = "33",    [RS_CRATE_DEPENDENCY] = "36", [RS_CRATE_STD] = "2",
        [RS_CRATE_RUNTIME] = "2", [RS_CRATE_KERNEL] = "2",
    };

    if (drawing->pick->n_sides == 2)
        return fabs(frac_of(drawing, delta_ns)) < 0.01 ? "2" : delta_ns > 0 ? "31" : "34";
    return node->name && node->name->crate_kind < RS_N_CRATE_KINDS ? by_kind[node->name->crate_kind]
                                                                   : NULL;
}

static void write_delta(const Drawing *drawing, double delta_ns)
{
    g_autofree char *delta = fabs(frac_of(drawing, delta_ns)) < 0.0005
                                 ? g_strdup("0")
                                 : rs_words_delta_ns(delta_ns, fabs(delta_ns));

    rs_columns_cell(drawing->out, delta, 11, TRUE);
    g_string_append(drawing->out, "  ");
}

/* n_calls: of itself by itself, one after the other, that this line stands for. */
static void write_line(const Drawing *drawing, gint32 i, double self_ns, guint indent,
                       guint n_calls)
{
    const RsFlameNode *node = node_at(drawing, i);
    double total_ns = node->total_ns[drawing->side];
    double delta_ns = node->total_ns[1] - node->total_ns[0];
    const char *code = line_color(drawing, node, delta_ns);
    g_autofree char *plain = rs_flame_node_name(node, NAME_CHARS);
    g_autofree char *name =
        n_calls > 1 ? g_strdup_printf("%s (×%u)", plain, n_calls) : g_strdup(plain);
    guint used = 20 + BAR_COLUMNS + (drawing->pick->n_sides == 2 ? 13 : 0);
    guint room = drawing->n_columns > used + 20 ? drawing->n_columns - used : 20;
    guint shift = MIN(indent, room / 2);
    g_autofree char *shown = rs_columns_fit(name, room - shift);

    g_string_append_printf(drawing->out, "%6.1f %% %6.1f %%  ", 100 * frac_of(drawing, total_ns),
                           100 * frac_of(drawing, self_ns));
    if (drawing->pick->n_sides == 2)
        write_delta(drawing, delta_ns);
    rs_columns_color_on(drawing->out, drawing->color, code);
    rs_columns_bar(drawing->out, frac_of(drawing, total_ns), BAR_COLUMNS);
    rs_columns_color_off(drawing->out, drawing->color, code);
    rs_columns_spaces(drawing->out, 1 + shift);
    g_string_append_printf(drawing->out, "%s\n", shown);
}

static gboolean calls_itself(const Drawing *drawing, gint32 i, gint32 child)
{
    const RsFlameNode *node = node_at(drawing, i),
                      *called = child < 0 ? NULL : node_at(drawing, child);

    return i > 0 && called && node->name && called->name &&
           g_strcmp0(node->name->name, called->name->name) == 0;
}

static gboolean passes_on(const Drawing *drawing, gint32 i, gint32 child)
{
    return child >= 0 && node_at(drawing, child)->total_ns[drawing->side] >=
                             CHAIN_FRAC * node_at(drawing, i)->total_ns[drawing->side];
}

static void write_tree(const Drawing *drawing)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));
    Step step = {0, 0};
    guint n_lines = 0;

    g_array_append_val(steps, step);
    while (steps->len > 0 && n_lines < MAX_LINES) {
        gint32 at, first, child;
        double self_ns;
        guint n_calls = 1, place;

        step = g_array_index(steps, Step, steps->len - 1);
        g_array_set_size(steps, steps->len - 1);
        at = first = step.node;
        self_ns = node_at(drawing, at)->self_ns[drawing->side];
        for (child = only_child(drawing, at); calls_itself(drawing, at, child);
             child = only_child(drawing, at)) {
            at = child;
            n_calls++;
            self_ns += node_at(drawing, at)->self_ns[drawing->side];
        }
        write_line(drawing, first, self_ns, step.indent, n_calls);
        n_lines++;
        step.indent += passes_on(drawing, at, child) ? 0 : 1;
        place = steps->len;
        for (child = drawing->children[at]; child >= 0; child = drawing->siblings[child]) {
            step.node = child;
            g_array_insert_val(steps, place, step); /* the largest is taken first, from the end */
        }
    }
    if (steps->len > 0)
        g_string_append(drawing->out, "… and more calls than fit here\n");
}

static void write_heading(const Drawing *drawing)
{
    gboolean two = drawing->pick->n_sides == 2;

    rs_columns_color_on(drawing->out, drawing->color, "2");
    g_string_append_printf(drawing->out, "   total     self  %s%*s function",
                           two ? "     change  " : "", BAR_COLUMNS, "");
    rs_columns_color_off(drawing->out, drawing->color, "2");
    g_string_append_c(drawing->out, '\n');
}

static void write_foot(const Drawing *drawing, double min_pct)
{
    if (drawing->pick->n_left_out > 0 && drawing->pick->least_frac > 0)
        g_string_append_printf(drawing->out, "%u call%s of %.3g %% or less not shown\n",
                               drawing->pick->n_left_out, drawing->pick->n_left_out == 1 ? "" : "s",
                               MAX(min_pct, 100 * drawing->pick->least_frac));
}

GString *rs_flame_text(const RsCallTree *tree, guint width_columns, gboolean color, double min_pct)
{
    g_auto(RsFlamePick) pick = {0};
    guint n_columns = width_columns ? width_columns : DEFAULT_COLUMNS;
    Drawing drawing = {.pick = &pick,
                       .n_columns = CLAMP(n_columns, MIN_COLUMNS, MAX_COLUMNS),
                       .side = tree->n_sides - 1,
                       .color = color,
                       .out = g_string_new(NULL)};

    rs_flame_pick(&pick, tree, MAX(min_pct, 0) / 100, MAX_NODES);
    link_nodes(&drawing);
    write_heading(&drawing);
    write_tree(&drawing);
    write_foot(&drawing, min_pct);
    g_free(drawing.children);
    g_free(drawing.siblings);
    return drawing.out;
}
