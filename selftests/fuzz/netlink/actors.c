// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets: with and without privilege, in several network namespaces.
 * An epoch begins with new namespaces, so that nothing of the one before
 * matters any more.
 */
#include "fuzz.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>
#include <libmnl/libmnl.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define BUFFER (32 << 20)

struct actor actors[ACTORS];
struct actor observer = { .fd = -1 };

static int home = -1;		/* where this program was started */
static int main_ns = -1;
static uint32_t group;

static const char * const names[ACTORS] = {
	[MAIN] = "main",
	[CAPPED] = "capped",
	[LISTENER] = "listener",
	[OTHER_NS] = "other-namespace",
	[BORN_WEAK] = "opened-unprivileged",
	[SENT_WEAK] = "sent-unprivileged",
	[USER_NS] = "user-namespace",
	[LAZY] = "lazy",
};

const char *actor_name(enum actor_kind kind)
{
	return kind < ACTORS ? names[kind] : "?";
}

/*
 * The module asks for privilege in the first user namespace of both, who opened
 * the socket and who sends.
 */
bool actor_has_privilege(enum actor_kind kind)
{
	return kind != BORN_WEAK && kind != SENT_WEAK && kind != USER_NS;
}

bool actor_in_main_ns(enum actor_kind kind)
{
	return kind != OTHER_NS && kind != USER_NS;
}

static void set_effective(uint32_t low, uint32_t high)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		err(2, "cannot read capabilities");
	data[0].effective = low & data[0].permitted;
	data[1].effective = high & data[1].permitted;
	if (syscall(SYS_capset, &header, data))
		err(2, "cannot set capabilities");
}

void privilege_drop(void)
{
	set_effective(0, 0);
}

void privilege_raise(void)
{
	set_effective(UINT32_MAX, UINT32_MAX);
}

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		err(2, "cannot change the namespace");
}

static int current_ns(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "cannot open the namespace");
	return fd;
}

static int socket_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(2, "cannot open a netlink socket");
	return fd;
}

static void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(2, "cannot set option %d of a socket", option);
}

static struct actor actor_of(int fd)
{
	struct sockaddr_nl address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		err(2, "cannot read a socket's name");
	return (struct actor){ .fd = fd, .port = address.nl_pid };
}

static struct actor open_here(void)
{
	int fd = socket_open();

	set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
	set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
	return actor_of(fd);
}

static void send_fd(int through, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec byte = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(through, &message, 0) != 1)
		_exit(2);
}

static int receive_fd(int through)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char data;
	struct iovec byte = { .iov_base = &data, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};
	int fd;

	if (recvmsg(through, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		errx(2, "no socket of a user namespace");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* The socket outlives the process that makes it, and keeps its namespaces. */
static struct actor open_in_user_ns(void)
{
	int pair[2], fd, status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(2, "no socket pair");
	child = fork();
	if (child < 0)
		err(2, "cannot fork");
	if (!child) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			_exit(2);
		send_fd(pair[0], socket_open());
		_exit(0);
	}
	close(pair[0]);
	fd = receive_fd(pair[1]);
	close(pair[1]);
	if (waitpid(child, &status, 0) != child || status)
		errx(2, "no user namespace");
	set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
	set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
	return actor_of(fd);
}

/* actor_reopen() - the socket is closed, whatever was to come, and opened anew */
void actor_reopen(enum actor_kind kind)
{
	struct actor *actor = &actors[kind];

	if (actor->fd >= 0)
		close(actor->fd);
	enter(main_ns);
	switch (kind) {
	case OTHER_NS:
		if (unshare(CLONE_NEWNET))
			err(2, "no network namespace");
		*actor = open_here();
		break;
	case USER_NS:
		*actor = open_in_user_ns();
		break;
	case BORN_WEAK:
		privilege_drop();
		actor->fd = socket_open();
		privilege_raise();
		*actor = actor_of(actor->fd);
		set_option(actor->fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
		set_option(actor->fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
		set_option(actor->fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
		break;
	case CAPPED:
		*actor = open_here();
		set_option(actor->fd, SOL_NETLINK, NETLINK_EXT_ACK, 0);
		set_option(actor->fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
		break;
	case LISTENER:
		*actor = open_here();
		set_option(actor->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
		break;
	case LAZY:
		*actor = open_here();
		set_option(actor->fd, SOL_SOCKET, SO_RCVBUFFORCE, 16 << 10);
		break;
	default:
		*actor = open_here();
	}
	enter(home);
}

void actors_init(void)
{
	int i;

	home = current_ns();
	for (i = 0; i < ACTORS; i++)
		actors[i].fd = -1;
	generator.family = family_number(&group);
}

/* actors_new_epoch() - new namespaces, new sockets */
void actors_new_epoch(void)
{
	int i;

	if (main_ns >= 0) {
		close(main_ns);
		close(observer.fd);
	}
	if (unshare(CLONE_NEWNET))
		err(2, "no network namespace");
	main_ns = current_ns();
	observer = open_here();
	enter(home);
	for (i = 0; i < ACTORS; i++)
		actor_reopen(i);
}

/* What the family's controller says of it. */
struct family_info {
	uint16_t id;
	uint32_t group;
};

static int take_group(const struct nlattr *attr, void *data)
{
	struct family_info *info = data;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
		info->group = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int take_family(const struct nlmsghdr *header, void *data)
{
	struct family_info *info = data;
	const struct nlattr *attr, *entry;

	mnl_attr_for_each(attr, header, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			info->id = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(entry, attr)
			mnl_attr_parse_nested(entry, take_group, info);
	}
	return MNL_CB_OK;
}

/* family_number() - asks for the numbers of the family and of its group */
uint16_t family_number(uint32_t *group_number)
{
	char buffer[8192];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;
	struct mnl_socket *socket = mnl_socket_open(NETLINK_GENERIC);
	struct family_info info = { 0 };
	ssize_t length;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		err(2, "cannot open a netlink socket");
	header->nlmsg_type = GENL_ID_CTRL;
	header->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(header, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(header, CTRL_ATTR_FAMILY_NAME, spec_family);
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		err(2, "cannot ask for the family");
	length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (length < 0 || mnl_cb_run(buffer, length, 0, 0, take_family, &info) < 0 || !info.id)
		errx(2, "the kernel has no family %s", spec_family);
	mnl_socket_close(socket);
	*group_number = info.group;
	return info.id;
}
