/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CLIENT_H
#define SVCLB_CTL_CLIENT_H

#include "codec.h"
#include "config.h"
#include "err.h"
#include "nl.h"
#include "ref.h"

struct svclb_service *svclb_client_find(struct svclb_nl *nl,
					const struct svclb_ref *ref,
					struct svclb_err *err);
int svclb_client_load(struct svclb_nl *nl, struct svclb_config *config,
		      struct svclb_err *err);
int svclb_client_load_service(struct svclb_nl *nl, const struct svclb_ref *ref,
			      struct svclb_config *config,
			      struct svclb_err *err);
int svclb_client_load_counted(struct svclb_nl *nl, const struct svclb_ref *ref,
			      struct svclb_config *config,
			      struct svclb_err *err);
int svclb_client_settings(struct svclb_nl *nl, struct svclb_settings *settings,
			  struct svclb_err *err);
int svclb_client_counters(struct svclb_nl *nl, struct svclb_counters *counters,
			  struct svclb_err *err);
int svclb_client_service(struct svclb_nl *nl, uint8_t cmd, uint32_t id,
			 struct svclb_err *err);

/**
 * struct svclb_members - what a request is about, to explain a refusal with
 * @family:    family of the service
 * @frontends: the frontends in the request
 * @backends:  the backends in the request
 * @ranges:    the source ranges in the request
 */
struct svclb_members {
	uint8_t family;
	const struct svclb_frontend *frontends;
	const struct svclb_backend *backends;
	const struct svclb_network *ranges;
};

uint32_t svclb_client_explain(struct svclb_nl *nl,
			      const struct svclb_members *members,
			      struct svclb_err *err);

#endif /* SVCLB_CTL_CLIENT_H */
