// SPDX-License-Identifier: GPL-2.0-only
/*
 * From words to addresses. Numbers are in text_number.c, printing is in
 * text_print.c.
 */
#include "text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define NODE_PORT4 "nodeport:"
#define NODE_PORT6 "nodeport6:"

/* Quotes what the user wrote, but not all of an endless word. */
#define WORD "'%.80s'"

static bool starts_with(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a dotted quad; returns what follows it, or NULL. */
static const char *parse_ipv4(const char *word, uint8_t addr[16])
{
	int byte;

	for (byte = 0; byte < 4; byte++) {
		unsigned int value = 0;
		int digits = 0;

		if (byte && *word++ != '.')
			return NULL;
		for (; is_digit(*word) && digits < 4; digits++)
			value = value * 10 + (unsigned int)(*word++ - '0');
		if (!digits || value > 255 ||
		    (digits > 1 && word[-digits] == '0'))
			return NULL;
		addr[byte] = value;
	}
	return word;
}

/* Reads ":PORT"; returns what follows it, or NULL. */
static const char *parse_short_port(const char *word, uint16_t *port)
{
	unsigned int value = 0;
	int digits;

	if (*word++ != ':')
		return NULL;
	for (digits = 0; is_digit(*word) && digits < 6; digits++)
		value = value * 10 + (unsigned int)(*word++ - '0');
	if (!digits || !value || value > UINT16_MAX)
		return NULL;
	*port = value;
	return word;
}

static bool parse_ipv6(const char *word, size_t len, uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, addr) == 1;
}

/**
 * svclb_text_unusable() - say what is wrong with an address that the kernel
 *                         does not take
 * @family: AF_INET or AF_INET6
 * @addr:   the address
 *
 * Return: a sentence, or NULL if nothing is.
 */
const char *svclb_text_unusable(uint8_t family, const uint8_t addr[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t any[16];

	if (family == AF_INET) {
		if (addr[0] == 0)
			return "the address is unspecified";
		if (addr[0] == 127)
			return "the address is a loopback address";
		if (addr[0] >= 224 && addr[0] < 240)
			return "the address is a multicast address";
		if (addr[0] == 255 && addr[1] == 255 && addr[2] == 255 &&
		    addr[3] == 255)
			return "the address is a broadcast address";
		return NULL;
	}
	if (addr[0] == 0xff)
		return "the address is a multicast address";
	if (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80)
		return "the address is link-local";
	if (!memcmp(addr, any, 16))
		return "the address is unspecified";
	if (!memcmp(addr, any, 15) && addr[15] == 1)
		return "the address is a loopback address";
	if (!memcmp(addr, mapped, sizeof(mapped)))
		return "the address is an IPv4 address in IPv6 form";
	return NULL;
}

/*
 * The short way for nearly all words of large files: reads an IPv4 address with
 * its port. Returns what follows, or NULL if anything is out of the ordinary,
 * which the long way then looks at.
 */
static const char *parse_quickly(const char *word, struct svclb_key *key)
{
	const char *rest;

	if (!is_digit(*word))
		return NULL;
	key->family = AF_INET;
	rest = parse_ipv4(word, key->addr);
	if (rest)
		rest = parse_short_port(rest, &key->port);
	if (!rest || svclb_text_unusable(AF_INET, key->addr))
		return NULL;
	return rest;
}

/* Whether a word that is no IPv4 address was meant as one. */
static bool resembles_ipv4(const char *word)
{
	size_t len = strspn(word, "0123456789.");

	return is_digit(*word) && memchr(word, '.', len) &&
	       (!word[len] || word[len] == ':');
}

/* Whether a word is an IPv6 address that lacks its brackets. */
static bool is_bare_ipv6(const char *word)
{
	const char *first = strchr(word, ':');
	size_t len = strcspn(word, "%");
	uint8_t addr[16];

	return first && strchr(first + 1, ':') && parse_ipv6(word, len, addr);
}

/* Reads "[ADDRESS]"; *rest becomes what follows it. */
static enum svclb_text_kind parse_brackets(const char *word,
					   struct svclb_key *key,
					   const char **rest,
					   struct svclb_err *err)
{
	const char *end = strchr(word, ']');

	if (!end || !parse_ipv6(word + 1, end - word - 1, key->addr)) {
		if (strchr(word, '%'))
			svclb_text_bad(err, word, "the address is link-local",
				       "a unicast address of wider scope is needed");
		else
			svclb_text_bad(err, word, "not an IPv6 address",
				       "write it as [fd00::1]:80");
		return SVCLB_TEXT_WRONG;
	}
	key->family = AF_INET6;
	*rest = end + 1;
	return SVCLB_TEXT_KEY;
}

/* Reads all but the port; *rest becomes what follows it. */
static enum svclb_text_kind parse_host(const char *word, struct svclb_key *key,
				       const char **rest, struct svclb_err *err)
{
	*rest = parse_ipv4(word, key->addr);
	if (*rest && (!**rest || **rest == ':')) {
		key->family = AF_INET;
		return SVCLB_TEXT_KEY;
	}
	if (*word == '[')
		return parse_brackets(word, key, rest, err);
	if (resembles_ipv4(word)) {
		svclb_text_bad(err, word, "not an IPv4 address",
			       "it has four numbers from 0 to 255");
		return SVCLB_TEXT_WRONG;
	}
	if (is_bare_ipv6(word)) {
		svclb_text_bad(err, word, "an IPv6 address stands in brackets",
			       "write it as [fd00::1]:80");
		return SVCLB_TEXT_WRONG;
	}
	return SVCLB_TEXT_OTHER;
}

/* Reads ":PORT" to the end of the word. */
static int parse_colon_port(const char *word, const char *rest, uint16_t *port,
			    struct svclb_err *err)
{
	if (*rest != ':')
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     WORD ": the port is missing; write it as '%.80s:80'",
				     word, word);
	if (!svclb_text_parse_port(rest + 1, port, err))
		return 0;
	return svclb_err_prefix(err, WORD ": ", word);
}

/**
 * enum port_need - whether a port follows an address
 * @NEEDED:   it must
 * @OPTIONAL: it may; it becomes 0 if it does not
 */
enum port_need {
	NEEDED,
	OPTIONAL,
};

/* Reads address and port; where that may lack, brackets may lack too. */
static enum svclb_text_kind parse_host_port(const char *word, const char *host,
					    enum port_need need,
					    struct svclb_key *key,
					    struct svclb_err *err)
{
	enum svclb_text_kind kind;
	const char *rest;

	if (need == OPTIONAL && parse_ipv6(host, strlen(host), key->addr)) {
		key->family = AF_INET6;
		return SVCLB_TEXT_KEY;
	}
	kind = parse_host(host, key, &rest, err);
	if (kind != SVCLB_TEXT_KEY || (need == OPTIONAL && !*rest))
		return kind;
	if (parse_colon_port(word, rest, &key->port, err))
		return SVCLB_TEXT_WRONG;
	return SVCLB_TEXT_KEY;
}

static enum svclb_text_kind parse_unicast(const char *word, const char *host,
					  enum port_need need,
					  struct svclb_key *key,
					  struct svclb_err *err)
{
	enum svclb_text_kind kind;
	const char *fault;

	kind = parse_host_port(word, host, need, key, err);
	if (kind != SVCLB_TEXT_KEY)
		return kind;
	fault = svclb_text_unusable(key->family, key->addr);
	if (!fault)
		return SVCLB_TEXT_KEY;
	svclb_text_bad(err, word, fault, "a unicast address is needed");
	return SVCLB_TEXT_WRONG;
}

static enum svclb_text_kind parse_node_port(const char *word, const char *port,
					    uint8_t family,
					    struct svclb_key *key,
					    struct svclb_err *err)
{
	memset(key->addr, 0, sizeof(key->addr));
	key->node_port = 1;
	key->family = family;
	if (!svclb_text_parse_port(port, &key->port, err))
		return SVCLB_TEXT_KEY;
	svclb_err_prefix(err, WORD ": ", word);
	return SVCLB_TEXT_WRONG;
}

/**
 * svclb_text_parse_protocol() - read the protocol before an address
 * @word:  the word
 * @proto: for the protocol, 0 if there is none or an unknown one
 *
 * Return: what follows it, which is the whole word if there is none.
 */
const char *svclb_text_parse_protocol(const char *word, uint8_t *proto)
{
	static const uint8_t protos[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
	};
	const char *name;
	size_t i;

	*proto = 0;
	for (i = 0; i < sizeof(protos); i++) {
		name = svclb_text_protocol(protos[i]);
		if (!starts_with(word, name) || word[strlen(name)] != '/')
			continue;
		*proto = protos[i];
		return word + strlen(name) + 1;
	}
	return word;
}

static enum svclb_text_kind parse_key(const char *word, enum port_need need,
				      struct svclb_key *key,
				      struct svclb_err *err)
{
	enum svclb_text_kind kind;
	const char *host, *slash;

	*key = (struct svclb_key){ 0 };
	host = svclb_text_parse_protocol(word, &key->proto);
	if (starts_with(host, NODE_PORT4))
		return parse_node_port(word, host + strlen(NODE_PORT4),
				       AF_INET, key, err);
	if (starts_with(host, NODE_PORT6))
		return parse_node_port(word, host + strlen(NODE_PORT6),
				       AF_INET6, key, err);
	kind = parse_unicast(word, host, need, key, err);
	slash = strchr(word, '/');
	if (kind != SVCLB_TEXT_OTHER || !slash)
		return kind;
	/* icmp/10.0.0.1:80 is no name, but 10.0.0.0/8 or a/b:http is none of it. */
	if (parse_unicast(word, slash + 1, need, key, err) != SVCLB_TEXT_KEY)
		return SVCLB_TEXT_OTHER;
	svclb_text_bad(err, word, "unknown protocol",
		       "there are tcp, udp and sctp");
	return SVCLB_TEXT_WRONG;
}

/**
 * svclb_text_parse_key() - read the address of a frontend
 * @word: the word: 10.96.0.1:80, udp/10.96.0.10:53, [fd00::1]:80,
 *        nodeport:30000, nodeport6:30000
 * @key:  for the key; its protocol is 0 if the word has none, which means TCP
 *        where nothing else says UDP or SCTP
 * @err:  for errors; filled for SVCLB_TEXT_WRONG only
 *
 * Return: what the word is.
 */
enum svclb_text_kind svclb_text_parse_key(const char *word,
					  struct svclb_key *key,
					  struct svclb_err *err)
{
	const char *rest;

	*key = (struct svclb_key){ 0 };
	rest = parse_quickly(word, key);
	if (rest && !*rest)
		return SVCLB_TEXT_KEY;
	return parse_key(word, NEEDED, key, err);
}

/**
 * svclb_text_parse_host_port() - read an address with a port or without
 * @word: the word: 10.244.0.1, 10.244.0.1:3000, fd00::1, [fd00::1]:3000
 * @key:  for address, family and port; the port is 0 if there is none
 * @err:  for errors
 *
 * Any address is good, not only those that a frontend can have.
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_host_port(const char *word, struct svclb_key *key,
			       struct svclb_err *err)
{
	*key = (struct svclb_key){ 0 };
	switch (parse_host_port(word, word, OPTIONAL, key, err)) {
	case SVCLB_TEXT_KEY:
		return 0;
	case SVCLB_TEXT_WRONG:
		return -1;
	default:
		return svclb_text_bad(err, word, "not an address",
				      "write it as 10.0.0.1:80 or [fd00::1]:80");
	}
}

/* What may follow a word, for errors. */
static const char frontend_attributes[] =
	"there are ,local ,cluster ,restricted and ,open";
static const char backend_attributes[] =
	"there are ,w=WEIGHT ,draining ,local ,local-only and ,not-serving";

/* Cuts off what follows the first comma; *list becomes that, or NULL. */
static int split_list(const char *word, char *copy, size_t size, char **list,
		      const char *right, struct svclb_err *err)
{
	size_t len = strlen(word);

	*list = NULL;
	if (len >= size) {
		svclb_text_bad(err, word, "the word is too long", right);
		return -1;
	}
	memcpy(copy, word, len + 1);
	*list = strchr(copy, ',');
	if (*list)
		*(*list)++ = '\0';
	return 0;
}

/* Reads what may follow a frontend's port: ",local,restricted". */
static int parse_frontend_list(const char *word, char *list,
			       struct svclb_frontend *frontend,
			       struct svclb_err *err)
{
	char *save, *part;

	for (part = strtok_r(list, ",", &save); part;
	     part = strtok_r(NULL, ",", &save)) {
		if (!strcmp(part, "local") || !strcmp(part, "cluster")) {
			frontend->policy = *part == 'l' ?
					   SVCLB_TRAFFIC_POLICY_LOCAL :
					   SVCLB_TRAFFIC_POLICY_CLUSTER;
			frontend->given |= 1u << SVCLB_A_FRONTEND_POLICY;
		} else if (!strcmp(part, "restricted") ||
			   !strcmp(part, "open")) {
			frontend->restricted = *part == 'r';
			frontend->given |= 1u << SVCLB_A_FRONTEND_RESTRICTED;
		} else {
			return svclb_text_bad(err, word, "unknown attribute",
					      frontend_attributes);
		}
	}
	return 0;
}

/**
 * svclb_text_parse_frontend() - read a frontend with its attributes
 * @word:     the word: an address as for svclb_text_parse_key(), then ,local or
 *            ,cluster, ,restricted or ,open
 * @kind:     enum svclb_frontend_kind; a VIP may turn out to be a node port.
 *            Where it is an address for outside, the port may lack, and is 0
 *            then
 * @frontend: for the frontend
 * @err:      for errors; filled for SVCLB_TEXT_WRONG only
 *
 * Return: what the word is.
 */
enum svclb_text_kind
svclb_text_parse_frontend(const char *word, uint8_t kind,
			  struct svclb_frontend *frontend,
			  struct svclb_err *err)
{
	enum svclb_text_kind result;
	char copy[128], *list;
	const char *rest;

	*frontend = (struct svclb_frontend){ .kind = kind };
	rest = parse_quickly(word, &frontend->key);
	if (rest && !*rest)
		return SVCLB_TEXT_KEY;
	if (split_list(word, copy, sizeof(copy), &list, frontend_attributes,
		       err))
		return SVCLB_TEXT_WRONG;
	result = parse_key(copy, kind == SVCLB_FRONTEND_KIND_VIP ?
				 NEEDED : OPTIONAL, &frontend->key, err);
	if (result != SVCLB_TEXT_KEY)
		return result;
	if (list && parse_frontend_list(word, list, frontend, err))
		return SVCLB_TEXT_WRONG;
	if (!frontend->key.node_port)
		return SVCLB_TEXT_KEY;
	if (kind == SVCLB_FRONTEND_KIND_VIP) {
		frontend->kind = SVCLB_FRONTEND_KIND_NODE_PORT;
		return SVCLB_TEXT_KEY;
	}
	svclb_text_bad(err, word, "a node port is no address",
		       "write it without the option, or with --node-port");
	return SVCLB_TEXT_WRONG;
}

/**
 * svclb_text_parse_node_port() - read a node port with its attributes
 * @word:     the word: a port, then as for svclb_text_parse_frontend()
 * @frontend: for the frontend; it has neither family nor protocol
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_node_port(const char *word,
			       struct svclb_frontend *frontend,
			       struct svclb_err *err)
{
	char copy[128], *list;

	*frontend = (struct svclb_frontend){
		.key.node_port = 1,
		.kind = SVCLB_FRONTEND_KIND_NODE_PORT,
	};
	if (split_list(word, copy, sizeof(copy), &list, frontend_attributes,
		       err) ||
	    svclb_text_parse_port(copy, &frontend->key.port, err))
		return -1;
	return list ? parse_frontend_list(word, list, frontend, err) : 0;
}

/* Reads what may follow an endpoint's port: ",w=2,draining". */
static int parse_backend_list(const char *word, char *list,
			      struct svclb_backend *backend,
			      struct svclb_err *err)
{
	uint64_t weight;
	char *save, *part;

	for (part = strtok_r(list, ",", &save); part;
	     part = strtok_r(NULL, ",", &save)) {
		if (starts_with(part, "w=")) {
			if (svclb_text_parse_number(part + 2, "a weight",
						    SVCLB_WEIGHT_MAX, &weight,
						    err))
				return svclb_err_prefix(err, WORD ": ", word);
			backend->weight = (uint32_t)weight;
			backend->given |= 1u << SVCLB_A_BACKEND_WEIGHT;
			continue;
		}
		if (!strcmp(part, "draining"))
			backend->flags |= SVCLB_BACKEND_DRAINING;
		else if (!strcmp(part, "local"))
			backend->flags |= SVCLB_BACKEND_LOCAL;
		else if (!strcmp(part, "local-only"))
			backend->flags |= SVCLB_BACKEND_LOCAL_ONLY;
		else if (!strcmp(part, "not-serving"))
			backend->flags |= SVCLB_BACKEND_NOT_SERVING;
		else
			return svclb_text_bad(err, word, "unknown attribute",
					      backend_attributes);
		backend->given |= 1u << SVCLB_A_BACKEND_FLAGS;
	}
	backend->mask = backend->flags;
	return 0;
}

/* Reads an endpoint without attributes. */
static int parse_endpoint(const char *word, struct svclb_key *key,
			  struct svclb_err *err)
{
	static const char right[] =
		"write it as 10.244.0.1:8080 or [fd00::1]:8080";

	switch (parse_unicast(word, word, NEEDED, key, err)) {
	case SVCLB_TEXT_KEY:
		return 0;
	case SVCLB_TEXT_OTHER:
		if (strchr(word, '/'))
			return svclb_text_bad(err, word,
					      "an endpoint has the protocol of its service",
					      right);
		return svclb_text_bad(err, word, "not an endpoint", right);
	default:
		return -1;
	}
}

/**
 * svclb_text_parse_backend() - read an endpoint
 * @word:    the word: 10.244.0.1:8080, [fd00::1]:8080,w=2,draining
 * @backend: for the backend
 * @family:  for AF_INET or AF_INET6
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_backend(const char *word, struct svclb_backend *backend,
			     uint8_t *family, struct svclb_err *err)
{
	struct svclb_key key = { 0 };
	char copy[128], *list = NULL;
	const char *rest;

	rest = parse_quickly(word, &key);
	if (!rest || *rest) {
		key = (struct svclb_key){ 0 };
		if (split_list(word, copy, sizeof(copy), &list,
			       backend_attributes, err) ||
		    parse_endpoint(copy, &key, err))
			return -1;
	}
	*family = key.family;
	*backend = (struct svclb_backend){ .port = key.port, .weight = 1 };
	memcpy(backend->addr, key.addr, sizeof(backend->addr));
	return list ? parse_backend_list(word, list, backend, err) : 0;
}

static bool has_bits_behind(const struct svclb_network *network)
{
	size_t bits = svclb_family_length(network->family) * 8, i;

	for (i = network->length; i < bits; i++)
		if (network->addr[i / 8] & (0x80 >> i % 8))
			return true;
	return false;
}

static int check_network(const char *word, const struct svclb_network *network,
			 struct svclb_err *err)
{
	struct svclb_network right = *network;
	char text[SVCLB_NETWORK_TEXT];
	size_t i;

	if (!has_bits_behind(network))
		return 0;
	for (i = network->length; i < sizeof(right.addr) * 8; i++)
		right.addr[i / 8] &= (uint8_t)~(0x80u >> i % 8);
	svclb_text_network(text, &right);
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     WORD ": has bits behind its prefix; the network is %s",
			     word, text);
}

/**
 * svclb_text_parse_network() - read a network, such as 10.244.0.0/16
 * @word:    the word
 * @network: for the network
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_network(const char *word, struct svclb_network *network,
			     struct svclb_err *err)
{
	const char *slash = strchr(word, '/');
	uint64_t length = 0, max;

	*network = (struct svclb_network){ .family = AF_INET };
	if (!slash)
		return svclb_text_bad(err, word, "not a network",
				      "write it as 10.244.0.0/16 or fd00:10::/64");
	if (parse_ipv4(word, network->addr) != slash) {
		network->family = AF_INET6;
		if (!parse_ipv6(word, slash - word, network->addr))
			return svclb_text_bad(err, word, "not a network",
					      "write it as 10.244.0.0/16 or fd00:10::/64");
	}
	max = svclb_family_length(network->family) * 8;
	if (svclb_text_parse_number(slash + 1, "the length of a prefix", max,
				    &length, err))
		return svclb_err_prefix(err, WORD ": ", word);
	network->length = length;
	return check_network(word, network, err);
}
