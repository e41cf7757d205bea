// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways into the kernel. A packet socket gives it a packet in one piece, a ring
 * one whose data is in pages, a virtio header what is to be segmented or is said
 * to be; a tap device gives the node what no packet socket of another namespace
 * could: packets larger than any link takes, and headers in pages.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "packet.h"

#define FRAME 4096
#define FRAMES 64

const char *const sender_names[SENDERS] = {
	[SEND_PACKET] = "packet-socket",
	[SEND_RING] = "ring",
	[SEND_CHECKSUM] = "checksum-left",
	[SEND_SEGMENTS] = "segments-left",
	[SEND_ODD] = "odd-virtio-header",
	[SEND_TAP] = "tap",
	[SEND_TAP_ODD] = "tap-odd-virtio-header",
	[SEND_TAP_FRAGS] = "tap-in-pages",
	[SEND_TUN] = "tun",
};

unsigned long sent_by[SENDERS];
unsigned long not_taken;

/* A device of the node that this program is the other side of. */
struct device {
	int fd;
	uint8_t mac[6];
};

static struct device tap, tap_frags, tun;

/* Enters a namespace; returns the one left, to be entered with setns(). */
int enter(const char *namespace)
{
	int old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (old < 0 || fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "no network namespace %s", namespace);
	close(fd);
	return old;
}

static void leave(int old)
{
	if (setns(old, CLONE_NEWNET))
		err(2, "cannot return to the network namespace");
	close(old);
}

static void set_int(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(2, "cannot set option %d of level %d", option, level);
}

static int device_number(const char *device, uint8_t *mac)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), number;
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		err(2, "no device %s", device);
	if (mac)
		memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	if (ioctl(fd, SIOCGIFINDEX, &request))
		err(2, "no device %s", device);
	number = request.ifr_ifindex;
	close(fd);
	return number;
}

static int packet_socket(int device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = device,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(2, "cannot make a packet socket");
	return fd;
}

/* One that only sends: nothing is to pile up in it. */
static int sending_socket(int device, bool vnet)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = device,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err(2, "cannot make a packet socket");
	if (vnet)
		set_int(fd, SOL_PACKET, PACKET_VNET_HDR, 1);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(2, "cannot bind a packet socket");
	return fd;
}

static void ring_open(struct place *place)
{
	struct tpacket_req request = {
		.tp_block_size = FRAME * FRAMES,
		.tp_block_nr = 1,
		.tp_frame_size = FRAME,
		.tp_frame_nr = FRAMES,
	};

	place->ring = sending_socket(place->device, false);
	set_int(place->ring, SOL_PACKET, PACKET_VERSION, TPACKET_V2);
	/* A frame that the kernel does not take is no reason to stop at it. */
	set_int(place->ring, SOL_PACKET, PACKET_LOSS, 1);
	if (setsockopt(place->ring, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)))
		err(2, "cannot make a ring");
	place->frames = mmap(NULL, (size_t)FRAME * FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED,
			     place->ring, 0);
	if (place->frames == MAP_FAILED)
		err(2, "cannot map a ring");
}

void place_open(struct place *place, const char *node, const char *device,
		const char *namespace)
{
	int old = enter(node);

	device_number(device, place->mac);
	leave(old);
	old = enter(namespace);
	place->device = device_number("eth0", NULL);
	place->fd = packet_socket(place->device);
	set_int(place->fd, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
	place->vnet = sending_socket(place->device, true);
	ring_open(place);
	leave(old);
}

static void device_open(struct device *device, const char *name, short flags, bool vnet)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_flags = flags };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	device->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device->fd < 0 || ioctl(device->fd, TUNSETIFF, &request))
		err(2, "cannot make the device %s", name);
	if (vnet && ioctl(device->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		err(2, "cannot set offloads of %s", name);
	device_number(name, device->mac);
	request.ifr_flags = IFF_UP;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		err(2, "cannot set up %s", name);
	close(fd);
}

void devices_open(const char *node)
{
	int old = enter(node);

	device_open(&tap, "fuzz0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, true);
	device_open(&tap_frags, "fuzz1", IFF_TAP | IFF_NO_PI | IFF_NAPI | IFF_NAPI_FRAGS, false);
	device_open(&tun, "fuzz2", IFF_TUN, false);
	leave(old);
}

static uint16_t ether_type(const struct packet *packet, bool mistyped)
{
	return (packet->family == 4) != mistyped ? ETH_P_IP : ETH_P_IPV6;
}

static size_t put_ethernet(uint8_t *at, const uint8_t *mac, uint16_t type)
{
	static const uint8_t own[6] = { 2, 0, 0, 0, 0, 1 };

	memcpy(at, mac, 6);
	memcpy(at + 6, own, 6);
	put16(at + 12, type);
	return ETH_HLEN;
}

/* Where the checksum is in the transport header. */
static size_t checksum_offset(const struct packet *packet)
{
	return packet->proto == IPPROTO_TCP ? 16 : 6;
}

/* What is left to be done by a device: a checksum, and segments perhaps. */
static void leave_work(struct virtio_net_hdr *header, struct packet *packet, bool segments)
{
	size_t offset = checksum_offset(packet);
	size_t len = packet->len - packet->l4;

	put16(packet->bytes + packet->l4 + offset,
	      fold(pseudo_sum(packet, len, packet->proto)));
	header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	header->csum_start = ETH_HLEN + packet->l4;
	header->csum_offset = offset;
	if (!segments)
		return;
	header->hdr_len = ETH_HLEN + packet->payload;
	header->gso_size = 1 + below(chance(3) ? 60 : 1400);
	/* A packet of more segments than this is a test of patience only. */
	if ((packet->len - packet->payload) / header->gso_size > 200)
		header->gso_size = 400;
	if (packet->proto == IPPROTO_UDP)
		header->gso_type = VIRTIO_NET_HDR_GSO_UDP;
	else if (packet->family == 4)
		header->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	else
		header->gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	if (packet->proto == IPPROTO_TCP && chance(8))
		header->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
}

static void odd_header(struct virtio_net_hdr *header, const struct packet *packet)
{
	static const uint8_t types[] = { 0, 1, 3, 4, 5, 0x80, 0x81, 0x84, 2 };

	header->flags = chance(3) ? below(8) : VIRTIO_NET_HDR_F_NEEDS_CSUM;
	header->gso_type = types[below(LENGTH(types))];
	header->hdr_len = wrong_number(ETH_HLEN + packet->payload, 65535);
	header->gso_size = wrong_number(packet->len / 2, 65535);
	header->csum_start = chance(2) ? ETH_HLEN + packet->l4 :
			     wrong_number(ETH_HLEN + packet->l4, 65535);
	header->csum_offset = chance(2) ? checksum_offset(packet) : wrong_number(6, 65535);
	if (header->gso_size && packet->len / header->gso_size > 200)
		header->gso_size = packet->len / 200;
}

/* Sends what is in up to four parts. */
static bool send_parts(int fd, struct iovec *parts, int nr)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (writev(fd, parts, nr) >= 0)
			return true;
		if (errno != EAGAIN && errno != ENOBUFS)
			return false;
		usleep(1000);
	}
	return false;
}

static bool send_frame(int fd, const struct virtio_net_hdr *header, const uint8_t *mac,
		       struct packet *packet, bool mistyped)
{
	uint8_t ethernet[ETH_HLEN];
	struct iovec parts[] = {
		{ .iov_base = (void *)header, .iov_len = header ? sizeof(*header) : 0 },
		{ .iov_base = ethernet },
		{ .iov_base = packet->bytes, .iov_len = packet->len },
	};

	parts[1].iov_len = put_ethernet(ethernet, mac, ether_type(packet, mistyped));
	return send_parts(fd, parts, LENGTH(parts));
}

static bool send_ring(struct place *place, struct packet *packet, bool mistyped)
{
	struct tpacket2_hdr *frame;
	uint8_t *at;

	frame = (struct tpacket2_hdr *)(place->frames + (size_t)place->frame * FRAME);
	if (frame->tp_status != TP_STATUS_AVAILABLE ||
	    packet->len + ETH_HLEN + 64 > FRAME || packet->len > 1500)
		return false;
	at = (uint8_t *)frame + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll);
	put_ethernet(at, place->mac, ether_type(packet, mistyped));
	memcpy(at + ETH_HLEN, packet->bytes, packet->len);
	frame->tp_len = ETH_HLEN + packet->len;
	frame->tp_status = TP_STATUS_SEND_REQUEST;
	place->frame = (place->frame + 1) % FRAMES;
	return send(place->ring, NULL, 0, MSG_DONTWAIT) >= 0 || errno == EAGAIN;
}

/* Headers and data in pieces of any size: each becomes a page of the packet. */
static bool send_pieces(struct packet *packet, bool mistyped)
{
	uint8_t head[ETH_HLEN + 128];
	struct iovec parts[8] = { { .iov_base = head } };
	size_t at = below(packet->len < 128 ? packet->len + 1 : 128), len;
	int nr = 1;

	len = put_ethernet(head, tap_frags.mac, ether_type(packet, mistyped));
	memcpy(head + len, packet->bytes, at);
	parts[0].iov_len = len + at;
	while (at < packet->len && nr < (int)LENGTH(parts)) {
		len = packet->len - at;
		if (nr + 1 < (int)LENGTH(parts))
			len = 1 + below(len);
		/* The last takes what is left, as far as a page goes. */
		if (len > 4096)
			len = 4096;
		parts[nr++] = (struct iovec){ .iov_base = packet->bytes + at, .iov_len = len };
		at += len;
	}
	return send_parts(tap_frags.fd, parts, nr);
}

static bool send_bare(struct packet *packet, bool mistyped)
{
	struct tun_pi info = { .proto = htons(ether_type(packet, mistyped)) };
	struct iovec parts[] = {
		{ .iov_base = &info, .iov_len = sizeof(info) },
		{ .iov_base = packet->bytes, .iov_len = packet->len },
	};

	return send_parts(tun.fd, parts, LENGTH(parts));
}

/* The answers to what devices sent in; nobody waits for them. */
static void drain_devices(void)
{
	static uint8_t ignored[PACKET_ROOM];

	while (read(tap.fd, ignored, sizeof(ignored)) > 0)
		;
	while (read(tap_frags.fd, ignored, sizeof(ignored)) > 0)
		;
	while (read(tun.fd, ignored, sizeof(ignored)) > 0)
		;
}

static bool is_whole(const struct packet *packet)
{
	return (packet->proto == IPPROTO_TCP || packet->proto == IPPROTO_UDP) &&
	       packet->len >= packet->payload;
}

bool send_packet(struct place *place, enum sender sender, struct packet *packet, bool mistyped)
{
	struct virtio_net_hdr header = { 0 };
	bool taken;

	switch (sender) {
	case SEND_RING:
		taken = send_ring(place, packet, mistyped);
		break;
	case SEND_CHECKSUM:
	case SEND_SEGMENTS:
		if (is_whole(packet))
			leave_work(&header, packet, sender == SEND_SEGMENTS);
		taken = send_frame(place->vnet, &header, place->mac, packet, mistyped);
		break;
	case SEND_ODD:
		odd_header(&header, packet);
		taken = send_frame(place->vnet, &header, place->mac, packet, mistyped);
		break;
	case SEND_TAP:
		if (is_whole(packet))
			leave_work(&header, packet, packet->len > 1500);
		taken = send_frame(tap.fd, &header, tap.mac, packet, mistyped);
		break;
	case SEND_TAP_ODD:
		odd_header(&header, packet);
		taken = send_frame(tap.fd, &header, tap.mac, packet, mistyped);
		break;
	case SEND_TAP_FRAGS:
		taken = send_pieces(packet, mistyped);
		break;
	case SEND_TUN:
		taken = send_bare(packet, mistyped);
		break;
	default:
		taken = send_frame(place->fd, NULL, place->mac, packet, mistyped);
	}
	drain_devices();
	if (taken)
		sent_by[sender]++;
	else
		not_taken++;
	return taken;
}
