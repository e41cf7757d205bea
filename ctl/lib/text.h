/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TEXT_H
#define SVCLB_CTL_TEXT_H

#include "config.h"
#include "err.h"
#include "model.h"

/* Room for the text of a key: "sctp/", brackets, address, colon, port. */
#define SVCLB_KEY_TEXT 64

/* Room for a network: address, slash, length. */
#define SVCLB_NETWORK_TEXT 56

/**
 * enum svclb_text_kind - what a word turned out to be
 * @SVCLB_TEXT_KEY:   the address of a frontend
 * @SVCLB_TEXT_WRONG: meant as an address, but wrong
 * @SVCLB_TEXT_OTHER: no address
 */
enum svclb_text_kind {
	SVCLB_TEXT_KEY,
	SVCLB_TEXT_WRONG,
	SVCLB_TEXT_OTHER,
};

enum svclb_text_kind svclb_text_parse_key(const char *word,
					  struct svclb_key *key,
					  struct svclb_err *err);
enum svclb_text_kind
svclb_text_parse_frontend(const char *word, uint8_t kind,
			  struct svclb_frontend *frontend,
			  struct svclb_err *err);
int svclb_text_parse_node_port(const char *word,
			       struct svclb_frontend *frontend,
			       struct svclb_err *err);
int svclb_text_parse_host_port(const char *word, struct svclb_key *key,
			       struct svclb_err *err);
const char *svclb_text_parse_protocol(const char *word, uint8_t *proto);
int svclb_text_parse_backend(const char *word, struct svclb_backend *backend,
			     uint8_t *family, struct svclb_err *err);
int svclb_text_parse_network(const char *word, struct svclb_network *network,
			     struct svclb_err *err);
int svclb_text_parse_port(const char *word, uint16_t *port,
			  struct svclb_err *err);
int svclb_text_parse_range(const char *word, uint16_t *min, uint16_t *max,
			   struct svclb_err *err);
int svclb_text_parse_number(const char *word, const char *what, uint64_t max,
			    uint64_t *number, struct svclb_err *err);
int svclb_text_parse_tuning(const char *word, unsigned int i, uint32_t *value,
			    struct svclb_err *err);
int svclb_text_parse_flow_state(const char *word, uint8_t *state,
				struct svclb_err *err);
int svclb_text_parse_scheduler(const char *word, uint8_t *sched,
			       struct svclb_err *err);
int svclb_text_parse_policy(const char *word, uint8_t *policy,
			    struct svclb_err *err);
int svclb_text_parse_switch(const char *word, const char *what, bool *on,
			    struct svclb_err *err);
int svclb_text_parse_affinity(const char *word, uint32_t *seconds,
			      struct svclb_err *err);
int svclb_text_parse_interface(const char *word,
			       char name[SVCLB_INTERFACE_TEXT],
			       struct svclb_err *err);
int svclb_text_check_name(const char *name, struct svclb_err *err);
const char *svclb_text_unusable(uint8_t family, const uint8_t addr[16]);
int svclb_text_bad(struct svclb_err *err, const char *word, const char *what,
		   const char *right);

const char *svclb_text_scheduler(uint8_t sched);
const char *svclb_text_protocol(uint8_t proto);
const char *svclb_text_kind(uint8_t kind);
const char *svclb_text_policy(uint8_t policy);
const char *svclb_text_family(uint8_t family);
size_t svclb_text_host(char *text, uint8_t family, const uint8_t addr[16]);
size_t svclb_text_key(char text[SVCLB_KEY_TEXT], const struct svclb_key *key);
size_t svclb_text_plain_key(char text[SVCLB_KEY_TEXT],
			    const struct svclb_key *key);
size_t svclb_text_backend(char text[SVCLB_KEY_TEXT], uint8_t family,
			  const struct svclb_backend *backend);
void svclb_text_network(char text[SVCLB_NETWORK_TEXT],
			const struct svclb_network *network);

#endif /* SVCLB_CTL_TEXT_H */
