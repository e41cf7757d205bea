/* SPDX-License-Identifier: GPL-2.0-only */
/* What kmod/key.h takes from the kernel's header of this name. */
#define GOLDEN_RATIO_64 0x61C8864680B583EBull
