// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may use the netlink interface: run by nl-abi.sh with each value of the
 * module's parameter unprivileged_userns.
 */
#include <fcntl.h>
#include <grp.h>

#include "nl_abi.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

/* all_requests() - what each request and dump is answered, EOPNOTSUPP apart */
static void all_requests(struct __test_metadata *_metadata, struct nl *nl, int expected)
{
	static const struct {
		uint8_t cmd;
		const char *text;
	} requests[] = {
		{ SVCLB_CMD_SERVICE_SET, WEB },
		{ SVCLB_CMD_SERVICE_GET, "name=web" },
		{ SVCLB_CMD_SERVICE_EDIT, "name=web generation=2" },
		{ SVCLB_CMD_FRONTEND_ADD, "name=web frontend{kind=1 port=30080}" },
		{ SVCLB_CMD_FRONTEND_DEL, "name=web frontend{kind=1 port=30080}" },
		{ SVCLB_CMD_BACKEND_SET, "name=web backend{address4=10.0.1.9 port=1}" },
		{ SVCLB_CMD_BACKEND_DEL, "name=web backend{address4=10.0.1.9 port=1}" },
		{ SVCLB_CMD_SETTINGS_SET, "masquerade-all=0" },
		{ SVCLB_CMD_SETTINGS_GET, "" },
		{ SVCLB_CMD_COUNTERS_GET, "" },
		{ SVCLB_CMD_COUNTERS_ZERO, "" },
		{ SVCLB_CMD_PURGE, "generation=1" },
		{ SVCLB_CMD_RESOLVE, "source4=10.0.0.1 destination4=10.96.0.1;"
		  "destination-port=80 protocol=6" },
		{ SVCLB_CMD_SERVICE_DEL, "name=web" },
		{ SVCLB_CMD_FLUSH, "" },
	};
	static const uint8_t dumps[] = {
		SVCLB_CMD_SERVICE_GET, SVCLB_CMD_FRONTEND_GET, SVCLB_CMD_BACKEND_GET,
		SVCLB_CMD_SOURCE_RANGE_GET, SVCLB_CMD_AFFINITY_GET,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		EXPECT_EQ(expected, nl_do(nl, requests[i].cmd, NLM_F_CREATE, requests[i].text)) {
			TH_LOG("request %u '%s'", requests[i].cmd, requests[i].text);
		}
		if (expected)
			EXPECT_STREQ("", nl->reply.text);
	}
	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		EXPECT_EQ(expected, nl_dump(nl, dumps[i], "")) {
			TH_LOG("dump %u", dumps[i]);
		}
		EXPECT_STREQ("", nl->reply.text);
	}
}

static void become_nobody(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(65534, 65534, 65534));
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
}

static bool lets_user_namespaces_in(void)
{
	char value = 'N';
	int fd;

	fd = open("/sys/module/svclb/parameters/unprivileged_userns", O_RDONLY);
	if (fd >= 0 && read(fd, &value, 1) != 1)
		value = 'N';
	if (fd >= 0)
		close(fd);
	return value == 'Y';
}

TEST_F(abi, permission_of_root)
{
	all_requests(_metadata, &self->nl, 0);
	EXPECT_EQ(0, nl_join(&self->nl));
}

TEST_F(abi, permission_of_nobody)
{
	struct nl nobody;

	become_nobody(_metadata);
	ASSERT_EQ(0, nl_open(&nobody));
	all_requests(_metadata, &nobody, -EPERM);
	EXPECT_EQ(-EPERM, nl_join(&nobody));
	/* Nor with what root has opened. */
	all_requests(_metadata, &self->nl, -EPERM);
	nl_close(&nobody);
}

/* Who opens a socket cannot have another use it for him. */
TEST_F(abi, permission_of_a_socket_of_nobody)
{
	struct nl nobody;

	ASSERT_EQ(0, setegid(65534));
	ASSERT_EQ(0, seteuid(65534));
	ASSERT_EQ(0, nl_open(&nobody));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_EQ(0, setegid(0));
	all_requests(_metadata, &nobody, -EPERM);
	all_requests(_metadata, &self->nl, 0);
	nl_close(&nobody);
}

TEST_F(abi, permission_of_a_user_namespace)
{
	struct nl inside;

	become_nobody(_metadata);
	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&inside));
	all_requests(_metadata, &inside, lets_user_namespaces_in() ? 0 : -EPERM);
	/* Hears of its own namespace only, so no need to keep it out. */
	EXPECT_EQ(0, nl_join(&inside));
	nl_close(&inside);
}

TEST_F(abi, permission_of_a_user_namespace_elsewhere)
{
	struct nl inside;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&inside));
	all_requests(_metadata, &inside, -EPERM);
	EXPECT_EQ(-EPERM, nl_join(&inside));
	nl_close(&inside);
}

/* NOLINTEND(bugprone-suspicious-semicolon) */

TEST_HARNESS_MAIN
