package main

import (
	"fmt"

	"github.com/wharfhq/wharf/graph"
)

type schemaCommand struct {
	JSON bool `name:"json" help:"Print the introspection result, as client generators take it."`
}

// Help shows what the schema is good for.
func (schemaCommand) Help() string {
	return `Examples:

  $ wharf schema > schema.graphql
  $ wharf schema --json > schema.json

A running server shows the same at /schema.graphql.`
}

// Run prints the schema.
func (c *schemaCommand) Run(term *terminal) error {
	if !c.JSON {
		_, err := fmt.Fprint(term.out, graph.SDL())
		return err
	}
	text, err := graph.Introspection()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "%s\n", text)
	return err
}
