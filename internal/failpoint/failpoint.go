// Package failpoint names the moments at which a crash would hurt most, so that `make chaos` can make the process
// die at each of them and then check that nothing was lost or done twice.
//
// In a normal build Hit does nothing and is inlined away. Built with the tag failpoint, a process whose environment
// has WHARF_FAILPOINT=name or name:n kills itself, as kill -9 would, when the point is passed for the n-th time. With
// name:n:panic it panics there instead, and with name:n:hang whoever passes it for the n-th time never comes back.
package failpoint

// Name is one moment at which a process may be killed.
type Name string

// The moments of placing, paying, cancelling, refunding, reserving and expiring. Units are reserved by the commits that
// place, and let go by those that cancel and expire.
const (
	PlaceBeforeCommit Name = "place.before_commit"
	PlaceAfterCommit  Name = "place.after_commit"

	// Paying: the intent is committed, the provider is called, the answer is committed together with the job.
	AuthorizeBeforeIntent  Name = "authorize.before_intent_commit"
	AuthorizeAfterIntent   Name = "authorize.after_intent_commit"
	AuthorizeBeforeCall    Name = "authorize.before_call"
	AuthorizeAfterCall     Name = "authorize.after_call"
	AuthorizeBeforeJobDone Name = "authorize.before_job_completion"
	AuthorizeBeforeResult  Name = "authorize.before_result_commit"
	AuthorizeAfterResult   Name = "authorize.after_result_commit"

	// Taking, giving back and releasing money.
	OperateBeforeIntent  Name = "operate.before_intent_commit"
	OperateAfterIntent   Name = "operate.after_intent_commit"
	OperateBeforeCall    Name = "operate.before_call"
	OperateAfterCall     Name = "operate.after_call"
	OperateBeforeJobDone Name = "operate.before_job_completion"
	OperateBeforeResult  Name = "operate.before_result_commit"
	OperateAfterResult   Name = "operate.after_result_commit"

	// Somebody asks for money to be taken, given back or released, or comes with another method.
	RequestBeforeCommit Name = "request.before_commit"
	RequestAfterCommit  Name = "request.after_commit"

	// What must happen once an order is confirmed, in a shop that takes money at once.
	CaptureBeforeIntent Name = "capture.before_intent_commit"
	CaptureAfterIntent  Name = "capture.after_intent_commit"

	// What a provider tells is kept with its job, and followed by it.
	CallbackBeforeCommit Name = "callback.before_commit"
	CallbackAfterCommit  Name = "callback.after_commit"
	CallbackBeforeResult Name = "callback.before_result_commit"
	CallbackBeforeDone   Name = "callback.before_job_completion"
	CallbackAfterResult  Name = "callback.after_result_commit"

	// A kept payment method is taken away from its customer, and then forgotten by its provider.
	DeleteMethodBeforeCommit Name = "delete_method.before_commit"
	DeleteMethodAfterCommit  Name = "delete_method.after_commit"
	ForgetBeforeCall         Name = "forget_method.before_call"
	ForgetAfterCall          Name = "forget_method.after_call"
	ForgetAfterResult        Name = "forget_method.after_result_commit"

	// The shopper agrees to another method.
	ConsentBeforeCommit Name = "consent.before_commit"
	ConsentAfterCommit  Name = "consent.after_commit"

	// A reservation is replaced by a new one, and marked for release with it.
	RenewBeforeIntent Name = "renew.before_intent_commit"
	RenewBeforeCall   Name = "renew.before_call"
	RenewAfterCall    Name = "renew.after_call"
	RenewAfterResult  Name = "renew.after_result_commit"

	// Books are compared: a difference is kept, what is certain is mended, and the difference is ended.
	ReconcileBeforeBreak  Name = "reconcile.before_break_commit"
	ReconcileAfterBreak   Name = "reconcile.after_break_commit"
	ReconcileBeforeCall   Name = "reconcile.before_call"
	ReconcileAfterCall    Name = "reconcile.after_call"
	ReconcileBeforeResult Name = "reconcile.before_result_commit"
	ReconcileAfterResult  Name = "reconcile.after_result_commit"
	ReconcileBeforeEnd    Name = "reconcile.before_end_commit"
	ReconcileAfterEnd     Name = "reconcile.after_end_commit"

	CancelBeforeCommit Name = "cancel.before_commit"
	CancelAfterCommit  Name = "cancel.after_commit"
	ExpireBeforeDone   Name = "expire.before_job_completion"
	ExpireBeforeCommit Name = "expire.before_commit"
	ExpireAfterCommit  Name = "expire.after_commit"

	// What nobody has taken up in time gets a new job.
	SweepBeforeCommit Name = "sweep.before_commit"
	SweepAfterCommit  Name = "sweep.after_commit"

	// Staff and partners change what lies on shelves; what went low or out is told.
	StockBeforeCommit    Name = "stock.before_commit"
	StockAfterCommit     Name = "stock.after_commit"
	AnnounceBeforeCommit Name = "announce.before_commit"
	AnnounceAfterCommit  Name = "announce.after_commit"

	// A message is sent, and that it was is kept together with the end of the job.
	NotifyBeforeCall   Name = "notify.before_call"
	NotifyAfterCall    Name = "notify.after_call"
	NotifyBeforeCommit Name = "notify.before_commit"
	NotifyAfterCommit  Name = "notify.after_commit"

	// Events get their place in the feed.
	SequenceBeforeCommit Name = "sequence.before_commit"
	SequenceAfterCommit  Name = "sequence.after_commit"
)

// Names lists every point, in the order in which an order meets them.
var Names = []Name{
	PlaceBeforeCommit, PlaceAfterCommit,
	AuthorizeBeforeIntent, AuthorizeAfterIntent, AuthorizeBeforeCall, AuthorizeAfterCall,
	AuthorizeBeforeJobDone, AuthorizeBeforeResult, AuthorizeAfterResult,
	OperateBeforeIntent, OperateAfterIntent, OperateBeforeCall, OperateAfterCall,
	OperateBeforeJobDone, OperateBeforeResult, OperateAfterResult,
	RequestBeforeCommit, RequestAfterCommit, CaptureBeforeIntent, CaptureAfterIntent,
	CallbackBeforeCommit, CallbackAfterCommit, CallbackBeforeDone, CallbackBeforeResult, CallbackAfterResult,
	DeleteMethodBeforeCommit, DeleteMethodAfterCommit, ForgetBeforeCall, ForgetAfterCall, ForgetAfterResult,
	ConsentBeforeCommit, ConsentAfterCommit,
	RenewBeforeIntent, RenewBeforeCall, RenewAfterCall, RenewAfterResult,
	ReconcileBeforeBreak, ReconcileAfterBreak, ReconcileBeforeCall, ReconcileAfterCall,
	ReconcileBeforeResult, ReconcileAfterResult, ReconcileBeforeEnd, ReconcileAfterEnd,
	CancelBeforeCommit, CancelAfterCommit,
	ExpireBeforeDone, ExpireBeforeCommit, ExpireAfterCommit,
	SweepBeforeCommit, SweepAfterCommit,
	StockBeforeCommit, StockAfterCommit, AnnounceBeforeCommit, AnnounceAfterCommit,
	NotifyBeforeCall, NotifyAfterCall, NotifyBeforeCommit, NotifyAfterCommit,
	SequenceBeforeCommit, SequenceAfterCommit,
}
