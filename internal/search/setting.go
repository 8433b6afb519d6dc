package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// FilterOwner says whose metafield it is.
type FilterOwner string

// FilterSetting is a metafield that shoppers may filter by. All others are the shop's own business.
type FilterSetting struct {
	Owner     FilterOwner
	Namespace string
	Key       string
	Label     string
}

// FilterSettingInput is a FilterSetting as it is written; without a label it is called as its key.
type FilterSettingInput struct {
	Owner     FilterOwner
	Namespace string
	Key       string
	Label     *string
}

// FilterSettingsSetInput is the whole of what shoppers may filter by besides what every shop has.
type FilterSettingsSetInput struct{ Metafields []FilterSettingInput }

const filterSettingsSQL = `
select owner_kind, namespace, key, label
from filter_setting
order by place`

// FilterSettings are the metafields that shoppers may filter by, in their order.
func (s *Search) FilterSettings(ctx context.Context) ([]FilterSetting, error) {
	rows, err := s.from.Query(ctx, filterSettingsSQL)
	if err != nil {
		return nil, fmt.Errorf("read the filters' settings: %w", err)
	}
	settings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FilterSetting])
	if err != nil {
		return nil, fmt.Errorf("read the filters' settings: %w", err)
	}
	return settings, nil
}

// maxFilterSettings bounds how many filters a shop has of its own.
const maxFilterSettings = 50

const forgetFilterSettingsSQL = `
delete from filter_setting`

const addFilterSettingSQL = `
insert into filter_setting (owner_kind, namespace, key, label, place)
values ($1, $2, $3, $4, $5)`

// SetFilterSettings replaces the metafields that shoppers may filter by.
func (s *Search) SetFilterSettings(ctx context.Context, in FilterSettingsSetInput) ([]FilterSetting, error) {
	if len(in.Metafields) > maxFilterSettings {
		return nil, fault.Newf(fault.Invalid, "TOO_MANY", "A shop has at most %d filters of its own.", maxFilterSettings).At("input", "metafields")
	}
	settings, err := in.read()
	if err != nil {
		return nil, err
	}
	err = pg.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// First of all: so writers take turns, and each finds what the one before it has written.
		if _, err := position.Advance(ctx, tx, position.Listing); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(forgetFilterSettingsSQL)
		for i, f := range settings {
			batch.Queue(addFilterSettingSQL, f.Owner, f.Namespace, f.Key, f.Label, i)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("write the filters' settings: %w", err)
	}
	return settings, nil
}

// read gives the settings as they are kept, or all that is wrong with them.
func (in FilterSettingsSetInput) read() ([]FilterSetting, error) {
	var p input.Problems
	settings := make([]FilterSetting, 0, len(in.Metafields))
	known := map[string]bool{}
	for i, m := range in.Metafields {
		f := FilterSetting{m.Owner, strings.TrimSpace(m.Namespace), strings.TrimSpace(m.Key), strings.TrimSpace(deref(m.Label))}
		at := []string{"input", "metafields", strconv.Itoa(i)}
		catalog.CheckMetafieldName(f.Namespace, f.Key, &p, at[1:]...)
		if f.Label == "" {
			f.Label = f.Key
		} else if !sound(f.Label) {
			p.Add(fault.New(fault.Invalid, "INVALID", "This is no name.").At(append(slices.Clone(at), "label")...))
		}
		group := metafieldGroup(string(f.Owner), f.Namespace, f.Key)
		if known[group] {
			p.Add(fault.New(fault.Invalid, "TAKEN", "This metafield is named twice.").At(at...))
		}
		known[group] = true
		settings = append(settings, f)
	}
	return settings, p.Err()
}
