// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "listeners.h"

/**
 * svclb_bind_any() - mean any address of both families
 * @bind: the address
 */
void svclb_bind_any(struct svclb_bind *bind)
{
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&bind->addr;

	*bind = (struct svclb_bind){ .len = sizeof(*ipv6), .both = true };
	ipv6->sin6_family = AF_INET6;
}

/**
 * svclb_bind_set_port() - mean a port
 * @bind: the address
 * @port: the port
 */
void svclb_bind_set_port(struct svclb_bind *bind, uint16_t port)
{
	if (bind->addr.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&bind->addr)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&bind->addr)->sin_port = htons(port);
}

/**
 * svclb_bind_port() - which port is meant?
 * @bind: the address
 *
 * Return: the port.
 */
uint16_t svclb_bind_port(const struct svclb_bind *bind)
{
	if (bind->addr.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&bind->addr)->sin6_port);
	return ntohs(((struct sockaddr_in *)&bind->addr)->sin_port);
}

/**
 * svclb_bind_text() - print an address
 * @bind: the address
 * @text: for the text
 */
void svclb_bind_text(const struct svclb_bind *bind, char text[SVCLB_BIND_TEXT])
{
	const struct sockaddr_in6 *ipv6 = (const void *)&bind->addr;
	const struct sockaddr_in *ipv4 = (const void *)&bind->addr;
	char host[INET6_ADDRSTRLEN] = "", scope[IF_NAMESIZE + 1] = "";
	unsigned int port = svclb_bind_port(bind);

	if (bind->both) {
		snprintf(text, SVCLB_BIND_TEXT, ":%u", port);
	} else if (ipv6->sin6_family == AF_INET6) {
		inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
		if (ipv6->sin6_scope_id &&
		    if_indextoname(ipv6->sin6_scope_id, scope + 1))
			*scope = '%';
		snprintf(text, SVCLB_BIND_TEXT, "[%s%s]:%u", host, scope, port);
	} else {
		inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
		snprintf(text, SVCLB_BIND_TEXT, "%s:%u", host, port);
	}
}

/**
 * svclb_bind_parse() - read where to listen
 * @word: the word: 0.0.0.0:10256, [::]:10256, and :10256 for both families
 * @bind: for the address
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_bind_parse(const char *word, struct svclb_bind *bind,
		     struct svclb_err *err)
{
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&bind->addr;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&bind->addr;
	struct svclb_key key;
	uint16_t port;

	if (*word == ':' && strrchr(word, ':') == word) {
		if (svclb_text_parse_port(word + 1, &port, err))
			return svclb_err_prefix(err, "'%.80s': ", word);
		svclb_bind_any(bind);
		svclb_bind_set_port(bind, port);
		return 0;
	}
	if (svclb_text_parse_host_port(word, &key, err))
		return -1;
	if (!key.port)
		return svclb_text_bad(err, word, "no port",
				      "write it as 0.0.0.0:80, [::]:80 or :80");
	*bind = (struct svclb_bind){ 0 };
	bind->addr.ss_family = key.family;
	if (key.family == AF_INET6) {
		memcpy(&ipv6->sin6_addr, key.addr, sizeof(ipv6->sin6_addr));
		bind->len = sizeof(*ipv6);
	} else {
		memcpy(&ipv4->sin_addr, key.addr, sizeof(ipv4->sin_addr));
		bind->len = sizeof(*ipv4);
	}
	svclb_bind_set_port(bind, key.port);
	return 0;
}
