package inventory

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/address"
)

// InvalidFile says what is wrong with a file of locations or stock. Nothing of it was written.
type InvalidFile struct {
	Problems []string // each with its place: entry and field, or row and column
	More     int      // how many were found beyond those listed
}

// maxProblems bounds how many problems are kept; the rest is counted.
const maxProblems = 100

// Error lists the problems, one a line.
func (e *InvalidFile) Error() string {
	lines := slices.Clone(e.Problems)
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

func (e *InvalidFile) add(format string, args ...any) {
	if len(e.Problems) == maxProblems {
		e.More++
		return
	}
	e.Problems = append(e.Problems, fmt.Sprintf(format, args...))
}

func (e *InvalidFile) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// fileLocation is one location as a file has it. A nil field is one that the file does not have.
type fileLocation struct {
	ExternalID            string
	Name                  string
	Kind                  *LocationKind
	Address1              *string
	Address2              *string
	City                  *string
	Province              *string
	Zip                   *string
	Country               address.CountryCode
	Phone                 *string
	At                    *address.Coordinate
	Hours                 *string
	Services              *[]string
	ShipsOnline           *bool
	PickupEnabled         *bool
	PickupCapacityPerHour *int
	PickupLeadMinutes     *int
	Default               *bool
}

const maxLocations = 100_000

// readLocations reads and checks a whole file: a JSON array with one object per location.
func readLocations(file io.Reader) (locations []fileLocation, ignored []string, err error) {
	bad := &InvalidFile{}
	buffered := bufio.NewReader(file)
	if head, _ := buffered.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3)
	}
	d := json.NewDecoder(buffered)
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		bad.add("The file is no JSON array. It begins with [ and holds one object per location.")
		return nil, nil, bad
	}
	seen, standard := map[string]int{}, 0
	for n := 1; d.More(); n++ {
		var fields map[string]json.RawMessage
		if err := d.Decode(&fields); err != nil {
			var other *json.UnmarshalTypeError
			if errors.As(err, &other) {
				bad.add("entry %d: This is no object.", n)
				continue
			}
			bad.add("entry %d: This is no JSON: %v.", n, err)
			return nil, nil, bad
		}
		e := entry{n: n, fields: fields, bad: bad}
		l := e.location()
		if first, twice := seen[l.ExternalID]; twice && l.ExternalID != "" {
			e.problem("id", "Entry %d has the id %q too.", first, l.ExternalID)
		}
		seen[l.ExternalID] = n
		if l.Default != nil && *l.Default {
			if standard > 0 {
				e.problem("default", "Entry %d is the default location already.", standard)
			}
			standard = n
		}
		for name := range fields {
			if !e.known(name) && !slices.Contains(ignored, name) {
				ignored = append(ignored, name)
			}
		}
		if len(locations) == maxLocations {
			bad.add("entry %d: A file has at most %d locations.", n, maxLocations)
			break
		}
		locations = append(locations, l)
	}
	if len(bad.Problems) == 0 {
		if _, err := d.Token(); err != nil {
			bad.add("The file ends too early: its ] is missing.")
		} else if _, err := d.Token(); !errors.Is(err, io.EOF) {
			bad.add("The file goes on after its closing ].")
		}
	}
	slices.Sort(ignored)
	return locations, ignored, bad.orNil()
}

// entry is one object of the file.
type entry struct {
	n      int
	fields map[string]json.RawMessage
	bad    *InvalidFile
}

// entryFields are the fields of an entry: those of the open data sets of stores that exist, and our own.
var entryFields = []string{
	"id", "name", "type", "kind", "address", "address2", "city", "state", "zip", "country", "phone", "location", "hours",
	"services", "shipsOnline", "pickup", "pickupCapacityPerHour", "pickupLeadMinutes", "default",
}

func (e entry) known(name string) bool { return slices.Contains(entryFields, name) }

func (e entry) problem(field, format string, args ...any) {
	e.bad.add("entry %d, field %q: %s", e.n, field, fmt.Sprintf(format, args...))
}

func (e entry) location() fileLocation {
	l := fileLocation{Country: "US"}
	l.ExternalID = e.id()
	if name := e.text("name"); name == nil || *name == "" {
		e.problem("name", "The name is missing.")
	} else {
		l.Name = *name
	}
	l.Address1, l.Address2, l.City = e.text("address"), e.text("address2"), e.text("city")
	l.Zip, l.Phone, l.Hours = e.text("zip"), e.text("phone"), e.text("hours")
	if text := e.text("country"); text != nil && *text != "" {
		country, ok := address.ParseCountry(*text)
		if !ok {
			e.problem("country", "%q is no country. Give an ISO 3166-1 code.", *text)
		}
		l.Country = country
	}
	if text := e.text("state"); text != nil && *text != "" {
		code, ok := address.ParseProvince(l.Country, *text)
		if !ok {
			e.problem("state", "%q is no state of %s.", *text, l.Country.Name())
		}
		l.Province = &code
	}
	if text := e.text("kind"); text != nil {
		kind := LocationKind(strings.ToUpper(*text))
		if kind != Warehouse && kind != Store {
			e.problem("kind", "%q is no kind of location. Give STORE or WAREHOUSE.", *text)
		}
		l.Kind = &kind
	}
	l.At = e.coordinate()
	l.Services = e.services()
	l.ShipsOnline, l.PickupEnabled, l.Default = value[bool](e, "shipsOnline"), value[bool](e, "pickup"), value[bool](e, "default")
	l.PickupCapacityPerHour, l.PickupLeadMinutes = e.number("pickupCapacityPerHour"), e.number("pickupLeadMinutes")
	return l
}

// id takes a number or a text: what matters is that it stays the same.
func (e entry) id() string {
	raw, ok := e.fields["id"]
	if !ok || string(raw) == "null" {
		e.problem("id", "The id is missing.")
		return ""
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil && raw[0] != '"' {
		return number.String()
	}
	if text := e.text("id"); text != nil {
		if *text == "" {
			e.problem("id", "The id is missing.")
		}
		return *text
	}
	return ""
}

// value reads a field of a simple type; nil where it is absent or null.
func value[T any](e entry, field string) *T {
	raw, ok := e.fields[field]
	if !ok || string(raw) == "null" {
		return nil
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		e.problem(field, "The value is of the wrong type.")
		return nil
	}
	return &v
}

func (e entry) text(field string) *string {
	text := value[string](e, field)
	if text == nil {
		return nil
	}
	trimmed := strings.TrimSpace(*text)
	if utf8.RuneCountInString(trimmed) > 1000 || strings.ContainsRune(trimmed, 0) {
		e.problem(field, "The text is longer than 1000 characters, or holds a zero character.")
	}
	return &trimmed
}

func (e entry) number(field string) *int {
	n := value[int](e, field)
	if n != nil && (*n < 0 || *n > 1_000_000) {
		e.problem(field, "%d is out of range.", *n)
	}
	return n
}

func (e entry) coordinate() *address.Coordinate {
	at := value[struct{ Lat, Lon *float64 }](e, "location")
	if at == nil {
		return nil
	}
	if at.Lat == nil || at.Lon == nil {
		e.problem("location", "Both lat and lon are needed.")
		return nil
	}
	c := address.Coordinate{Latitude: micro(*at.Lat), Longitude: micro(*at.Lon)}
	if !c.Valid() {
		e.problem("location", "A latitude lies between -90 and 90, a longitude between -180 and 180.")
	}
	return &c
}

// micro rounds degrees to the sixth decimal, which is about a hand's breadth and what is kept.
func micro(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }

func (e entry) services() *[]string {
	list := value[[]string](e, "services")
	if list == nil {
		return nil
	}
	services := make([]string, 0, len(*list))
	for _, s := range *list {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(services, s) {
			services = append(services, s)
		}
	}
	return &services
}
