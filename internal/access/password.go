package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/wharfhq/wharf/internal/fault"
)

// HashCost is how much work and memory one argon2id hash takes.
type HashCost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8
}

// DefaultHashCost is OWASP's first choice for argon2id: 19 MiB, two passes, about 30 ms of one core.
var DefaultHashCost = HashCost{Memory: 19 * 1024, Time: 2, Threads: 1}

// Bounds on what a stored hash may ask for, so that no row of the database can exhaust the process.
const (
	maxHashMemory = 256 * 1024
	maxHashTime   = 16
)

// waitingHashes is how many callers may wait for a core to hash on before the next is told to come back.
const waitingHashes = 64

// Passwords hashes and checks passwords with argon2id. At most half of the cores hash at the same time, so that a
// flood of logins cannot take the shop down; who would wait too long is answered BUSY.
type Passwords struct {
	cost     HashCost
	cores    *semaphore.Weighted
	waiting  atomic.Int64
	computed atomic.Int64
	nobody   string // the hash of a password that nobody knows
}

// NewPasswords makes the hasher; the zero cost is DefaultHashCost. A process has one, shared by all who check
// passwords.
func NewPasswords(cost HashCost) *Passwords {
	if cost == (HashCost{}) {
		cost = DefaultHashCost
	}
	p := &Passwords{cost: cost, cores: semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)/2)))}
	p.nobody = p.encode(NewSecret())
	return p
}

// Hash gives the form in which a password is stored: the PHC string of argon2id.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	release, err := p.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return p.encode(password), nil
}

// Check compares a password with a stored hash. For an account that does not exist the stored hash is empty: then a
// hash is computed all the same, so that the time of the answer does not tell who has an account, and the answer
// is no.
func (p *Passwords) Check(ctx context.Context, stored, password string) (bool, error) {
	known := stored != ""
	if !known {
		stored = p.nobody
	}
	cost, salt, want, err := decodePHC(stored)
	if err != nil {
		return false, err
	}
	release, err := p.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	got := p.derive(password, salt, cost, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// Stale says whether a stored hash was made at another cost than today's and should be made anew at the next login.
func (p *Passwords) Stale(stored string) bool {
	cost, _, _, err := decodePHC(stored)
	return err == nil && cost != p.cost
}

// Computed is how many hashes this process has computed.
func (p *Passwords) Computed() int64 { return p.computed.Load() }

func (p *Passwords) acquire(ctx context.Context) (release func(), err error) {
	defer p.waiting.Add(-1)
	if p.waiting.Add(1) > waitingHashes {
		busy := fault.New(fault.Busy, "BUSY", "Too many people are signing in right now. Try again in a moment.")
		busy.RetryAfter = time.Second
		return nil, busy
	}
	if err := p.cores.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to hash a password: %w", err)
	}
	return func() { p.cores.Release(1) }, nil
}

func (p *Passwords) derive(password string, salt []byte, cost HashCost, size uint32) []byte {
	p.computed.Add(1)
	return argon2.IDKey([]byte(password), salt, cost.Time, cost.Memory, cost.Threads, size)
}

func (p *Passwords) encode(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	sum := p.derive(password, salt, p.cost, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.Memory, p.cost.Time, p.cost.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

var errPHC = errors.New("stored password hash is not one of ours")

func decodePHC(stored string) (cost HashCost, salt, sum []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return cost, nil, nil, errPHC
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return cost, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Time, &cost.Threads); err != nil {
		return cost, nil, nil, errPHC
	}
	if cost.Memory > maxHashMemory || cost.Time == 0 || cost.Time > maxHashTime || cost.Threads == 0 {
		return cost, nil, nil, errPHC
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return cost, nil, nil, errPHC
	}
	if sum, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return cost, nil, nil, errPHC
	}
	return cost, salt, sum, nil
}
