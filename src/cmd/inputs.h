/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that come as variables of the environment, as CI systems hand them over:
 * RUSTSCOPE_FAIL_ON for --fail-on anywhere, and INPUT_FAIL-ON (the runner keeps the hyphen;
 * INPUT_FAIL_ON is taken too) on GitHub. The command line beats RUSTSCOPE_*, which beats INPUT_*;
 * an empty value is no value. What is misspelt is never ignored in silence. */
#ifndef RS_CMD_INPUTS_H
#define RS_CMD_INPUTS_H

#include "cmd/command.h"

/* Sets the options of a row with inputs. A variable that is no input of it is an error where it is
 * RUSTSCOPE_* and near one, otherwise a warning. Errors G_OPTION_ERROR, with the variable's name;
 * also when a shell in between has lost the variables with a hyphen. */
gboolean rs_inputs_take(const RsCommandRow *row, gpointer values, GError **error);

#endif
