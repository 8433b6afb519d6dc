package migrations_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/wharfhq/wharf/migrations"
	"go.uber.org/goleak"
)

// childEnv turns this test binary into a process that migrates the database it
// names and ends, for the tests that start many or kill one.
const childEnv = "WHARF_MIGRATIONS_TEST_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		if err := migrations.Up(context.Background(), url); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
