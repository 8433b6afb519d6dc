package settings_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/locale"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/settings"
)

func TestUpdateKeepsWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := settings.New(pool, event.New(), clock.System)
	logo := settings.BrandImageInput{URL: "https://img.example/logo.svg"}
	slogan, empty, name, language := " Light ", "", "Harbor", locale.LanguageCode("PT_BR")
	shop, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{
		Name: &name, Language: &language, Brand: &settings.BrandInput{Slogan: &slogan, Logo: &logo},
	})
	if err != nil {
		t.Fatal(err)
	}
	if shop.Name != "Harbor" || shop.Language != "PT_BR" || *shop.Brand.Slogan != "Light" || shop.Brand.Logo.ID.IsZero() || shop.Currency != "USD" {
		t.Errorf("the shop is %+v", shop)
	}
	alt := "The logo"
	logo.AltText = &alt
	again, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{Brand: &settings.BrandInput{Slogan: &empty, Logo: &logo}})
	if err != nil {
		t.Fatal(err)
	}
	if again.Name != "Harbor" || again.Brand.Slogan != nil || again.Brand.Logo.ID != shop.Brand.Logo.ID || *again.Brand.Logo.Alt != alt {
		t.Errorf("then it is %+v", again)
	}
	loaded, err := settings.New(pool, event.New(), clock.System).Load(t.Context())
	if err != nil || loaded.Language != "PT_BR" || *loaded.Brand.Logo.Alt != alt {
		t.Errorf("another process sees %+v, %v", loaded, err)
	}
	history, err := event.Read(t.Context(), pool, shop.ID, 0, 10)
	if err != nil || len(history) != 2 {
		t.Errorf("the history has %d events, %v", len(history), err)
	}
}

// TestUpdateSetsDeadlines within their bounds, and to nothing that numbers out of all bounds come round to.
func TestUpdateSetsDeadlines(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := settings.New(pool, event.New(), clock.System)
	if _, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{PaymentDeadlineSeconds: ptr(60), ActionDeadlineSeconds: ptr(7_776_000)}); err != nil {
		t.Fatal(err)
	}
	name := "Harbor"
	shop, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{Name: &name})
	if err != nil || shop.PaymentDeadlineSeconds() != 60 || shop.ActionDeadlineSeconds() != 7_776_000 {
		t.Errorf("a change of the name leaves %d and %d: %v", shop.PaymentDeadlineSeconds(), shop.ActionDeadlineSeconds(), err)
	}
	_, err = s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{PaymentDeadlineSeconds: ptr(math.MinInt), ActionDeadlineSeconds: ptr(1<<55 + 60)})
	if got := paths(err); got != "paymentDeadlineSeconds actionDeadlineSeconds" {
		t.Errorf("wrong are %q: %v", got, err)
	}
	if after, err := settings.New(pool, event.New(), clock.System).Load(t.Context()); err != nil || after.PaymentDeadline != time.Minute || after.ActionDeadline != 90*24*time.Hour {
		t.Errorf("then they are %s and %s: %v", after.PaymentDeadline, after.ActionDeadline, err)
	}
	history, err := event.Read(t.Context(), pool, shop.ID, 0, 10)
	if err != nil || len(history) != 2 {
		t.Errorf("the history has %d events, %v", len(history), err)
	}
}

func TestUpdateNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := settings.New(pgtest.New(t), event.New(), clock.System)
	bad, color := "javascript:alert(1)", "red"
	long := strings.Repeat("x", 501)
	for path, in := range map[string]settings.ShopUpdateInput{
		"input.url":                               {URL: &bad},
		"input.checkoutUrlTemplate":               {CheckoutURLTemplate: &bad},
		"input.moneyFormat":                       {MoneyFormat: &bad},
		"input.passwordResetUrlTemplate":          {PasswordResetURLTemplate: &bad},
		"input.emailVerificationUrlTemplate":      {EmailVerificationURLTemplate: &color},
		"input.brand.logo.url":                    {Brand: &settings.BrandInput{Logo: &settings.BrandImageInput{URL: bad}}},
		"input.brand.coverImage.altText":          {Brand: &settings.BrandInput{CoverImage: &settings.BrandImageInput{URL: "/cover.jpg", AltText: ptr(strings.Repeat("ä", 1021))}}},
		"input.brand.squareLogo.height":           {Brand: &settings.BrandInput{SquareLogo: &settings.BrandImageInput{URL: "/logo.svg", Height: ptr(0)}}},
		"input.brand.colors.secondary.0":          {Brand: &settings.BrandInput{Colors: &settings.BrandColorsInput{Secondary: []settings.BrandColorGroup{{}}}}},
		"input.brand.slogan":                      {Brand: &settings.BrandInput{Slogan: &long}},
		"input.brand.colors.primary.0.background": {Brand: &settings.BrandInput{Colors: &settings.BrandColorsInput{Primary: []settings.BrandColorGroup{{Background: &color}}}}},
		"input.paymentDeadlineSeconds":            {PaymentDeadlineSeconds: ptr(59)},
		"input.actionDeadlineSeconds":             {ActionDeadlineSeconds: ptr(7_776_001)},
		"input.shipsToCountries.1":                {ShipsToCountries: []address.CountryCode{"DE", "??"}},
	} {
		_, err := s.Update(t.Context(), access.SystemActor, in)
		refused, ok := fault.As(err)
		if !ok || refused.Code != "INVALID" || !slices.Equal(refused.Field, strings.Split(path, ".")) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestUpdateNamesAllThatIsWrongAtOnce, as much of it as anybody reads.
func TestUpdateNamesAllThatIsWrongAtOnce(t *testing.T) {
	t.Parallel()
	s := settings.New(pgtest.New(t), event.New(), clock.System)
	bad, none, color := "javascript:alert(1)", " ", "red"
	colors := &settings.BrandColorsInput{Primary: []settings.BrandColorGroup{{Background: &color, Foreground: &color}}, Secondary: make([]settings.BrandColorGroup, 11)}
	_, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{
		Name: &none, URL: &bad, MoneyFormat: &bad, Brand: &settings.BrandInput{Colors: colors, Logo: &settings.BrandImageInput{URL: bad}, CoverImage: &settings.BrandImageInput{URL: "/cover.jpg", Width: ptr(-1)}},
	})
	want := "name moneyFormat url brand.colors.primary.0.background brand.colors.primary.0.foreground brand.colors.secondary brand.logo.url brand.coverImage.width"
	if got := paths(err); got != want {
		t.Errorf("wrong are %s, want %s", got, want)
	}
	if _, err = s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{ShipsToCountries: slices.Repeat([]address.CountryCode{"??"}, 1000)}); len(strings.Fields(paths(err))) != 50 || !strings.HasSuffix(err.Error(), "There are 950 more errors.") {
		t.Errorf("of 1,000 countries that are none %d are told", len(strings.Fields(paths(err))))
	}
}

// paths are where an input is wrong.
func paths(err error) string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return ""
	}
	var all []string
	for _, one := range joined.Unwrap() {
		if f, ok := fault.As(one); ok && f.Field[0] == "input" {
			all = append(all, strings.Join(f.Field[1:], "."))
		}
	}
	return strings.Join(all, " ")
}

// TestAddressesThatLeadNowhere: what is documented is taken, and what would be no address once it is filled in is refused.
func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := settings.New(pgtest.New(t), event.New(), clock.System)
	for _, good := range []string{"{url}/c/{cartId}", "{url}/c/{cart}?x=1", "https://pay.example/?cart={cart}"} {
		if shop, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{CheckoutURLTemplate: &good}); err != nil || shop.CheckoutTemplate != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for field, all := range map[string][]string{
		"checkoutUrlTemplate": {
			"javascript:alert(1)//{cart}", "{foo}/{cart}", "/x/{cart}", "{url}/c/{cart}/{foo}", "//x/{cart}", "{url}/c",
			"https://a:b@pay.example/{cart}", "https:///{cart}", "{url}/{cart}/" + strings.Repeat("x", 2048), "",
		},
		"passwordResetUrlTemplate": {"{url}/{token}/{foo}", "/x/{token}", "javascript:{token}"},
		"url":                      {"https://x.y/path?a=b", "https://x.y/?", "https://x.y/#a", "https://x.y/#", "ftp://x.y", "https://u:p@x.y", "x.y", "{url}"},
	} {
		for _, bad := range all {
			var in settings.ShopUpdateInput
			*map[string]**string{"checkoutUrlTemplate": &in.CheckoutURLTemplate, "passwordResetUrlTemplate": &in.PasswordResetURLTemplate, "url": &in.URL}[field] = &bad
			_, err := s.Update(t.Context(), access.SystemActor, in)
			if f, ok := fault.As(err); !ok || f.Code != "INVALID" || !slices.Equal(f.Field, []string{"input", field}) {
				t.Errorf("%s %q: %v", field, bad, err)
			}
		}
	}
	shop, err := s.Load(t.Context())
	if err != nil || shop.CheckoutTemplate != "https://pay.example/?cart={cart}" || shop.URL != "http://127.0.0.1:8080" {
		t.Errorf("a refusal left %q at %q, %v", shop.CheckoutTemplate, shop.URL, err)
	}
}

// TestWhatIsOlderThanARuleStays: a shop that was set before a rule came is changed in all else, and is told of what is wrong
// with a setting once that is changed.
func TestWhatIsOlderThanARuleStays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := settings.New(pool, event.New(), clock.System)
	if _, err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	const login, foreign = "https://u:p@harbor.example", "{url}/{token}/{foo}"
	if _, err := pool.Exec(t.Context(), `update shop set url = $1, password_reset_template = $2, email_verification_template = $2`, login, foreign); err != nil {
		t.Fatal(err)
	}
	name, form, letter, home := "Harbor", "{url}/pay/{cart}", "{url}/verify/{token}", "https://harbor.example"
	for _, in := range []settings.ShopUpdateInput{{Name: &name}, {CheckoutURLTemplate: &form}, {EmailVerificationURLTemplate: &letter}} {
		shop, err := s.Update(t.Context(), access.SystemActor, in)
		if err != nil || shop.URL != login || shop.ResetTemplate != foreign {
			t.Errorf("%+v: %v, at %q with %q", in, err, shop.URL, shop.ResetTemplate)
		}
	}
	otherLogin, otherForeign := login+"/", foreign+"/x"
	for field, in := range map[string]settings.ShopUpdateInput{
		"url":                      {Name: &form, URL: &otherLogin},
		"passwordResetUrlTemplate": {Name: &form, PasswordResetURLTemplate: &otherForeign},
	} {
		_, err := s.Update(t.Context(), access.SystemActor, in)
		if f, ok := fault.As(err); !ok || !slices.Equal(f.Field, []string{"input", field}) {
			t.Errorf("another bad %s: %v", field, err)
		}
	}
	shop, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{URL: &home, PasswordResetURLTemplate: &letter})
	if err != nil || shop.Name != name || shop.CheckoutURL("c") != "https://harbor.example/pay/c" || shop.ResetURL("c", "t") != "https://harbor.example/verify/t" {
		t.Errorf("mended it is %+v, %v", shop, err)
	}
}

func TestMarketOfAShopThatDoesNotShipToItself(t *testing.T) {
	t.Parallel()
	shop := settings.Shop{Country: "US", Currency: "EUR", Language: "EN", Ships: []address.CountryCode{"DE", "AT"}}
	austria, japan := address.CountryCode("AT"), address.CountryCode("JP")
	for country, want := range map[*address.CountryCode]address.CountryCode{nil: "DE", &austria: "AT", &japan: "DE"} {
		l := shop.Localization(country, nil)
		if l.Country.ISOCode != want || l.Country.Currency.Name != "Euro" || len(l.AvailableCountries) != 2 || l.Language.ISOCode != "EN" {
			t.Errorf("the market is %+v, want %s", l, want)
		}
	}
}

// The letters to customers lead to the storefront, wherever it has the pages for them.
func TestWhereLettersLead(t *testing.T) {
	t.Parallel()
	s := settings.New(pgtest.New(t), event.New(), clock.System)
	url, template, noToken := "https://harbor.example/", " https://my.example/new-password?c={customer}&t={token} ", "{url}/account/verify"
	shop, err := s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{URL: &url})
	if err != nil {
		t.Fatal(err)
	}
	if got := shop.ResetURL("c", "t"); got != "https://harbor.example/account/reset/c/t" {
		t.Errorf("a new password is chosen at %s", got)
	}
	if got := shop.VerifyURL("c", "t"); got != "https://harbor.example/account/verify/t" {
		t.Errorf("an address is confirmed at %s", got)
	}
	if shop, err = s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{PasswordResetURLTemplate: &template}); err != nil {
		t.Fatal(err)
	}
	if got := shop.ResetURL("c", "t"); got != "https://my.example/new-password?c=c&t=t" {
		t.Errorf("then it is chosen at %s", got)
	}
	_, err = s.Update(t.Context(), access.SystemActor, settings.ShopUpdateInput{EmailVerificationURLTemplate: &noToken})
	if f, ok := fault.As(err); !ok || strings.Join(f.Field, ".") != "input.emailVerificationUrlTemplate" {
		t.Errorf("a letter without its token: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }
