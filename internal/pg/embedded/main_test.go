package embedded

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// childEnv turns this test binary into a shop that runs the server of the folder
// it names until it is told to end, for the tests that kill one.
const childEnv = "WHARF_EMBEDDED_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	goleak.VerifyTestMain(m)
}

func child(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server, err := Start(ctx, Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("ready", server.Owned, server.URL("postgres"))
	<-ctx.Done()
	if err := server.Stop(context.WithoutCancel(ctx)); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}
