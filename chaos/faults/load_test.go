package faults_test

import (
	"testing"

	"github.com/wharfhq/wharf/chaos/scenario"
)

func TestFault25_Burst(t *testing.T) {
	r := begin(t, 25, "a burst of orders from 256 clients")
	r.scenario(func(run *scenario.Run) error { return scenario.Burst(t.Context(), run, r.of(1500, 10_000), 256) })
}

func TestFault26_HotProduct(t *testing.T) {
	r := begin(t, 26, "many buyers of 100 units in three stores, two processes, crashes")
	r.scenario(func(run *scenario.Run) error { return scenario.Hot(t.Context(), run, r.of(1000, 10_000), r.of(2, 6)) })
}
