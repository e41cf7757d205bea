/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_IPVS_DEVICE_H
#define SVCLB_CTL_IPVS_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "k8s.h"
#include "lib/err.h"

#define SVCLB_IPVS_DEVICE "kube-ipvs0"

/**
 * struct svclb_ipvs_device - the device that has the addresses of services
 * @index: its number; 0 if there is none
 * @at:    addresses of the namespace, sorted: its own first, then those of others
 * @nr:    how many
 * @own:   how many of them are its own
 */
struct svclb_ipvs_device {
	int index;
	struct svclb_k8s_ip *at;
	uint32_t nr;
	uint32_t own;
};

int svclb_ipvs_device_read(struct svclb_ipvs_device *device,
			   struct svclb_err *err);
void svclb_ipvs_device_uninit(struct svclb_ipvs_device *device);
struct svclb_k8s_ip *
svclb_ipvs_device_find(const struct svclb_ipvs_device *device, bool own,
		       uint8_t family, const uint8_t addr[16]);
int svclb_ipvs_device_del_address(const struct svclb_ipvs_device *device,
				  const struct svclb_k8s_ip *ip,
				  struct svclb_err *err);
int svclb_ipvs_device_delete(const struct svclb_ipvs_device *device,
			     struct svclb_err *err);

#endif /* SVCLB_CTL_IPVS_DEVICE_H */
