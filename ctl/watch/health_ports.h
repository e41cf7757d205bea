/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HEALTH_PORTS_H
#define SVCLB_CTL_HEALTH_PORTS_H

#include "health_port.h"
#include "lib/config.h"
#include "listeners.h"

struct svclb_health_ports;

int svclb_health_ports_create(struct svclb_health_ports **ports,
			      struct svclb_listeners *listeners,
			      const struct svclb_networks *networks,
			      struct svclb_err *err);
void svclb_health_ports_free(struct svclb_health_ports *ports);
int svclb_health_ports_set(struct svclb_health_ports *ports,
			   const struct svclb_health_port *wanted, uint32_t nr);
const struct svclb_health_port *
svclb_health_ports_find(const struct svclb_health_ports *ports, uint16_t port);
char *svclb_health_port_json(const struct svclb_health_port *port, bool healthy);

#endif /* SVCLB_CTL_HEALTH_PORTS_H */
