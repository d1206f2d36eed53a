/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign text made safe for the place where it lands. Everything that comes from a benchmark, a
 * program or a repository passes through here before it meets a report; what a renderer writes
 * itself does not. All results are yours. NULL is treated as empty text. */
#ifndef RS_REPORT_ESCAPE_H
#define RS_REPORT_ESCAPE_H

#include <glib.h>

/* Longest benchmark name in a report, in characters. */
#define RS_ESCAPE_NAME_CHARS 120

/* One line of plain text that starts no command of a CI runner ("##[" is broken up, and "::" or "/"
 * at the start of the line). At most max_chars characters of the text. */
char *rs_escape_line(const char *text, gsize max_chars);
/* The same with the lines kept. */
char *rs_escape_lines(const char *text, gsize max_chars);
/* A name as one line. A name that has to be changed or shortened gets eight digits of its hash, so
 * that two different names never look alike. */
char *rs_escape_name(const char *name, gsize max_chars);

/* Markdown, GitHub's and GitLab's: an inline code span, also inside a table. */
char *rs_escape_markdown_name(const char *name);
/* The same as tags, for lines that are HTML: a summary. */
char *rs_escape_markdown_tag(const char *name);
char *rs_escape_markdown_code(const char *text, gsize max_chars);
/* Prose in which nothing is a link, a mention, a reference or a tag. */
char *rs_escape_markdown(const char *text, gsize max_chars);
/* A fenced block, ended by a newline; the last n_lines lines of text, at most max_chars characters
 * of them. */
char *rs_escape_markdown_fence(const char *text, guint n_lines, gsize max_chars);

/* XML 1.0, text or attribute: characters that are not legal there become U+FFFD. */
char *rs_escape_xml(const char *text);
/* GitHub workflow commands: the message, and the value of a property. */
char *rs_escape_github_data(const char *text);
char *rs_escape_github_property(const char *text);
/* An output of a step, a line of its file and more: between two lines that nobody can guess, for a
 * value that is written as NAME=VALUE could set others behind the end of a line. */
char *rs_escape_github_output(const char *name, const char *value);
/* The value of an OpenMetrics label, without its quotes. */
char *rs_escape_openmetrics(const char *text);

/* Where the last n_lines lines of text begin. */
const char *rs_escape_last_lines(const char *text, guint n_lines);
/* Cuts text to at most limit_bytes without cutting a character in two. */
void rs_escape_truncate(GString *text, gsize limit_bytes);

#endif
