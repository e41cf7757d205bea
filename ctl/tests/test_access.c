// SPDX-License-Identifier: GPL-2.0-only
/*
 * How to reach an API server: from kubeconfigs, good ones and odd ones, from a
 * pod's environment, and from a URL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "watch/access.h"

/* Base64 of "-----BEGIN X\n", and of something else. */
#define PEM "LS0tLS1CRUdJTiBYCg=="
#define NOT_PEM "aGVsbG8="

static char dir[32];
static char name[64];

static void write_file(const char *text)
{
	FILE *file = fopen(name, "w");

	fputs(text, file);
	fclose(file);
}

/* A kubeconfig with the parts of a cluster, and of a user. */
static char *make(const char *cluster, const char *user)
{
	char *text;

	if (asprintf(&text,
		     "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
		     "contexts:\n- name: b\n  context: {cluster: y}\n"
		     "- name: c\n  context:\n    cluster: x\n    user: u\n"
		     "clusters:\n- name: y\n  cluster: {server: 'https://y'}\n"
		     "- name: x\n  cluster: {%s}\nusers:\n- name: u\n  user: {%s}\n",
		     cluster, user) < 0)
		abort();
	return text;
}

static const char *none(const char *text)
{
	return text ? text : "-";
}

static void print_secret(FILE *file, const char *key,
			 const struct svclb_secret *secret)
{
	if (secret->file)
		fprintf(file, " %s=@%s", key,
			strstr(secret->file, dir) ? secret->file + strlen(dir) :
						    secret->file);
	if (secret->data)
		fprintf(file, " %s='%.*s'", key, (int)secret->len,
			secret->data);
}

/* What is read from the file, as one line; or the error without its beginning. */
static char *describe(const char *context)
{
	struct svclb_access access;
	struct svclb_err err = { 0 };
	char *text = NULL;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	if (svclb_access_kubeconfig(&access, name, context, &err)) {
		fprintf(file, "%s", strncmp(err.text, name, strlen(name)) ?
			err.text : err.text + strlen(name) + 2);
		fclose(file);
		return text;
	}
	fprintf(file, "%s %s %s%s", access.server, none(access.server_name),
		none(access.proxy), access.insecure ? " insecure" : "");
	print_secret(file, "ca", &access.ca);
	print_secret(file, "cert", &access.cert);
	print_secret(file, "key", &access.key);
	print_secret(file, "token", &access.token);
	if (access.username)
		fprintf(file, " user=%s:%s", access.username,
			none(access.password));
	fclose(file);
	svclb_access_uninit(&access);
	return text;
}

static void check(struct tap *tap, const char *cluster, const char *user,
		  const char *expected)
{
	char *text = make(cluster, user), *is;

	write_file(text);
	is = describe(NULL);
	tap_text(tap, is, expected, expected);
	free(is);
	free(text);
}

#define SERVER "server: 'https://x:6443/'"

static void test_good(struct tap *tap)
{
	check(tap, SERVER, "", "https://x:6443 - -");
	check(tap, SERVER ", certificate-authority: ca.crt", "tokenFile: /t/k",
	      "https://x:6443 - - ca=@/ca.crt token=@/t/k");
	check(tap, SERVER ", certificate-authority-data: " PEM
	      ", tls-server-name: kubernetes, proxy-url: 'http://p:1'",
	      "token: abc",
	      "https://x:6443 kubernetes http://p:1 ca='-----BEGIN X\n' token='abc'");
	check(tap, SERVER ", insecure-skip-tls-verify: true",
	      "client-certificate: a/b.pem, client-key-data: " PEM,
	      "https://x:6443 - - insecure cert=@/a/b.pem key='-----BEGIN X\n'");
	check(tap, SERVER, "username: a, password: 'b'",
	      "https://x:6443 - - user=a:b");
	check(tap, SERVER, "exec: null, as: '', token: ''", "https://x:6443 - -");
	check(tap, "server: 'http://[::1]:80/a/b'", "token: t, tokenFile: f",
	      "http://[::1]:80/a/b - - token=@/f token='t'");
}

static void test_bad(struct tap *tap)
{
	check(tap, "", "", "clusters 'x': server: it is missing");
	check(tap, "server: 6443", "",
	      "clusters 'x': server: it must be text; put it in quotes");
	check(tap, "server: 'x:6443'", "",
	      "clusters 'x': server 'x:6443': it must begin with https:// (or http://)");
	check(tap, "server: 'https://u:p@x'", "",
	      "clusters 'x': server 'https://u:p@x': a user's name and password have no place in it");
	check(tap, SERVER ", insecure-skip-tls-verify: 'yes'", "",
	      "clusters 'x': insecure-skip-tls-verify: it must be true or false");
	check(tap, SERVER ", certificate-authority-data: '%%%%'", "",
	      "clusters 'x': certificate-authority-data: not base64");
	check(tap, SERVER ", certificate-authority-data: abc", "",
	      "clusters 'x': certificate-authority-data: not base64");
	check(tap, SERVER ", certificate-authority-data: " NOT_PEM, "",
	      "clusters 'x': certificate-authority-data: not PEM");
	check(tap, SERVER
	      ", insecure-skip-tls-verify: true, certificate-authority: a", "",
	      "clusters 'x': insecure-skip-tls-verify: it contradicts certificate-authority: leave one out");
	check(tap, SERVER, "exec: {command: aws}",
	      "users 'u': exec: no program is run for credentials; use tokenFile, token or client-certificate, such as the token of a service account");
	check(tap, SERVER, "auth-provider: {name: oidc}",
	      "users 'u': auth-provider: it is not supported; use tokenFile, token or client-certificate, such as the token of a service account");
	check(tap, SERVER, "as: root",
	      "users 'u': as: impersonation is not supported; use credentials of the user itself");
	check(tap, SERVER, "client-key-data: " PEM,
	      "users 'u': client-certificate: certificate and key (client-key) must both be there");
	check(tap, SERVER, "token: a, username: b",
	      "users 'u': username: there is a token too: leave one out");
	check(tap, SERVER, "password: b",
	      "users 'u': password: there is no username");
	check(tap, SERVER, "token: 12",
	      "users 'u': token: it must be text; put it in quotes");
}

static void check_file(struct tap *tap, const char *text, const char *context,
		       const char *expected, const char *what)
{
	char *is;

	write_file(text);
	is = describe(context);
	tap_text(tap, is, expected, what);
	free(is);
}

static void test_files(struct tap *tap)
{
	char *text = make(SERVER, "token: t");

	check_file(tap, text, "b", "https://y - -", "a context that is asked for");
	check_file(tap, text, "z", "there is no 'z' in contexts",
		   "a context that is not there");
	free(text);
	check_file(tap, "", NULL, "not a kubeconfig", "an empty file");
	check_file(tap, "{}\n---\n{}\n", NULL, "not a kubeconfig",
		   "two documents");
	check_file(tap, "[", NULL,
		   "line 2: did not find expected node content", "not YAML");
	check_file(tap, "clusters: 3\n", NULL,
		   "current-context: it is missing, and no context was asked for",
		   "no context");
	check_file(tap, "current-context: c\ncontexts: [{name: c, context: {cluster: q}}]\n",
		   NULL, "there is no 'q' in clusters", "no such cluster");
	check_file(tap, "current-context: c\ncontexts: [{name: c}]\n", NULL,
		   "contexts 'c': cluster: it is missing", "an empty context");
	check_file(tap,
		   "{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":\"x\"}}],\"clusters\":[{\"name\":\"x\",\"cluster\":{\"server\":\"https:\\/\\/x\"}}]}",
		   NULL, "https://x - -", "JSON");
	unlink(name);
	text = describe(NULL);
	tap_ok(tap, strstr(text, "No such file"), "no file");
	free(text);
}

static void check_pod(struct tap *tap, const char *host, const char *port,
		      const char *expected)
{
	struct svclb_access access;
	struct svclb_err err = { 0 };

	setenv("KUBERNETES_SERVICE_HOST", host, 1);
	setenv("KUBERNETES_SERVICE_PORT", port, 1);
	if (svclb_access_in_cluster(&access, &err)) {
		tap_ok(tap, strstr(err.text, expected), "pod: %s",
		       expected);
		return;
	}
	/* Run in a pod, it gets this far. */
	tap_ok(tap, access.token.file && access.ca.file, "pod: %s", expected);
	svclb_access_uninit(&access);
}

static void check_server(struct tap *tap, const char *url, const char *expected)
{
	struct svclb_access access = { 0 };
	struct svclb_err err = { 0 };

	svclb_access_set_server(&access, "https://before", &err);
	if (svclb_access_set_server(&access, url, &err))
		tap_text(tap, err.text, expected, expected);
	else
		tap_text(tap, access.server, expected, expected);
	svclb_access_uninit(&access);
}

static void test_secret(struct tap *tap)
{
	struct svclb_secret secret = { .file = name }, now;
	struct svclb_err err = { 0 };

	write_file("one\n");
	tap_ok(tap, !svclb_secret_load(&secret, &now, &err) &&
	       !strcmp(now.data, "one\n") && now.len == 4, "a file's content");
	svclb_secret_uninit(&now);
	write_file("two");
	tap_ok(tap, !svclb_secret_load(&secret, &now, &err) &&
	       !strcmp(now.data, "two"), "a file is read again");
	svclb_secret_uninit(&now);
	unlink(name);
	tap_ok(tap, svclb_secret_load(&secret, &now, &err) &&
	       strstr(err.text, name), "a file that is gone");
}

int main(void)
{
	struct tap tap = { 0 };

	snprintf(dir, sizeof(dir), "/tmp/test_access.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	snprintf(name, sizeof(name), "%s/config", dir);
	test_good(&tap);
	test_bad(&tap);
	test_files(&tap);
	check_pod(&tap, "", "443", "not in a pod");
	check_pod(&tap, "::1", "443", "serviceaccount/token");
	check_pod(&tap, "a b", "443", "not a URL");
	check_server(&tap, "https://a:1//", "https://a:1");
	check_server(&tap, "http://127.0.0.1:8001", "http://127.0.0.1:8001");
	check_server(&tap, "ftp://a",
		     "server 'ftp://a': it must begin with https:// (or http://)");
	check_server(&tap, "https://", "server 'https://': not a URL");
	check_server(&tap, "https://a?b",
		     "server 'https://a?b': it must not have a query or a fragment");
	test_secret(&tap);
	rmdir(dir);
	return tap_end(&tap);
}
