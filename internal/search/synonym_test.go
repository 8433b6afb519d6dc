package search_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/search"
)

// TestTheSameSynonymsAreSetAtOnce: whoever comes second replaces what the first one has set.
func TestTheSameSynonymsAreSetAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	groups := make([]search.SynonymGroupInput, 50)
	for i := range groups {
		groups[i] = search.SynonymGroupInput{Words: []string{fmt.Sprintf("lamp%d", i), fmt.Sprintf("lantern%d", i)}}
	}
	filters := []search.FilterSettingInput{{Owner: "PRODUCT", Namespace: "custom", Key: "material"}}
	var writers sync.WaitGroup
	for range 6 {
		writers.Go(func() {
			if _, err := m.Search.SetSynonyms(t.Context(), search.SearchSynonymsSetInput{Groups: groups}); err != nil {
				t.Error(err)
			}
			if _, err := m.Search.SetFilterSettings(t.Context(), search.FilterSettingsSetInput{Metafields: filters}); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
}
