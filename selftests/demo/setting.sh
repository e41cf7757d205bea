# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The setting of the story: this machine as the node, pods in network
# namespaces, each behind an interface of its own, and a client outside.

declare -A address=(
	[web-1]=10.244.169.140
	[web-2]=10.244.169.141
	[web-3]=10.244.169.142
	[dns-1]=10.244.169.143
	[dns-2]=10.244.169.144
	[client]=10.244.169.150
)
webs=(web-1 web-2 web-3)
dnses=(dns-1 dns-2)
pods=("${webs[@]}" "${dnses[@]}" client)
node_address=192.168.0.10
outside_address=192.168.0.50
gateway=169.254.1.1	# what pods take for their router; nobody has it
domain=svc.cluster.local
servers=()		# process ids
place=''		# directory of the setting's files
forwarded=''		# what ip_forward was

draw_setting()
{
	cat <<'TEXT'

  outside client            the node                  pods
 ┌──────────────┐      ┌──────────────┐
 │ outside      │      │              ├─── web-1   10.244.169.140  nginx
 │ 192.168.0.50 ├──────┤ 192.168.0.10 ├─── web-2   10.244.169.141  nginx
 └──────────────┘      │              ├─── web-3   10.244.169.142  nginx
                       │   svclb.ko   ├─── dns-1   10.244.169.143  dnsmasq
                       │              ├─── dns-2   10.244.169.144  dnsmasq
                       │              ├─── client  10.244.169.150
                       └──────────────┘
TEXT
}

# The pods' files, and what ip-netns gives them as /etc.
make_place()
{
	local name

	place=$(mktemp -d /run/demo.XXXXXX)
	for name in "${pods[@]}"; do
		mkdir -p "$place/$name" "/etc/netns/$name"
		printf 'nameserver 10.96.0.10\nsearch default.%s %s cluster.local\n' \
			"$domain" "$domain" >"/etc/netns/$name/resolv.conf"
	done
	# A file must be there to be covered.
	[[ -e /etc/resolv.conf ]] || { rm -f /etc/resolv.conf; : >/etc/resolv.conf; }
}

make_outside()
{
	ip -batch - <<-TEXT || return
	netns add outside
	link add eth0 type veth peer name eth0 netns outside
	address add $node_address/24 dev eth0
	link set eth0 up
	TEXT
	ip -n outside -batch - <<-TEXT || return
	address add $outside_address/24 dev eth0
	link set eth0 up
	link set lo up
	route add unreachable default
	TEXT
	ip route add default via $outside_address dev eth0 || return
	# A router that does not know the way says so.
	ip netns exec outside bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# make_pod NAME: the node answers for the pod's gateway, as Calico does it.
make_pod()
{
	local name=$1

	ip -batch - <<-TEXT || return
	netns add $name
	link add pod-$name type veth peer name eth0 netns $name
	link set pod-$name up
	route add ${address[$name]}/32 dev pod-$name
	TEXT
	echo 1 >"/proc/sys/net/ipv4/conf/pod-$name/proxy_arp"
	echo 0 >"/proc/sys/net/ipv4/neigh/pod-$name/proxy_delay"
	ip -n "$name" -batch - <<-TEXT
	address add ${address[$name]}/32 dev eth0
	link set eth0 up
	link set lo up
	route add $gateway dev eth0 scope link
	route add default via $gateway dev eth0
	TEXT
}

# start_web NAME: a web server that says who it is and whom it sees.
start_web()
{
	local name=$1 dir=$place/$1

	cat >"$dir/nginx.conf" <<-TEXT
	daemon off;
	master_process off;
	pid $dir/pid;
	error_log $dir/error.log;
	events { worker_connections 256; }
	http {
		access_log off;
		keepalive_timeout 0;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		default_type text/plain;
		server {
			listen 80;
			add_header Pod $name;
			location = / { return 200 "$name at ${address[$name]}, asked by \$remote_addr\n"; }
			location = /download { alias $place/download; limit_rate $((1024 / ${SLOWER:-1}))k; }
		}
	}
	TEXT
	ip netns exec "$name" nginx -e "$dir/error.log" -c "$dir/nginx.conf" &
	servers+=($!)
}

# start_dns NAME: a server that knows the names of the story's services.
start_dns()
{
	local name=$1 dir=$place/$1

	ip netns exec "$name" dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--user=root --group=root --pid-file="$dir/pid" --no-resolv --no-hosts \
		--log-queries --log-facility="$dir/log" --local=/cluster.local/ \
		--host-record="kube-dns.kube-system.$domain,10.96.0.10" \
		--host-record="pod-check.default.$domain,10.103.12.8" &
	servers+=($!)
}

# listens NAME SS-OPTIONS PORT: whether the pod has such a socket.
listens()
{
	[[ -n $(ip netns exec "$1" ss -H "$2" "sport = :$3") ]]
}

make_setting()
{
	local name

	make_place
	forwarded=$(</proc/sys/net/ipv4/ip_forward)
	make_outside || return
	for name in "${pods[@]}"; do
		make_pod "$name" || return
	done
	echo 1 >/proc/sys/net/ipv4/ip_forward
	for name in "${webs[@]}"; do
		start_web "$name"
	done
	for name in "${dnses[@]}"; do
		start_dns "$name"
	done
	for name in "${webs[@]}"; do
		until_true 20 listens "$name" -ltn 80 || return
	done
	for name in "${dnses[@]}"; do
		until_true 20 listens "$name" -ltn 53 || return
	done
}

remove_setting()
{
	local name

	[[ -n $place ]] || return
	kill "${servers[@]}" 2>/dev/null
	wait "${servers[@]}" 2>/dev/null
	for name in "${pods[@]}" outside; do
		ip netns delete "$name" 2>/dev/null
		rm -rf "/etc/netns/$name"
	done
	[[ -z $forwarded ]] || echo "$forwarded" >/proc/sys/net/ipv4/ip_forward
	rm -rf "$place"
}
