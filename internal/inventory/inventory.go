// Package inventory says how much of each variant lies where, and promises units to orders.
//
// It promises that no unit is promised twice: rows of stock are locked in one order, the demand of an order is summed
// per row before it is compared, and the database itself refuses a promise beyond the shelf. Every change of a shelf
// stands in an append-only ledger with its cause, and one cause takes effect once. A variant that inventory has no
// record of is not tracked and always available.
package inventory
