/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_BENCH_WRAPPED_H
#define SVCLB_CTL_BENCH_WRAPPED_H

#include "watch/stream.h"

/* What the linker puts around what is measured. */
int __real_svclb_list_stream_push(struct svclb_list_stream *list,
				  const char *bytes, size_t len,
				  struct svclb_err *error);
int __wrap_svclb_list_stream_push(struct svclb_list_stream *list,
				  const char *bytes, size_t len,
				  struct svclb_err *error);

#endif /* SVCLB_CTL_BENCH_WRAPPED_H */
