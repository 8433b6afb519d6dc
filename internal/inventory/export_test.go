package inventory

// LockShelvesSQL is the statement that locks the shelves of a batch of orders.
const LockShelvesSQL = lockShelvesSQL
