package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Options say what a shop under test is made of.
type Options struct {
	Servers  int                     // processes that answer and work; 1
	Apart    bool                    // the servers leave jobs to a wharf work of their own
	Proxied  bool                    // a proxy stands between the processes and the database
	Settings map[string]string       // of the cluster
	Mount    func(data string) error // see Template.Copy
	Env      []string                // of every process
	Setup    string                  // SQL that is run as the owner before anything starts
}

// Shop is one shop under test.
type Shop struct {
	Template *Template
	Dir      string
	Cluster  *Cluster
	Proxy    *Proxy // nil unless Options.Proxied
	Servers  []*Process
	Worker   *Process // nil unless Options.Apart

	Variants []string // ids of what there is plenty of
	RareID   string
	HotID    string
	Stores   []string // ids of the three stores
	HotMore  int      // how many units of what is hot the proof has put on shelves, beyond Hot; less than 0 where it took some away

	database string // of servers
	env      []string
	outside  *World // which tells the shop; nil where no provider outside does
}

// Open starts a shop in a folder and reads its catalog. Close ends it, whatever has become of its parts.
func (t *Template) Open(ctx context.Context, dir string, o Options) (_ *Shop, err error) {
	s := &Shop{Template: t, Dir: dir}
	defer func() {
		if err != nil {
			s.Close(ctx)
		}
	}()
	if s.Cluster, err = t.Copy(ctx, filepath.Join(dir, "db"), o.Settings, o.Mount); err != nil {
		return nil, err
	}
	if o.Setup != "" {
		if err := s.Cluster.Exec(ctx, o.Setup); err != nil {
			return nil, err
		}
	}
	database := s.Cluster.Addr()
	if o.Proxied {
		if s.Proxy, err = NewProxy("database", database); err != nil {
			return nil, err
		}
		database = s.Proxy.Addr()
	}
	env := o.Env
	if o.Apart {
		env = append([]string{"WHARF_WORKERS=false"}, env...)
		if s.Worker, err = s.process(ctx, "work", "work", URL(database), o.Env...); err != nil {
			return nil, err
		}
	}
	if s.Worker != nil {
		if err := s.Worker.Start(ctx); err != nil {
			return nil, err
		}
	}
	s.database, s.env = URL(database), env
	for range max(o.Servers, 1) {
		if err := s.More(ctx); err != nil {
			return nil, err
		}
	}
	return s, s.catalog(ctx)
}

// More starts one more server.
func (s *Shop) More(ctx context.Context) error {
	p, err := s.process(ctx, fmt.Sprintf("serve-%d", len(s.Servers)+1), "serve", s.database, s.env...)
	if err != nil {
		return err
	}
	s.Servers = append(s.Servers, p)
	return p.Start(ctx)
}

// Processes are all that run Wharf's own code.
func (s *Shop) Processes() []*Process {
	if s.Worker == nil {
		return s.Servers
	}
	return append([]*Process{s.Worker}, s.Servers...)
}

func (s *Shop) catalog(ctx context.Context) error {
	var list struct {
		Products struct {
			Nodes []struct {
				Handle   string
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	const query = `{ products(first: 50) { nodes { handle variants(first: 1) { nodes { id } } } } }`
	if err := s.Servers[0].Ask(ctx, "", query, nil, &list); err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	for _, p := range list.Products.Nodes {
		switch variant := p.Variants.Nodes[0].ID; p.Handle {
		case "rare-thing":
			s.RareID = variant
		case "hot-thing":
			s.HotID = variant
		default:
			s.Variants = append(s.Variants, variant)
		}
	}
	if len(s.Variants) != Things || s.RareID == "" || s.HotID == "" {
		return errors.New("the catalog is not what was brought in")
	}
	return s.stores(ctx)
}

// Revive starts every process that has ended, and returns when all are ready.
func (s *Shop) Revive(ctx context.Context) error {
	if err := s.Cluster.Answers(ctx, replayWithin); err != nil {
		return err
	}
	for _, p := range s.Processes() {
		select {
		case <-p.Exited():
			if err := p.Start(ctx); err != nil {
				return err
			}
		default:
			if err := p.Ready(ctx, replayWithin); err != nil {
				return err
			}
		}
	}
	return nil
}

// Stop asks every process to end, which each must do cleanly.
func (s *Shop) Stop() error {
	var failed []error
	for _, p := range s.Processes() {
		failed = append(failed, p.Stop())
	}
	return errors.Join(failed...)
}

// Close ends everything by force and returns when it is gone.
func (s *Shop) Close(ctx context.Context) {
	for _, p := range s.Processes() {
		p.Kill()
	}
	if s.Proxy != nil {
		s.Proxy.Stop()
	}
	if s.Cluster != nil && s.Cluster.server != nil {
		_ = s.Cluster.Thaw() // a frozen server does not end
		s.Cluster.Stop(ctx)
	}
}

// Verify runs wharf's own check of all its invariants at rest, and gives what it says.
func (s *Shop) Verify(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, s.Template.Binary, "verify", "--rest")
	cmd.Env = environment("DATABASE_URL=" + URL(s.Cluster.Addr()))
	out, err := run(cmd)
	if err != nil {
		return "", fmt.Errorf("wharf verify --rest: %w\n%s", err, bytes.TrimSpace(out))
	}
	return string(bytes.TrimSpace(out)), nil
}

// Logs are what the processes have said.
func (s *Shop) Logs() string {
	var all bytes.Buffer
	for _, p := range s.Processes() {
		text, _ := os.ReadFile(p.log)
		all.Write(text)
	}
	return all.String()
}
