/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_VERSION_H
#define SVCLB_CTL_VERSION_H

#define SVCLBCTL_VERSION "0.1.0"

#endif /* SVCLB_CTL_VERSION_H */
