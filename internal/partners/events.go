package partners

import (
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// KeyCreated says that an API key was made, and what it may do.
type KeyCreated struct {
	Partner   id.PartnerID  `json:"partner"`
	Name      string        `json:"name"`
	Prefix    string        `json:"prefix"`
	Scopes    access.Scopes `json:"scopes"`
	ExpiresAt *time.Time    `json:"expiresAt,omitempty"`
}

// Kind is api_key.created.
func (KeyCreated) Kind() string { return "api_key.created" }

// KeyRevoked says that an API key was ended.
type KeyRevoked struct{}

// Kind is api_key.revoked.
func (KeyRevoked) Kind() string { return "api_key.revoked" }

// StaffCreated says that somebody joined the staff. It names neither the person's e-mail nor their name.
type StaffCreated struct {
	Role      Role            `json:"role"`
	Locations []id.LocationID `json:"locations,omitempty"`
}

// Kind is staff_member.created.
func (StaffCreated) Kind() string { return "staff_member.created" }
