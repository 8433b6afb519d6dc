package partners

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// StaffMember is somebody who works for the shop.
type StaffMember struct {
	ID        id.StaffMemberID
	Email     string
	Name      string
	Role      Role
	Locations []id.LocationID // works only there; empty for everywhere
	CreatedAt time.Time
}

// StaffInput says who joins the staff.
type StaffInput struct {
	Email     string
	Name      string // the e-mail address when empty
	Password  string
	Role      Role
	Locations []id.LocationID
}

// The bounds of a staff member's password.
const (
	shortestPassword = 8
	longestPassword  = 72
)

const addStaffSQL = `
insert into staff_member (id, email, name, password_hash, role, location_ids)
values ($1, $2, $3, $4, $5, $6)
on conflict (email) do nothing
returning id, email, name, role, location_ids, created_at`

// CreateStaff adds a member of staff. Nobody makes a member who may do more than they themselves.
func (p *Partners) CreateStaff(ctx context.Context, actor access.Actor, input StaffInput) (StaffMember, error) {
	if err := input.check(actor); err != nil {
		return StaffMember{}, err
	}
	hash, err := p.Passwords.Hash(ctx, input.Password)
	if err != nil {
		return StaffMember{}, err
	}
	var member StaffMember
	err = pg.InTx(ctx, p.DB, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, addStaffSQL, id.NewStaffMemberID(), input.Email, input.Name, hash, string(input.Role), input.Locations).
			Scan(&member.ID, &member.Email, &member.Name, &member.Role, &member.Locations, &member.CreatedAt)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "TAKEN", "There is a member of staff with this e-mail address already.").At("email")
		}
		if err != nil {
			return fmt.Errorf("add a member of staff: %w", err)
		}
		_, err = p.Log.Append(ctx, tx, member.ID, 0, actor.By(), "staffCreate", StaffCreated{Role: member.Role, Locations: member.Locations})
		return err
	})
	if err != nil {
		return StaffMember{}, err
	}
	return member, nil
}

func (in *StaffInput) check(actor access.Actor) error {
	var wrong []error
	refuse := func(field, code, message string) {
		wrong = append(wrong, fault.New(fault.Invalid, code, message).At(field))
	}
	email, ok := contact.Email(in.Email)
	if !ok {
		refuse("email", "INVALID", "The e-mail address is not valid.")
	}
	in.Email = email
	if in.Name = strings.TrimSpace(in.Name); in.Name == "" {
		in.Name = email
	}
	if utf8.RuneCountInString(in.Password) < shortestPassword || len(in.Password) > longestPassword {
		refuse("password", "INVALID", fmt.Sprintf("The password has %d to %d characters.", shortestPassword, longestPassword))
	}
	if !slices.Contains(Roles, in.Role) {
		refuse("role", "INVALID", "The role is one of admin, manager, support and picker.")
	}
	if in.Role.NeedsLocation() && len(in.Locations) == 0 {
		refuse("locations", "INVALID", "A picker works at one location or more: name them.")
	}
	for _, scope := range in.Role.Scopes() {
		if !actor.Can(scope) {
			refuse("role", "SCOPE_NOT_HELD", "You cannot make a "+string(in.Role)+", who may do more than you.")
			break
		}
	}
	if in.Locations == nil {
		in.Locations = []id.LocationID{}
	}
	return errors.Join(wrong...)
}

// StaffToken is a staff member's login, as it is given once.
type StaffToken struct {
	AccessToken string
	ExpiresAt   time.Time
}

// StaffAccessTokenCreateInput is a staff member's e-mail and password.
type StaffAccessTokenCreateInput struct {
	Email    string
	Password string
}

const (
	staffTokenPrefix   = "wharfs_"
	staffTokenLifetime = 12 * time.Hour // a long shift
)

const staffLoginSQL = `
select id, password_hash
from staff_member
where email = $1 and disabled_at is null`

const refreshStaffPasswordSQL = `
update staff_member
set password_hash = $3
where id = $1 and password_hash = $2`

// SignIn gives a token for a staff member's e-mail and password. An unknown e-mail and a wrong password get the same
// answer after the same work.
func (p *Partners) SignIn(ctx context.Context, actor access.Actor, input StaffAccessTokenCreateInput) (StaffToken, error) {
	email, ok := contact.Email(input.Email)
	if !ok {
		email = "" // nobody's, and counted as such
	}
	try, err := p.Attempts.Begin(ctx, "staff", email, actor.Address)
	if err != nil {
		return StaffToken{}, err
	}
	var member id.StaffMemberID
	var stored string
	if err := p.DB.QueryRow(ctx, staffLoginSQL, email).Scan(&member, &stored); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return StaffToken{}, fmt.Errorf("read a staff member's login: %w", err)
	}
	right, err := p.Passwords.Check(ctx, stored, input.Password)
	if err != nil {
		return StaffToken{}, err
	}
	if !right {
		return StaffToken{}, fault.New(fault.Invalid, "UNIDENTIFIED_STAFF_MEMBER", "E-mail and password do not fit together.").At("input")
	}
	if err := try.Right(ctx); err != nil {
		return StaffToken{}, err
	}
	if p.Passwords.Stale(stored) {
		hash, err := p.Passwords.Hash(ctx, input.Password)
		if err != nil {
			return StaffToken{}, err
		}
		if _, err := p.DB.Exec(ctx, refreshStaffPasswordSQL, member, stored, hash); err != nil {
			return StaffToken{}, fmt.Errorf("refresh a password's hash: %w", err)
		}
	}
	return p.IssueStaffToken(ctx, member)
}

const dropEndedStaffTokensSQL = `
delete from staff_access_token
where staff_member_id = $1 and expires_at <= now()`

const addStaffTokenSQL = `
insert into staff_access_token (id, staff_member_id, token_hash, expires_at)
values ($1, $2, $3, now() + make_interval(secs => $4))
returning expires_at`

// IssueStaffToken signs a member of staff in without a password: for whoever holds the machine itself, such as the
// demo.
func (p *Partners) IssueStaffToken(ctx context.Context, member id.StaffMemberID) (StaffToken, error) {
	if _, err := p.DB.Exec(ctx, dropEndedStaffTokensSQL, member); err != nil {
		return StaffToken{}, fmt.Errorf("drop a staff member's ended logins: %w", err)
	}
	token, hash := access.NewToken(staffTokenPrefix)
	given := StaffToken{AccessToken: token}
	if err := p.DB.QueryRow(ctx, addStaffTokenSQL, id.New(), member, hash, staffTokenLifetime.Seconds()).Scan(&given.ExpiresAt); err != nil {
		return StaffToken{}, fmt.Errorf("keep a staff member's login: %w", err)
	}
	return given, nil
}

const staffByEmailSQL = `
select id, email, name, role, location_ids, created_at
from staff_member
where email = $1`

// StaffByEmail is the member of staff with an e-mail address. It is for whoever holds the machine itself.
func (p *Partners) StaffByEmail(ctx context.Context, email string) (StaffMember, error) {
	var m StaffMember
	err := p.DB.QueryRow(ctx, staffByEmailSQL, email).Scan(&m.ID, &m.Email, &m.Name, &m.Role, &m.Locations, &m.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return StaffMember{}, fault.New(fault.NotFound, "NOT_FOUND", "There is no member of staff with this e-mail address.")
	}
	if err != nil {
		return StaffMember{}, fmt.Errorf("read a member of staff: %w", err)
	}
	return m, nil
}

// IsStaffToken says whether a text looks like a staff member's token.
func IsStaffToken(token string) bool { return strings.HasPrefix(token, staffTokenPrefix) }

const authenticateStaffSQL = `
select t.id, m.id, m.role, m.location_ids, t.expires_at
from staff_access_token t
join staff_member m on m.id = t.staff_member_id
where t.token_hash = $1 and t.expires_at > now() and m.disabled_at is null`

// AuthenticateStaff says whose token it is and what they may do. A token that is not one, or has ended, is
// UNAUTHENTICATED.
func (p *Partners) AuthenticateStaff(ctx context.Context, token string) (access.Actor, error) {
	if !IsStaffToken(token) {
		return access.Actor{}, errToken
	}
	actor := access.Actor{Kind: access.Staff}
	var role Role
	err := p.DB.QueryRow(ctx, authenticateStaffSQL, access.HashToken(token)).
		Scan(&actor.SessionID, &actor.ID, &role, &actor.Locations, &actor.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return access.Actor{}, errToken
	}
	if err != nil {
		return access.Actor{}, fmt.Errorf("read a staff member's token: %w", err)
	}
	actor.Scopes, actor.Bound = role.Scopes(), role.NeedsLocation() || len(actor.Locations) > 0
	return actor, nil
}

const recheckStaffSQL = `
select m.role, m.location_ids, m.disabled_at is null, t.expires_at > now()
from staff_access_token t
join staff_member m on m.id = t.staff_member_id
where t.id = $1`

func (p *Partners) recheckStaff(ctx context.Context, actor access.Actor) error {
	var role Role
	var locations []id.LocationID
	var employed, lasts bool
	err := p.DB.QueryRow(ctx, recheckStaffSQL, actor.SessionID).Scan(&role, &locations, &employed, &lasts)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errGone
	case err != nil:
		return fmt.Errorf("read a staff member's login: %w", err)
	case !lasts:
		return errToken
	case !employed || !slices.Equal(role.Scopes(), actor.Scopes) || !slices.Equal(locations, actor.Locations):
		return errGone
	}
	return nil
}

const purgeStaffTokensSQL = `
delete from staff_access_token
where expires_at < now() - interval '1 day'`

// Purge forgets logins that ended a day ago or earlier.
func (p *Partners) Purge(ctx context.Context) error {
	if _, err := p.DB.Exec(ctx, purgeStaffTokensSQL); err != nil {
		return fmt.Errorf("forget ended logins of staff: %w", err)
	}
	return nil
}
