package fulfillment_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
)

var (
	minneapolis = address.Coordinate{Latitude: 44.9778, Longitude: -93.2650}
	newYork     = address.Coordinate{Latitude: 40.7128, Longitude: -74.0060}
)

func store(n byte, zip string, at *address.Coordinate, capacity *int, taken int) inventory.Candidate {
	c := inventory.Candidate{TakenThisHour: taken}
	c.Location.ID = id.LocationID{n}
	c.Location.Address.Zip = &zip
	c.Location.PickupCapacityPerHour = capacity
	if at != nil {
		c.Location.Address.Latitude, c.Location.Address.Longitude = &at.Latitude, &at.Longitude
	}
	return c
}

func ranked(stores []inventory.Candidate, place fulfillment.Place) []byte {
	var order []byte
	for _, s := range fulfillment.Rank(stores, place) {
		order = append(order, s.Location.ID[0])
	}
	return order
}

func TestRankStores(t *testing.T) {
	t.Parallel()
	one, two := 1, 2
	near := address.Coordinate{Latitude: 44.8547, Longitude: -93.2457} // Bloomington
	far := address.Coordinate{Latitude: 40.7589, Longitude: -73.9851}  // Manhattan
	for _, c := range []struct {
		name   string
		stores []inventory.Candidate
		place  fulfillment.Place
		want   []byte
	}{
		{
			"the nearest first",
			[]inventory.Candidate{store(1, "10036", &far, nil, 0), store(2, "55425", &near, nil, 0)},
			fulfillment.Place{Near: &minneapolis},
			[]byte{2, 1},
		},
		{
			"a store whose place is not known comes last",
			[]inventory.Candidate{store(1, "55401", nil, nil, 0), store(2, "10036", &far, nil, 0)},
			fulfillment.Place{Near: &minneapolis},
			[]byte{2, 1},
		},
		{
			"a store whose hour is full comes after those with room",
			[]inventory.Candidate{store(1, "55425", &near, &one, 1), store(2, "10036", &far, &one, 0)},
			fulfillment.Place{Near: &minneapolis},
			[]byte{2, 1},
		},
		{
			"at one distance, the store with more room",
			[]inventory.Candidate{store(1, "55425", &near, &two, 1), store(2, "55425", &near, &two, 0), store(3, "55425", &near, nil, 9)},
			fulfillment.Place{Near: &minneapolis},
			[]byte{3, 2, 1},
		},
		{
			"by postal code, the longest common beginning",
			[]inventory.Candidate{store(1, "10036", &far, nil, 0), store(2, "55491", &near, nil, 0), store(3, "55401-1234", &near, nil, 0)},
			fulfillment.Place{Zip: "55402"},
			[]byte{3, 2, 1},
		},
		{
			"then the smaller gap",
			[]inventory.Candidate{store(1, "55491", &near, nil, 0), store(2, "55431", &near, nil, 0)},
			fulfillment.Place{Zip: "55425"},
			[]byte{2, 1},
		},
		{
			"a postal code written otherwise is the same",
			[]inventory.Candidate{store(1, "sw1a 1aa", nil, nil, 0), store(2, "EC1A1BB", nil, nil, 0)},
			fulfillment.Place{Zip: "SW1A-1AA"},
			[]byte{1, 2},
		},
		{
			"without a wish, the smaller id",
			[]inventory.Candidate{store(2, "10036", &far, nil, 0), store(1, "55425", &near, nil, 0)},
			fulfillment.Place{},
			[]byte{1, 2},
		},
	} {
		if got := ranked(c.stores, c.place); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRankDoesNotDependOnTheOrderOfTheStores(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		stores := make([]inventory.Candidate, rapid.IntRange(1, 12).Draw(t, "stores"))
		for i := range stores {
			var at *address.Coordinate
			if rapid.Bool().Draw(t, "known") {
				at = rapid.SampledFrom([]*address.Coordinate{&minneapolis, &newYork}).Draw(t, "at")
			}
			capacity := rapid.IntRange(0, 3).Draw(t, "capacity")
			zip := rapid.SampledFrom([]string{"", "55401", "55491", "10036"}).Draw(t, "zip")
			stores[i] = store(byte(i), zip, at, &capacity, rapid.IntRange(0, 3).Draw(t, "taken"))
		}
		place := fulfillment.Place{Zip: "55402"}
		if rapid.Bool().Draw(t, "near") {
			place.Near = &minneapolis
		}
		want := ranked(stores, place)
		rand.Shuffle(len(stores), func(i, j int) { stores[i], stores[j] = stores[j], stores[i] })
		if got := ranked(stores, place); !slices.Equal(got, want) {
			t.Fatalf("%v after a shuffle, %v before", got, want)
		}
	})
}

func TestChooseTakesTheCheapestUnlessOneIsNamed(t *testing.T) {
	t.Parallel()
	options := []fulfillment.Option{
		{Handle: "express", Price: money.New(1490, "USD")},
		{Handle: "slow", Price: money.New(490, "USD")},
		{Handle: "drone", Price: money.New(490, "USD")},
	}
	for handle, want := range map[string]string{"": "drone", "express": "express"} {
		if got, ok := fulfillment.Choose(options, handle); !ok || got.Handle != want {
			t.Errorf("Choose(%q) = %s, %t; want %s", handle, got.Handle, ok, want)
		}
	}
	if got, ok := fulfillment.Choose(options, "teleport"); ok {
		t.Errorf("an option that is not offered was chosen: %s", got.Handle)
	}
	if _, ok := fulfillment.Choose(nil, ""); ok {
		t.Error("an option was chosen out of none")
	}
}
