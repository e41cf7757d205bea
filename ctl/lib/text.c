// SPDX-License-Identifier: GPL-2.0-only
/*
 * From words to addresses, ports and numbers. Printing is in text_print.c.
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

static int bad(struct svclb_err *err, const char *word, const char *what,
	       const char *right)
{
	return svclb_err_set(err, SVCLB_ERR_INPUT, WORD ": %s; %s", word, what,
			     right);
}

static bool starts_with(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits and nothing else; stops counting far above any limit. */
static bool parse_decimal(const char *word, uint64_t *number)
{
	uint64_t value = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		uint64_t digit = (uint64_t)(*word - '0');

		if (!is_digit(*word))
			return false;
		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX :
							    value * 10 + digit;
	}
	*number = value;
	return true;
}

/**
 * svclb_text_parse_number() - read a number
 * @word:   the word
 * @what:   what it is called in errors
 * @max:    largest value
 * @number: for the number
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_number(const char *word, const char *what, uint64_t max,
			    uint64_t *number, struct svclb_err *err)
{
	if (parse_decimal(word, number) && *number <= max)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     WORD ": %s is a number from 0 to %llu", word, what,
			     (unsigned long long)max);
}

/**
 * svclb_text_parse_port() - read a port
 * @word: the word
 * @port: for the port, host byte order
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_port(const char *word, uint16_t *port,
			  struct svclb_err *err)
{
	uint64_t number;

	if (!parse_decimal(word, &number) || !number || number > UINT16_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT, WORD
				     ": a port is a number from 1 to 65535",
				     word);
	*port = number;
	return 0;
}

/**
 * svclb_text_parse_range() - read a range of ports, such as 30000-32767
 * @word: the word
 * @min:  for the first port
 * @max:  for the last port
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_range(const char *word, uint16_t *min, uint16_t *max,
			   struct svclb_err *err)
{
	const char *dash = strchr(word, '-');
	char first[8];

	if (!dash || (size_t)(dash - word) >= sizeof(first))
		return bad(err, word, "not a range of ports",
			   "write it as 30000-32767");
	memcpy(first, word, dash - word);
	first[dash - word] = '\0';
	if (svclb_text_parse_port(first, min, err) ||
	    svclb_text_parse_port(dash + 1, max, err))
		return -1;
	if (*min > *max)
		return bad(err, word, "ends before it begins",
			   "write the smaller port first");
	return 0;
}

/**
 * svclb_text_parse_scheduler() - read the name of a scheduler
 * @word:  the word
 * @sched: for enum svclb_scheduler
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_scheduler(const char *word, uint8_t *sched,
			       struct svclb_err *err)
{
	unsigned int i;

	for (i = 0; i <= SVCLB_SCHED_MAX; i++) {
		if (!strcmp(word, svclb_text_scheduler(i))) {
			*sched = i;
			return 0;
		}
	}
	return bad(err, word, "unknown scheduler",
		   "there are random, wrandom, rr, wrr");
}

/**
 * svclb_text_check_name() - check whether a word can name a service
 * @name: the word
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_check_name(const char *name, struct svclb_err *err)
{
	size_t len = strlen(name), i;

	if (!len)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "a service name cannot be empty");
	if (len > SVCLB_NAME_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.40s...': a name has at most %d bytes, this one has %zu",
				     name, SVCLB_NAME_MAX, len);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
			return svclb_err_set(err, SVCLB_ERR_INPUT,
					     "byte %zu of the name is a blank or a control character",
					     i + 1);
	return 0;
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

/* Says what is wrong with an address that the kernel does not take. */
static const char *unusable(uint8_t family, const uint8_t addr[16])
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
	if (!rest || unusable(AF_INET, key->addr))
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
			bad(err, word, "the address is link-local",
			    "a unicast address of wider scope is needed");
		else
			bad(err, word, "not an IPv6 address",
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
		bad(err, word, "not an IPv4 address",
		    "it has four numbers from 0 to 255");
		return SVCLB_TEXT_WRONG;
	}
	if (is_bare_ipv6(word)) {
		bad(err, word, "an IPv6 address stands in brackets",
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

static enum svclb_text_kind parse_unicast(const char *word, const char *host,
					  struct svclb_key *key,
					  struct svclb_err *err)
{
	enum svclb_text_kind kind;
	const char *rest, *fault;

	kind = parse_host(host, key, &rest, err);
	if (kind != SVCLB_TEXT_KEY)
		return kind;
	if (parse_colon_port(word, rest, &key->port, err))
		return SVCLB_TEXT_WRONG;
	fault = unusable(key->family, key->addr);
	if (!fault)
		return SVCLB_TEXT_KEY;
	bad(err, word, fault, "a unicast address is needed");
	return SVCLB_TEXT_WRONG;
}

static enum svclb_text_kind parse_node_port(const char *word, const char *port,
					    uint8_t family,
					    struct svclb_key *key,
					    struct svclb_err *err)
{
	memset(key->addr, 0, sizeof(key->addr));
	key->kind = SVCLB_FRONTEND_KIND_NODE_PORT;
	key->family = family;
	if (!svclb_text_parse_port(port, &key->port, err))
		return SVCLB_TEXT_KEY;
	svclb_err_prefix(err, WORD ": ", word);
	return SVCLB_TEXT_WRONG;
}

/**
 * svclb_text_parse_key() - read the address of a frontend
 * @word: the word: 10.96.0.1:80, udp/10.96.0.10:53, [fd00::1]:80,
 *        nodeport:30000, nodeport6:30000
 * @key:  for the key; its protocol is 0 if the word has none, which means TCP
 *        where nothing else says UDP
 * @err:  for errors; filled for SVCLB_TEXT_WRONG only
 *
 * Return: what the word is.
 */
enum svclb_text_kind svclb_text_parse_key(const char *word,
					  struct svclb_key *key,
					  struct svclb_err *err)
{
	const char *host = word, *slash, *rest;
	enum svclb_text_kind kind;

	*key = (struct svclb_key){ 0 };
	rest = parse_quickly(word, key);
	if (rest && !*rest)
		return SVCLB_TEXT_KEY;
	*key = (struct svclb_key){ 0 };
	if (starts_with(word, "tcp/")) {
		host = word + 4;
		key->proto = IPPROTO_TCP;
	} else if (starts_with(word, "udp/")) {
		host = word + 4;
		key->proto = IPPROTO_UDP;
	}
	if (starts_with(host, NODE_PORT4))
		return parse_node_port(word, host + strlen(NODE_PORT4),
				       AF_INET, key, err);
	if (starts_with(host, NODE_PORT6))
		return parse_node_port(word, host + strlen(NODE_PORT6),
				       AF_INET6, key, err);
	kind = parse_unicast(word, host, key, err);
	slash = strchr(word, '/');
	if (kind != SVCLB_TEXT_OTHER || !slash)
		return kind;
	/* sctp/10.0.0.1:80 is no name, but 10.0.0.0/8 or a/b:http is none of it. */
	if (parse_unicast(word, slash + 1, key, err) != SVCLB_TEXT_KEY)
		return SVCLB_TEXT_OTHER;
	bad(err, word, "unknown protocol", "there are tcp and udp");
	return SVCLB_TEXT_WRONG;
}

/* Reads what may follow an endpoint's port: ",w=2,draining". */
static int parse_attributes(const char *word, char *list,
			    struct svclb_backend *backend,
			    struct svclb_err *err)
{
	char *save, *part;

	for (part = strtok_r(list, ",", &save); part;
	     part = strtok_r(NULL, ",", &save)) {
		if (starts_with(part, "w=")) {
			uint64_t weight;

			if (svclb_text_parse_number(part + 2, "a weight",
						    SVCLB_WEIGHT_MAX, &weight,
						    err))
				return svclb_err_prefix(err, WORD ": ", word);
			backend->weight = weight;
			backend->given |= 1u << SVCLB_A_BACKEND_WEIGHT;
		} else if (!strcmp(part, "draining")) {
			backend->flags |= SVCLB_BACKEND_DRAINING;
			backend->given |= 1u << SVCLB_A_BACKEND_FLAGS;
		} else {
			return bad(err, word, "unknown attribute",
				   "there are ,w=WEIGHT and ,draining");
		}
	}
	return 0;
}

/* Reads an endpoint up to its attributes; returns where they begin, or NULL. */
static const char *parse_endpoint(const char *word, struct svclb_key *key,
				  struct svclb_err *err)
{
	static const char right[] =
		"write it as 10.244.0.1:8080 or [fd00::1]:8080";
	size_t len = strcspn(word, ",");
	char text[128];

	if (len >= sizeof(text)) {
		bad(err, word, "not an endpoint", right);
		return NULL;
	}
	memcpy(text, word, len);
	text[len] = '\0';
	switch (parse_unicast(text, text, key, err)) {
	case SVCLB_TEXT_KEY:
		return word + len;
	case SVCLB_TEXT_OTHER:
		bad(err, word, strchr(text, '/') ?
		    "an endpoint has the protocol of its service" :
		    "not an endpoint", right);
		return NULL;
	default:
		return NULL;
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
	char text[128];
	const char *rest;

	rest = parse_quickly(word, &key);
	if (!rest || (*rest && *rest != ',')) {
		key = (struct svclb_key){ 0 };
		rest = parse_endpoint(word, &key, err);
		if (!rest)
			return -1;
	}
	*family = key.family;
	*backend = (struct svclb_backend){ .port = key.port, .weight = 1 };
	memcpy(backend->addr, key.addr, sizeof(backend->addr));
	if (!*rest)
		return 0;
	if (strlen(rest) >= sizeof(text))
		return bad(err, word, "too many attributes",
			   "there are ,w=WEIGHT and ,draining");
	memcpy(text, rest, strlen(rest) + 1);
	return parse_attributes(word, text, backend, err);
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
		return bad(err, word, "not a network",
			   "write it as 10.244.0.0/16 or fd00:10::/64");
	if (parse_ipv4(word, network->addr) != slash) {
		network->family = AF_INET6;
		if (!parse_ipv6(word, slash - word, network->addr))
			return bad(err, word, "not a network",
				   "write it as 10.244.0.0/16 or fd00:10::/64");
	}
	max = svclb_family_length(network->family) * 8;
	if (svclb_text_parse_number(slash + 1, "the length of a prefix", max,
				    &length, err))
		return svclb_err_prefix(err, WORD ": ", word);
	network->length = length;
	return check_network(word, network, err);
}
