package settings

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
)

// Changed says that the shop was set to something else.
type Changed struct {
	Changes []FieldChange `json:"changes"`
}

// Kind is shop.changed.
func (Changed) Kind() string { return "shop.changed" }

// FieldChange is one setting, as it was and as it is now.
type FieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// differences are the settings in which two shops differ. When the settings were kept is none.
func differences(before, after Shop) []FieldChange {
	var changes []FieldChange
	was, is := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range was.NumField() {
		field := was.Type().Field(i)
		if !field.IsExported() || field.Name == "UpdatedAt" {
			continue
		}
		if old, now := was.Field(i).Interface(), is.Field(i).Interface(); !reflect.DeepEqual(old, now) {
			changes = append(changes, FieldChange{Field: field.Name, Before: written(old), After: written(now)})
		}
	}
	return changes
}

// written is a setting as people read it.
func written(v any) any {
	if d, ok := v.(time.Duration); ok {
		return d.String()
	}
	return v
}

// record appends a change to the shop's history. The shop's row is locked, so nobody else appends meanwhile.
func (s *Settings) record(ctx context.Context, tx pgx.Tx, actor access.Actor, shop id.ShopID, changes []FieldChange) error {
	history, err := event.ReadAll(ctx, tx, [][16]byte{shop})
	if err != nil {
		return fmt.Errorf("read the shop's history: %w", err)
	}
	_, err = s.log.Append(ctx, tx, shop, len(history[shop]), actor.By(), "settingsChange", Changed{Changes: changes})
	return err
}
