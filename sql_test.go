package main_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// statement is one SQL constant of the source: its name ends in SQL.
type statement struct {
	domain, file, name, text string
}

// TestEveryStatementIsPrepared lets PostgreSQL read each SQL constant against the migrated schema, so that a renamed
// column is found here and not by a shopper.
func TestEveryStatementIsPrepared(t *testing.T) {
	pool := pgtest.New(t)
	all := statements(t)
	if len(all) < 50 {
		t.Fatalf("only %d statements were found: are the constants still named …SQL?", len(all))
	}
	conn, err := pool.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, s := range all {
		if _, err := conn.Conn().Prepare(context.Background(), s.file+s.name, s.text); err != nil {
			t.Errorf("%s: %s: %v", s.file, s.name, err)
		}
	}
}

// TestADomainTouchesOnlyItsOwnTables reads which domain's migration made which table, and looks for the tables that
// each domain's statements name. Read-only list queries for staff screens live in files named …report.go.
func TestADomainTouchesOnlyItsOwnTables(t *testing.T) {
	owner := tableOwners(t)
	word := regexp.MustCompile(`(?i)(?:\b(?:from|join|into|update|table|only|using)|,)\s+([a-z_]+(?:\.[a-z_"]+)?)`)
	for _, s := range statements(t) {
		for _, m := range word.FindAllStringSubmatch(s.text, -1) {
			table := strings.ToLower(m[1])
			domain, known := owner[table]
			if !known || domain == s.domain || strings.HasSuffix(s.file, "report.go") {
				continue
			}
			if slices.Contains(readersOfAll, s.domain) {
				continue
			}
			t.Errorf("%s: %s names %s, a table of %s.\n\tInstead: call a function of internal/%s that reads or writes it.",
				s.file, s.name, table, domain, domain)
		}
	}
}

// TestStatementsAreNamedConstants: only what is a constant whose name ends in SQL is seen by the tests above. internal/pg
// makes databases, whose names no argument can carry.
func TestStatementsAreNamedConstants(t *testing.T) {
	t.Parallel()
	begins := regexp.MustCompile(`(?is)^\s*(?:select|insert|update|delete|with|create|alter|drop|lock)\s`)
	isSQL := func(e ast.Expr) bool {
		for {
			sum, ok := e.(*ast.BinaryExpr)
			if !ok {
				break
			}
			e = sum.X
		}
		literal, ok := e.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return false
		}
		text, err := strconv.Unquote(literal.Value)
		return err == nil && begins.MatchString(text) && !strings.HasSuffix(text, " ") // else it is a piece of others
	}
	seen := 0
	for _, path := range sources(t) {
		if strings.HasPrefix(path, "internal/pg/") || strings.HasPrefix(path, "internal/shoptest/") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if !isSQL(value) {
						continue
					}
					if seen++; !strings.HasSuffix(n.Names[i].Name, "SQL") {
						t.Errorf("%s: %s is a statement: let its name end in SQL", files.Position(n.Pos()), n.Names[i].Name)
					}
				}
			case *ast.CallExpr:
				called, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Query", "QueryRow", "Exec", "Queue", "Prepare"}, called.Sel.Name) {
					return true
				}
				if slices.ContainsFunc(n.Args, isSQL) {
					t.Errorf("%s: a statement without a name: make it a constant whose name ends in SQL", files.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if seen < 50 {
		t.Errorf("only %d statements were found", seen)
	}
}

// sources are the files of production code that may hold statements.
func sources(t *testing.T) (paths []string) {
	t.Helper()
	for _, root := range []string{"internal", "jobs", "graph"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				paths = append(paths, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// readersOfAll are the rooms whose work it is to look at everything.
var readersOfAll = []string{"audit", "observe"}

// tableOwners maps each table to the domain in the name of the migration that made it.
func tableOwners(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("migrations/*.up.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations found: %v", err)
	}
	owner := map[string]string{}
	made := regexp.MustCompile(`(?i)create (?:unlogged )?table (?:if not exists )?([a-z_]+)`)
	for _, file := range files {
		parts := strings.SplitN(filepath.Base(file), "_", 3)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			owner[strings.ToLower(m[1])] = strings.TrimSuffix(parts[1], ".up.sql")
		}
	}
	return owner
}

// statements collects every string constant whose name ends in SQL.
func statements(t *testing.T) []statement {
	t.Helper()
	var all []statement
	for _, root := range []string{"internal", "jobs"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			found, err := statementsIn(path)
			all = append(all, found...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// statementsIn collects the statements of one package. A statement may be put together from constants of its package.
func statementsIn(dir string) ([]statement, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	type named struct{ path, name string }
	var wanted []named
	values := map[string]ast.Expr{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i >= len(spec.Values) {
					continue
				}
				values[name.Name] = spec.Values[i]
				if strings.HasSuffix(name.Name, "SQL") {
					wanted = append(wanted, named{path, name.Name})
				}
			}
			return true
		})
	}
	var all []statement
	for _, w := range wanted {
		if text, ok := constant(values[w.name], values); ok {
			all = append(all, statement{domainOf(w.path), w.path, w.name, text})
		}
	}
	return all, nil
}

// constant reads a string literal, or several joined by +, some of them by name.
func constant(e ast.Expr, values map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		value, ok := values[e.Name]
		if !ok {
			return "", false
		}
		return constant(value, values)
	case *ast.BinaryExpr:
		left, ok := constant(e.X, values)
		right, ok2 := constant(e.Y, values)
		return left + right, ok && ok2
	}
	return "", false
}

func domainOf(path string) string {
	parts := strings.Split(filepath.ToSlash(path), "/")
	if parts[0] == "internal" {
		return parts[1]
	}
	return parts[0]
}
