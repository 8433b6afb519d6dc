package inventory

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// LocationSummary says what an import of locations did.
type LocationSummary struct {
	Created, Updated, Unchanged int
	UnreadHours                 int      // locations whose opening hours could not be read in full; they are kept as text
	Ignored                     []string // fields of the file that mean nothing to inventory
}

// Changed says whether anything in the shop is different now.
func (s LocationSummary) Changed() bool { return s.Created+s.Updated > 0 }

// String is the summary as lines for people.
func (s LocationSummary) String() string {
	lines := []string{fmt.Sprintf("locations: %d created, %d updated, %d unchanged", s.Created, s.Updated, s.Unchanged)}
	if s.UnreadHours > 0 {
		lines = append(lines, fmt.Sprintf("opening hours kept as text only: %d", s.UnreadHours))
	}
	if len(s.Ignored) > 0 {
		lines = append(lines, "fields ignored: "+strings.Join(s.Ignored, ", "))
	}
	if !s.Changed() {
		lines = append(lines, "nothing changed")
	}
	return strings.Join(lines, "\n")
}

// locationBatch is how many locations are written in one transaction.
const locationBatch = 500

// ImportLocations brings stores and warehouses into the shop from a JSON array. The file's id is kept as the external
// id, by which a location is found again. A location is a store, and a store offers pick-up, unless the file says
// otherwise. The whole file is checked first; if anything is wrong with it, the answer is *InvalidFile and nothing is
// written. progress may be nil.
func ImportLocations(ctx context.Context, pool *pgxpool.Pool, file io.Reader, progress func(done, total int)) (LocationSummary, error) {
	var summary LocationSummary
	f, err := ReadLocations(file)
	if _, broken := catalog.IsInvalidFile(err); err != nil && !broken {
		return summary, err
	}
	if len(f.Problems) > 0 {
		return summary, f.invalid()
	}
	summary.Ignored = f.Ignored
	for done := 0; done < f.Len(); done += locationBatch {
		var s LocationSummary
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			s, err = f.Write(ctx, tx, done, locationBatch)
			return err
		})
		if err != nil {
			return summary, fmt.Errorf("import locations: %w", err)
		}
		summary.Created += s.Created
		summary.Updated += s.Updated
		summary.Unchanged += s.Unchanged
		summary.UnreadHours += s.UnreadHours
		if progress != nil {
			progress(min(done+locationBatch, f.Len()), f.Len())
		}
	}
	return summary, nil
}

// invalid says what is wrong with the file, for people at a terminal.
func (f *LocationFile) invalid() error {
	bad := &InvalidFile{}
	for _, p := range f.Problems {
		switch {
		case p.Column != "":
			bad.add("entry %d, field %q: %s", p.Row, p.Column, p.Message)
		case p.Row > 0:
			bad.add("entry %d: %s", p.Row, p.Message)
		default:
			bad.add("%s", p.Message)
		}
	}
	bad.More += f.More
	return bad
}

// Write brings so many locations of the file into the shop, from one of them on.
func (f *LocationFile) Write(ctx context.Context, tx pgx.Tx, from, most int) (s LocationSummary, err error) {
	batch := f.locations[from:min(from+most, len(f.locations))]
	if len(batch) == 0 {
		return s, nil
	}
	err = writeLocations(ctx, tx, batch, &s)
	return s, err
}

const locationTurnSQL = `
select pg_advisory_xact_lock(hashtextextended('location import', 0))`

const lockLocationsSQL = `
select id, external_id, kind, name, address1, address2, city, province_code, zip, country_code, phone,
       latitude, longitude, hours, opening_hours, services, active, is_default, ships_online, pickup_enabled,
       pickup_capacity_per_hour, pickup_lead_minutes, created_at, updated_at
from location
where external_id = any($1::text[])
order by id
for update`

const addLocationSQL = `
insert into location (id, external_id, kind, name, address1, address2, city, province_code, zip, country_code, phone,
                      latitude, longitude, hours, opening_hours, services, is_default, ships_online, pickup_enabled,
                      pickup_capacity_per_hour, pickup_lead_minutes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`

const changeLocationSQL = `
update location
set external_id = $2, kind = $3, name = $4, address1 = $5, address2 = $6, city = $7, province_code = $8, zip = $9,
    country_code = $10, phone = $11, latitude = $12, longitude = $13, hours = $14, opening_hours = $15, services = $16,
    is_default = $17, ships_online = $18, pickup_enabled = $19, pickup_capacity_per_hour = $20,
    pickup_lead_minutes = $21, updated_at = now()
where id = $1`

const resignDefaultSQL = `
update location
set is_default = false, updated_at = now()
where is_default
  and id <> $1`

func writeLocations(ctx context.Context, tx pgx.Tx, batch []fileLocation, s *LocationSummary) error {
	if _, err := tx.Exec(ctx, locationTurnSQL); err != nil {
		return fmt.Errorf("wait for a turn: %w", err)
	}
	externalIDs := make([]string, len(batch))
	for i, f := range batch {
		externalIDs[i] = f.ExternalID
	}
	rows, err := tx.Query(ctx, lockLocationsSQL, externalIDs)
	if err != nil {
		return fmt.Errorf("lock locations: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanLocation)
	if err != nil {
		return fmt.Errorf("lock locations: %w", err)
	}
	olds := make(map[string]Location, len(found))
	for _, l := range found {
		olds[*l.ExternalID] = l
	}
	writes := &pgx.Batch{}
	for _, f := range batch {
		old, exists := olds[f.ExternalID]
		to, read := f.over(old)
		if !read {
			s.UnreadHours++
		}
		switch {
		case !exists:
			s.Created++
		case reflect.DeepEqual(old, to):
			s.Unchanged++
			continue
		default:
			s.Updated++
		}
		if to.IsDefault && !old.IsDefault {
			writes.Queue(resignDefaultSQL, to.ID)
		}
		statement := changeLocationSQL
		if !exists {
			statement = addLocationSQL
		}
		a := to.Address
		writes.Queue(statement, to.ID, to.ExternalID, to.Kind, to.Name, a.Address1, a.Address2, a.City, a.ProvinceCode,
			a.Zip, a.CountryCode, a.Phone, a.Latitude, a.Longitude, to.Hours, to.Week, to.Services, to.IsDefault,
			to.ShipsOnline, to.PickupEnabled, to.PickupCapacityPerHour, to.PickupLeadMinutes)
	}
	if writes.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, writes).Close(); err != nil {
		return fmt.Errorf("write locations: %w", err)
	}
	return nil
}

// over lays the file's location over the shop's; the zero location is a new one. The second answer is false when the
// opening hours could not be read in full.
func (f fileLocation) over(l Location) (Location, bool) {
	if l.ID.IsZero() {
		l = Location{
			ID: id.NewLocationID(), Kind: Store, Week: []OpeningHours{}, Services: []string{}, Active: true,
			PickupEnabled: f.Kind == nil || *f.Kind == Store, PickupLeadMinutes: 120,
		}
	}
	set(&l.Kind, f.Kind)
	country := string(f.Country)
	l.ExternalID, l.Name, l.Address.CountryCode = &f.ExternalID, f.Name, &country
	for _, field := range []struct{ to, from **string }{
		{&l.Address.Address1, &f.Address1},
		{&l.Address.Address2, &f.Address2},
		{&l.Address.City, &f.City},
		{&l.Address.ProvinceCode, &f.Province},
		{&l.Address.Zip, &f.Zip},
		{&l.Address.Phone, &f.Phone},
	} {
		if *field.from != nil {
			*field.to = *field.from
		}
		if *field.to != nil && **field.to == "" {
			*field.to = nil
		}
	}
	if f.At != nil {
		l.Address.Latitude, l.Address.Longitude = &f.At.Latitude, &f.At.Longitude
	}
	read := true
	if f.Hours != nil {
		l.Hours = *f.Hours
		l.Week, read = parseHours(l.Hours)
		if l.Week == nil {
			l.Week = []OpeningHours{}
		}
	}
	set(&l.Services, f.Services)
	set(&l.ShipsOnline, f.ShipsOnline)
	set(&l.PickupEnabled, f.PickupEnabled)
	set(&l.IsDefault, f.Default)
	set(&l.PickupLeadMinutes, f.PickupLeadMinutes)
	if f.PickupCapacityPerHour != nil {
		l.PickupCapacityPerHour = f.PickupCapacityPerHour
	}
	return l, read
}

// set takes a value that the file has.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
