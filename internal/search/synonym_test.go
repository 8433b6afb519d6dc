package search_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/search"
)

// wrong is what an input is refused for, with the paths.
func wrong(err error) (all []string) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, one := range joined.Unwrap() {
		if f, ok := fault.As(one); ok {
			all = append(all, f.Code+" "+strings.Join(f.Field, "."))
		}
	}
	return all
}

// TestAllThatIsWrongWithSettingsIsToldAtOnce, and nothing is written then.
func TestAllThatIsWrongWithSettingsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t, shelf)
	long := strings.Repeat("x", 101)
	_, err := m.Search.SetSynonyms(t.Context(), search.SearchSynonymsSetInput{Groups: []search.SynonymGroupInput{
		{Words: []string{"lamp", " Lamp "}}, {Words: []string{"torch"}}, {Words: []string{"", long, "LAMP", "light"}}, {Words: slices.Repeat([]string{""}, 21)},
	}})
	want := []string{
		"TAKEN input.groups.0.words.1", "INVALID input.groups.1.words", "INVALID input.groups.2.words.0", "INVALID input.groups.2.words.1",
		"TAKEN input.groups.2.words.2", "INVALID input.groups.3.words", "INVALID input.groups.3.words.0",
	}
	if got := wrong(err); len(got) != len(want)+19 || !slices.Equal(got[:len(want)], want) {
		t.Errorf("synonyms: %v, want %v and the other 19 words of the last group", got, want)
	}
	label := "\x00"
	_, err = m.Search.SetFilterSettings(t.Context(), search.FilterSettingsSetInput{Metafields: []search.FilterSettingInput{
		{Owner: "PRODUCT", Namespace: "custom", Key: "material"},
		{Owner: "PRODUCT", Namespace: "", Key: " ", Label: &label},
		{Owner: "PRODUCT", Namespace: "custom", Key: "Material", Label: &label},
		{Owner: "PRODUCT", Namespace: "my.app", Key: "m", Label: nil}, // no metafield has such a name
	}})
	want = []string{
		"INVALID input.metafields.1.namespace", "INVALID input.metafields.1.key", "INVALID input.metafields.1.label",
		"INVALID input.metafields.2.label", "TAKEN input.metafields.2",
		"INVALID input.metafields.3.namespace", "INVALID input.metafields.3.key",
	}
	if got := wrong(err); !slices.Equal(got, want) {
		t.Errorf("filters: %v, want %v", got, want)
	}
	groups, err := m.Search.Synonyms(t.Context())
	if settings, failed := m.Search.FilterSettings(t.Context()); err != nil || failed != nil || len(groups)+len(settings) != 0 {
		t.Errorf("what was refused has set %v and %v, %v, %v", groups, settings, err, failed)
	}
}

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
