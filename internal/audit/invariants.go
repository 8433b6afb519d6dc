package audit

// Invariant is something that must always be true.
type Invariant struct {
	Name    string // as in the reference of the shop's promises
	Says    string // what must be true
	Anytime bool   // holds at every instant; the others are only looked at where nobody is at work

	violationsSQL string
}

// Invariants lists every check, in the order in which it is printed.
var Invariants = []Invariant{
	{"S1", "what lies on a shelf, broken or whole, and is on its way there is the sum of the stock ledger", true, s1SQL},
	{"S2", "nothing is promised beyond the shelf and its backorder limit", true, s2SQL},
	{"S3", "reserved is what live reservations hold", true, s3SQL},
	{"S4", "one cause has one effect on a shelf", false, s4SQL},
	{"S5", "what came in and was not sold can still be sold", false, s5SQL},
	{"S6", "no reservation outlives its time or its order", false, s6SQL},
	{"S7", "ledgers refuse to be changed", true, s7SQL},
	{"S8", "what is incoming is what open transfers bring", true, s8SQL},
	{"M1", "every total is the sum of its parts", false, m1SQL},
	{"M2", "refunded ≤ captured ≤ authorized, and no order is charged beyond its total", true, m2SQL},
	{"M3", "one currency per order", false, m3SQL},
	{"M4", "our books and the provider's agree, both ways", false, m4SQL},
	{"M5", "one live charge per attempt and per order", false, m5SQL},
	{"M6", "money of ended orders goes back", false, m6SQL},
	{"M7", "discounts are had as often as they may be, and gift cards never overspent", true, m7SQL},
	{"M8", "money is whole minor units: no column holds a binary fraction", true, m8SQL},
	{"E1", "each stream is numbered 1 to n, and chained by hash", true, e1SQL},
	{"E2", "every read row is the fold of its events, byte for byte", false, e2SQL},
	{"E3", "orders take only the published steps", false, e3SQL},
	{"E4", "every open order has a next step", false, e4SQL},
	{"E5", "one order per cart", false, e5SQL},
	{"E6", "one effect per idempotency key", false, e6SQL},
	{"E7", "every acknowledged order is there", false, e7SQL},
	{"E8", "the feed of events forgets none", true, e8SQL},
	{"J1", "no job runs longer than it may", false, j1SQL},
	{"J2", "no job is tried again that can't have an effect any more", false, j2SQL},
	{"D1", "the database's own guards are in force", true, d1SQL},
	{"D2", "nobody holds what others wait for", true, d2SQL},
}

// One statement per view; busy says that the violation's order is being worked on.
const (
	s1SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s1_violations v order by v.subject`
	s2SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s2_violations v order by v.subject`
	s3SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s3_violations v order by v.subject`
	s4SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s4_violations v order by v.subject`
	s5SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s5_violations v order by v.subject`
	s6SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s6_violations v order by v.subject`
	s7SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s7_violations v order by v.subject`
	s8SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.s8_violations v order by v.subject`
	m1SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m1_violations v order by v.subject`
	m2SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m2_violations v order by v.subject`
	m3SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m3_violations v order by v.subject`
	m4SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m4_violations v order by v.subject`
	m5SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m5_violations v order by v.subject`
	m6SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m6_violations v order by v.subject`
	e1SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e1_violations v order by v.subject`
	e2SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e2_violations v order by v.subject`
	e3SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e3_violations v order by v.subject`
	e4SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e4_violations v order by v.subject`
	e5SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e5_violations v order by v.subject`
	e6SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e6_violations v order by v.subject`
	e7SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e7_violations v order by v.subject`
	j1SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.j1_violations v order by v.subject`
	m7SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m7_violations v order by v.subject`
	m8SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.m8_violations v order by v.subject`
	e8SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.e8_violations v order by v.subject`
	j2SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.j2_violations v order by v.subject`
	d1SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.d1_violations v order by v.subject`
	d2SQL = `select v.subject, v.order_id, v.detail, exists (select from audit.busy b where b.order_id = v.order_id) as busy from audit.d2_violations v order by v.subject`
)
