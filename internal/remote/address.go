package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ErrInward says that an address is not one that everybody on the internet could reach.
var ErrInward = errors.New("the address leads inward")

// notOpen are the networks, by IANA's registries of special addresses, that are not open to everybody: one's own
// machine, private and shared networks, links, documentation, tests, multicast, and the roads by which an IPv4 address
// hides in an IPv6 one.
var notOpen = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// open6 is where IPv6 has its public addresses; what lies outside is loopback, local, mapped, translated or multicast.
var open6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// Open says whether an address is open to everybody.
func Open(a netip.Addr) bool {
	if a.Zone() != "" || !a.IsValid() {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !open6.Contains(a) {
		return false
	}
	for _, p := range notOpen {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// CheckURL refuses an address that could never be called: so that whoever types it in is told at once. What a name
// leads to is checked at every connection, as it may change.
func CheckURL(text string, loopback bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return errors.New("the address of a service is like https://pay.example.com/wharf")
	case u.User != nil:
		return errors.New("the address of a service has no name and no password in it: calls are signed")
	case u.Fragment != "":
		return errors.New("the address of a service has no # in it")
	}
	host := u.Hostname()
	if loopback && onThisMachine(host) && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	switch address, err := netip.ParseAddr(host); {
	case u.Scheme != "https":
		return errors.New("the address of a service begins with https://")
	case u.Port() != "" && u.Port() != "443":
		return errors.New("a service is called at port 443")
	case err == nil && !Open(address):
		return fmt.Errorf("%w: %s", ErrInward, host)
	case err != nil && (numeric(host) || strings.HasSuffix(strings.TrimSuffix(host, "."), "localhost")):
		return fmt.Errorf("%w: %s", ErrInward, host)
	}
	return nil
}

// numeric says whether some resolvers would read a host as an IPv4 address written otherwise, such as 2130706433 or
// 0x7f.1. Such a host is never the name of a service.
func numeric(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := strings.ToLower(labels[len(labels)-1])
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

func onThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && address.Unmap().IsLoopback())
}

// dialer connects to addresses that it has looked at itself: no name is looked up again between the check and the
// connection, so one that leads elsewhere the next time gains nothing.
type dialer struct {
	resolver Resolver
	loopback bool
	within   time.Duration // for the look-up and all tries together
	connect  func(ctx context.Context, network, address string) (net.Conn, error)
}

func (d dialer) dial(ctx context.Context, network, target string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.within)
	defer cancel()
	addresses, err := d.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		local := d.loopback && a.Unmap().IsLoopback()
		if !local && (!Open(a) || port != "443") {
			return nil, fmt.Errorf("%w: %s is %s, port %s", ErrInward, host, a, port)
		}
	}
	var failures []error
	for _, a := range addresses {
		connection, err := d.connect(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return connection, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// mostAddresses is how many addresses of a name are tried.
const mostAddresses = 4

func (d dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addresses, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look %s up: %w", host, err)
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%s has no address", host)
	}
	return addresses[:min(len(addresses), mostAddresses)], nil
}
