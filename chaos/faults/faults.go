// Package faults proves row by row what Wharf does under the faults of docs/reliability.md. Each row is a test with its
// number in the name, against the real binary in processes of its own.
//
// The rows take minutes and a whole machine, so they run only when WHARF_FAULTS says in which form: short or full.
// `make chaos-short` and `make chaos` do that.
package faults
