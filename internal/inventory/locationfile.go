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
	"github.com/wharfhq/wharf/internal/catalog"
)

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

// LocationFile is what a file of locations says, and what is wrong with it.
type LocationFile struct {
	Bad      int               // entries with problems
	Problems []catalog.Problem // the row is the entry's number, from 1, and the column its field
	More     int               // how many were found beyond those listed
	Ignored  []string          // fields that mean nothing to inventory

	locations []fileLocation // those without problems
}

// Len is how many locations there are to be written.
func (f *LocationFile) Len() int { return len(f.locations) }

// maxLocationFaults bounds how many problems of a file are kept; the rest is counted.
const maxLocationFaults = 1000

func (f *LocationFile) add(entry int, field, format string, args ...any) {
	if len(f.Problems) == maxLocationFaults {
		f.More++
		return
	}
	f.Problems = append(f.Problems, catalog.Problem{Row: entry, Column: field, Message: fmt.Sprintf(format, args...)})
}

// broken is a file that can't be read on, with what was found before.
func (f *LocationFile) broken(entry int, format string, args ...any) error {
	f.add(entry, "", format, args...)
	return &catalog.InvalidFile{Problems: f.Problems, More: f.More}
}

// ReadLocations reads and checks a whole file: a JSON array with one object per location. Entries with problems are left
// out. A file that is no such file is *catalog.InvalidFile.
func ReadLocations(file io.Reader) (*LocationFile, error) {
	f := &LocationFile{}
	buffered := bufio.NewReader(file)
	if head, _ := buffered.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3)
	}
	d := json.NewDecoder(buffered)
	open, err := d.Token()
	if unread(err) {
		return f, fmt.Errorf("read the file: %w", err)
	}
	if open != json.Delim('[') {
		return f, f.broken(0, "The file is no JSON array. It begins with [ and holds one object per location.")
	}
	seen, standard := map[string]int{}, 0
	for n := 1; d.More(); n++ {
		if n > maxLocations {
			return f, f.broken(n, "A file has at most %d locations.", maxLocations)
		}
		var fields map[string]json.RawMessage
		e := &entry{n: n, file: f}
		if err := d.Decode(&fields); err != nil {
			var other *json.UnmarshalTypeError
			switch {
			case unread(err):
				return f, fmt.Errorf("read the file: %w", err)
			case !errors.As(err, &other):
				return f, f.broken(n, "This is no JSON: %v.", err)
			}
			f.add(n, "", "This is no object.")
			f.Bad++
			continue
		}
		e.fields = fields
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
			if !e.known(name) && !slices.Contains(f.Ignored, name) && len(f.Ignored) < maxIgnored {
				f.Ignored = append(f.Ignored, name)
			}
		}
		if e.bad {
			f.Bad++
		} else {
			f.locations = append(f.locations, l)
		}
	}
	if _, err := d.Token(); err != nil {
		return f, f.broken(0, "The file ends too early: its ] is missing.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, f.broken(0, "The file goes on after its closing ].")
	}
	slices.Sort(f.Ignored)
	return f, nil
}

// unread says whether an error is that of the reader, and not one of the file.
func unread(err error) bool {
	var syntax *json.SyntaxError
	var other *json.UnmarshalTypeError
	return err != nil && !errors.As(err, &syntax) && !errors.As(err, &other) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// maxIgnored bounds how many fields that mean nothing are named.
const maxIgnored = 100

// entry is one object of the file.
type entry struct {
	n      int
	fields map[string]json.RawMessage
	file   *LocationFile
	bad    bool
}

// entryFields are the fields of an entry: those of the open data sets of stores that exist, and our own.
var entryFields = []string{
	"id", "name", "type", "kind", "address", "address2", "city", "state", "zip", "country", "phone", "location", "hours",
	"services", "shipsOnline", "pickup", "pickupCapacityPerHour", "pickupLeadMinutes", "default",
}

// LocationFields are the fields of an entry of a file of locations.
func LocationFields() []string { return slices.Clone(entryFields) }

func (e *entry) known(name string) bool { return slices.Contains(entryFields, name) }

func (e *entry) problem(field, format string, args ...any) {
	e.bad = true
	e.file.add(e.n, field, format, args...)
}

func (e *entry) location() fileLocation {
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
	if l.Province = e.text("state"); l.Province != nil && *l.Province != "" {
		code, ok := address.ParseProvince(l.Country, *l.Province)
		if !ok {
			e.problem("state", "%q is no state of %s.", *l.Province, l.Country.Name())
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

// maxID bounds an id that is a number.
const maxID = 255

// id takes a number or a text: what matters is that it stays the same.
func (e *entry) id() string {
	raw, ok := e.fields["id"]
	if !ok || string(raw) == "null" {
		e.problem("id", "The id is missing.")
		return ""
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil && raw[0] != '"' {
		if len(number) > maxID {
			e.problem("id", "The id is longer than %d digits.", maxID)
			return ""
		}
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
func value[T any](e *entry, field string) *T {
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

func (e *entry) text(field string) *string {
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

func (e *entry) number(field string) *int {
	n := value[int](e, field)
	if n != nil && (*n < 0 || *n > 1_000_000) {
		e.problem(field, "%d is out of range.", *n)
	}
	return n
}

func (e *entry) coordinate() *address.Coordinate {
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

func (e *entry) services() *[]string {
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
