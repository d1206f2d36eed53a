/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C++ names as libiberty reads them, in bounded time and memory. */
#ifndef RS_SYMBOL_CXX_NAME_H
#define RS_SYMBOL_CXX_NAME_H

#include <glib.h>

/* With the types of parameters, which tell overloads apart, without that of the result, which is
 * there for some functions only: "ns::T<int>::f(char const*)". NULL: it is none. Yours. */
char *rs_cxx_name_demangle(const char *linkage_name);

#endif
