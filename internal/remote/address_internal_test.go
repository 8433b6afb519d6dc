package remote

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"https://pay.example.com/wharf":         true,
		"https://pay.example.com:443/wharf?a=1": true,
		"https://93.184.216.34/":                true,
		"https://[2606:2800:220:1::1]/":         true,

		"":                                false,
		"pay.example.com":                 false,
		"https://":                        false,
		"https://:443/":                   false,
		"https:pay.example.com":           false,
		"http://pay.example.com/":         false,
		"ftp://pay.example.com/":          false,
		"file:///etc/passwd":              false,
		"https://pay.example.com:80/":     false,
		"https://pay.example.com:8443/":   false,
		"https://pay.example.com:22/":     false,
		"https://user@pay.example.com/":   false,
		"https://a:b@pay.example.com/":    false,
		"https://pay.example.com/#x":      false,
		"https://localhost/":              false,
		"https://localhost./":             false,
		"https://shop.localhost/":         false,
		"https://127.0.0.1/":              false,
		"https://127.8.9.10/":             false,
		"https://10.1.2.3/":               false,
		"https://172.16.0.1/":             false,
		"https://172.31.255.255/":         false,
		"https://192.168.1.1/":            false,
		"https://169.254.169.254/":        false,
		"https://100.64.0.1/":             false,
		"https://100.127.255.255/":        false,
		"https://0.0.0.0/":                false,
		"https://[::1]/":                  false,
		"https://[::]/":                   false,
		"https://[fc00::1]/":              false,
		"https://[fd12::1]/":              false,
		"https://[fe80::1]/":              false,
		"https://[::ffff:127.0.0.1]/":     false,
		"https://[::ffff:7f00:1]/":        false,
		"https://[64:ff9b::7f00:1]/":      false,
		"https://[2002:7f00:1::1]/":       false,
		"https://2130706433/":             false,
		"https://0x7f000001/":             false,
		"https://0x7f.1/":                 false,
		"https://0177.0.0.1/":             false,
		"https://127.1/":                  false,
		"https://127.0.0.1./":             false,
		"https://pay.example.com/\x7f":    false,
		"https://pay.example.com:99999x/": false,
	} {
		if err := CheckURL(address, false); (err == nil) != allowed {
			t.Errorf("%q: %v", address, err)
		}
	}
	for address, allowed := range map[string]bool{
		"http://127.0.0.1:8123/pay":     true,
		"https://localhost:8123/pay":    true,
		"http://[::1]:8123/":            true,
		"https://pay.example.com/":      true,
		"http://pay.example.com/":       false,
		"https://pay.example.com:8443/": false,
		"http://10.0.0.1/":              false,
		"http://a@127.0.0.1/":           false,
		"ftp://127.0.0.1/":              false,
	} {
		if err := CheckURL(address, true); (err == nil) != allowed {
			t.Errorf("in development %q: %v", address, err)
		}
	}
}

// names answers with the addresses of a name in turn, the last for ever.
type names map[string][][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	turns := n[host]
	if len(turns) == 0 {
		return nil, errors.New("no such host")
	}
	if len(turns) > 1 {
		n[host] = turns[1:]
	}
	var all []netip.Addr
	for _, text := range turns[0] {
		all = append(all, netip.MustParseAddr(text))
	}
	return all, nil
}

var errRecorded = errors.New("this test makes no connections")

// reach dials with these names, and gives the addresses that a connection was tried to.
func reach(t *testing.T, resolver Resolver, loopback bool, target string) ([]string, error) {
	t.Helper()
	var tried []string
	d := dialer{resolver: resolver, loopback: loopback, within: time.Second, connect: func(_ context.Context, _, address string) (net.Conn, error) {
		tried = append(tried, address)
		return nil, errRecorded
	}}
	connection, err := d.dial(t.Context(), "tcp", target)
	if connection != nil {
		t.Fatal("there is a connection")
	}
	return tried, err
}

func TestOnlyOpenAddressesAreDialed(t *testing.T) {
	t.Parallel()
	for address, open := range map[string]bool{
		"93.184.216.34": true, "1.1.1.1": true, "172.15.255.255": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true,
		"2606:2800:220:1::1": true, "2a00:1450::1": true, "::ffff:93.184.216.34": true,
		"127.0.0.1": false, "127.255.255.254": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "0.0.0.0": false, "0.1.2.3": false,
		"224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.0.8": false, "203.0.113.7": false,
		"::1": false, "::": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "fc00::1": false,
		"fdff::1": false, "fe80::1": false, "fec0::1": false, "ff02::1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false,
		"2001:0:a00:1::": false, "2001:db8::1": false, "100::1": false,
	} {
		tried, err := reach(t, names{"pay.example.com": {{address}}}, false, "pay.example.com:443")
		if open && (!errors.Is(err, errRecorded) || len(tried) != 1 || tried[0] != net.JoinHostPort(address, "443")) {
			t.Errorf("%s: tried %v, %v", address, tried, err)
		}
		if !open && (!errors.Is(err, ErrInward) || tried != nil) {
			t.Errorf("%s: tried %v, %v", address, tried, err)
		}
	}
}

func TestANameThatAlternatesGainsNothing(t *testing.T) {
	t.Parallel()
	resolver := names{"pay.example.com": {{"93.184.216.34"}, {"127.0.0.1"}}}
	// Checked and dialed is the same answer of the resolver: the name is not looked up a second time.
	if tried, err := reach(t, resolver, false, "pay.example.com:443"); !errors.Is(err, errRecorded) || !slices.Equal(tried, []string{"93.184.216.34:443"}) {
		t.Errorf("at first: tried %v, %v", tried, err)
	}
	if tried, err := reach(t, resolver, false, "pay.example.com:443"); !errors.Is(err, ErrInward) || tried != nil {
		t.Errorf("then: tried %v, %v", tried, err)
	}
	// One inward address among open ones is enough to refuse them all.
	if tried, err := reach(t, names{"pay.example.com": {{"93.184.216.34", "10.0.0.1"}}}, false, "pay.example.com:443"); !errors.Is(err, ErrInward) || tried != nil {
		t.Errorf("mixed: tried %v, %v", tried, err)
	}
}

func TestOnlyPort443IsDialed(t *testing.T) {
	t.Parallel()
	for _, port := range []string{"80", "22", "5432", "8443"} {
		if tried, err := reach(t, names{"pay.example.com": {{"93.184.216.34"}}}, false, "pay.example.com:"+port); !errors.Is(err, ErrInward) || tried != nil {
			t.Errorf("port %s: tried %v, %v", port, tried, err)
		}
	}
	if tried, err := reach(t, names{}, true, "127.0.0.1:8123"); !errors.Is(err, errRecorded) || !slices.Equal(tried, []string{"127.0.0.1:8123"}) {
		t.Errorf("loopback in development: tried %v, %v", tried, err)
	}
	if tried, err := reach(t, names{"pay.example.com": {{"10.0.0.1"}}}, true, "pay.example.com:443"); !errors.Is(err, ErrInward) || tried != nil {
		t.Errorf("a private network in development: tried %v, %v", tried, err)
	}
}

func TestFewAddressesOfANameAreTried(t *testing.T) {
	t.Parallel()
	many := []string{"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5", "1.1.1.6"}
	if tried, err := reach(t, names{"pay.example.com": {many}}, false, "pay.example.com:443"); !errors.Is(err, errRecorded) || len(tried) != 4 {
		t.Errorf("tried %v, %v", tried, err)
	}
	if tried, err := reach(t, names{"pay.example.com": {{}}}, false, "pay.example.com:443"); err == nil || tried != nil {
		t.Errorf("without any: tried %v, %v", tried, err)
	}
}
