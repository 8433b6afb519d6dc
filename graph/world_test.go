package graph_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/files"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/privacy"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// world is a shop with a customer, Ada, to whom a thing of each kind belongs, and with people to whom nothing of hers
// does.
type world struct {
	api
	things    map[string]string // ids of what is Ada's, or not yet for shoppers' eyes
	tokens    map[string]string
	intruders []intruder

	guestOrder           string // of the guest whose token is "guest"
	cart                 string // Ada's, with its secret
	otherCart, otherLine string // an intruder's own
}

// victimKinds tells of what kind each thing of the world is.
var victimKinds = map[string]string{
	"order": "Order", "payment": "Payment", "attempt": "PaymentAttempt", "order line": "OrderLineItem",
	"warehouse": "Location", "transfer": "InventoryTransfer", "customer": "Customer", "key": "ApiKey",
	"mailing address": "MailingAddress", "book address": "MailingAddress", "other book address": "MailingAddress",
	"data request": "CustomerDataRequest", "stored method": "StoredPaymentMethod", "cart without its secret": "Cart", "cart with a wrong secret": "Cart", "cart line": "CartLine",
	"bundle line": "ComponentizableCartLine", "cart address": "CartSelectableAddress", "cart delivery group": "CartDeliveryGroup",
	"draft product": "Product", "draft variant": "ProductVariant", "draft option": "ProductOption",
	"draft option value": "ProductOptionValue", "draft collection": "Collection",
	"gift card": "GiftCard", "applied gift card": "AppliedGiftCard", "promotion": "Promotion", "ended promotion": "Promotion",
	"draft image": "MediaImage", "draft video": "Video", "draft external video": "ExternalVideo", "draft model": "Model3d",
	"draft presentation": "MediaPresentation", "draft metafield": "Metafield",
	"draft page": "Page", "draft article": "Article", "blog": "Blog", "menu": "Menu", "menu item": "MenuItem",
	"import job": "ImportJob", "export job": "ExportJob",
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := shoptest.New(t)
	still := shoptest.Working()
	still.Workers = false // jobs are connected and not run, so that nothing moves but what a caller moves
	s.Run(t, still)
	server, err := graph.New(s.Shop, graph.Options{Log: slog.New(slog.DiscardHandler), Clock: s.Clock, NoRateLimit: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{api: api{Shop: s, server: server}, things: map[string]string{}, tokens: map[string]string{}}
	sold := w.goods(t, "Lamp", true)
	w.drafts(t)
	w.says(t)
	w.onPaper(t)
	w.tokens["customer"] = w.account(t, "ada@example.com")
	w.tokens["customer B"] = w.account(t, "eve@example.com")
	w.tokens["expired"] = w.account(t, "old@example.com")
	w.exec(t, `update customer_access_token set expires_at = now() where token_hash = $1`, access.HashToken(w.tokens["expired"]))
	order, _ := w.place(t, w.tokens["customer"], sold)
	w.guestOrder, w.tokens["guest"] = w.place(t, "", sold)
	w.things["order"] = order
	w.fromOrder(t, order)

	var line string
	w.cart, line = w.openCart(t, sold)
	w.otherCart, w.otherLine = w.openCart(t, sold)
	w.things["cart line"], w.things["bundle line"] = line, line // they have ids of one kind
	w.things["cart address"], w.things["cart delivery group"] = w.cartDelivery(t, w.cart)
	bare, _, _ := strings.Cut(w.cart, "?")
	w.things["cart without its secret"] = bare
	w.things["cart with a wrong secret"] = bare + w.otherCart[strings.Index(w.otherCart, "?"):]

	var who customerAnswer
	w.want(t, "", whoAmI, map[string]any{"token": w.tokens["customer"]}, &who)
	w.things["customer"] = who.Customer.ID

	w.book(t)
	w.onTheWay(t)
	stored := id.NewStoredPaymentMethodID()
	w.exec(t, `insert into payment_stored_method (id, customer_id, provider, ref, label) select $1, id, 'test', 'approve', 'Card' from customer where email = 'ada@example.com'`, stored)
	err = pg.InTx(t.Context(), w.Pool, func(tx pgx.Tx) error {
		_, err := w.Events.Append(t.Context(), tx, stored, 0, "system", "test", payment.MethodSaved{Provider: "test"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.things["stored method"] = stored.String()
	w.giftsAndDiscounts(t)
	key, _, err := w.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "Ada's", Scopes: []string{"orders:read"}})
	if err != nil {
		t.Fatal(err)
	}
	w.things["key"] = key.ID.String()
	w.tokens["admin"] = staffToken(t, w.api, partners.RoleAdmin)
	w.tokens["catalog"] = w.partner(t, access.Scopes{"catalog:read"})
	w.tokens["partner"] = w.partner(t, access.Scopes{"webhooks:read"})
	w.tokens["other partner"] = w.partner(t, access.Scopes{"keys:write"})
	w.intruders = []intruder{
		{name: "anybody"},
		{name: "anybody with another order's token as the argument", argument: w.tokens["guest"]},
		{name: "anybody with a made-up token as the argument", argument: "wharfo_0"},
		{name: "a guest with another order's token", bearer: w.tokens["guest"]},
		{name: "another customer", bearer: w.tokens["customer B"]},
		{name: "a partner without the scope", bearer: w.tokens["partner"]},
		{name: "another partner who may manage keys", bearer: w.tokens["other partner"]},
		{name: "a customer whose token has ended", bearer: w.tokens["expired"]},
	}
	return w
}

func (w *world) exec(t *testing.T, sql string, arguments ...any) {
	t.Helper()
	if _, err := w.Pool.Exec(t.Context(), sql, arguments...); err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
}

// goods puts a product on the shelf, or keeps it back from shoppers, and gives its variant.
func (w *world) goods(t *testing.T, title string, published bool) string {
	t.Helper()
	product, variant, location := id.NewProductID(), id.NewProductVariantID(), id.NewLocationID()
	w.exec(t, `insert into product (id, handle, title, published_at, currency, min_price, max_price, variants_count, option_names)
values ($1, $2, $3, case when $4 then now() end, 'USD', 1000, 1000, 1, '{Size}')`, product, strings.ToLower(title), title, published)
	w.exec(t, `insert into product_variant (id, product_id, position, title, sku, option_values, price, currency, weight_grams)
values ($1, $2, 1, 'L', $3, '{L}', 1000, 'USD', 500)`, variant, product, "SKU-"+title)
	w.exec(t, `insert into location (id, kind, name, country_code, ships_online, is_default) values ($1, 'WAREHOUSE', $2, 'US', true, $3)`, location, title, published)
	w.exec(t, `insert into stock_item (variant_id) values ($1)`, variant)
	shoptest.Shelve(t, w.Pool, `insert into stock_level (variant_id, location_id, on_hand) values ($1, $2, 100)`, variant, location)
	if !published {
		w.things["draft product"] = product.String()
	}
	return variant.String()
}

// drafts makes what shoppers don't see yet.
func (w *world) drafts(t *testing.T) {
	t.Helper()
	w.things["draft variant"] = w.goods(t, "Secret", false)
	product, err := id.ParseProductID(w.things["draft product"])
	if err != nil {
		t.Fatal(err)
	}
	option, value, collection := id.NewProductOptionID(), id.NewProductOptionValueID(), id.NewCollectionID()
	w.exec(t, `insert into product_option (id, product_id, position, name) values ($1, $2, 1, 'Size')`, option, product)
	w.exec(t, `insert into product_option_value (id, option_id, position, name) values ($1, $2, 1, 'L')`, value, option)
	w.exec(t, `insert into collection (id, handle, title, published_at) values ($1, 'secret', 'Secret', null)`, collection)
	image, video, external, model, metafield := id.NewMediaImageID(), id.NewVideoID(), id.NewExternalVideoID(), id.NewModel3dID(), id.NewMetafieldID()
	w.exec(t, `insert into product_image (id, product_id, position, url) values ($1, $2, 1, '/secret.svg')`, image, product)
	w.exec(t, `insert into product_media (id, product_id, kind, position, address) values ($1, $2, 'VIDEO', 2, '/secret.mp4')`, video, product)
	w.exec(t, `insert into product_media (id, product_id, kind, position, address) values ($1, $2, 'MODEL_3D', 3, '/secret.glb')`, model, product)
	w.exec(t, `insert into product_media (id, product_id, kind, position, address, host, embed_url) values ($1, $2, 'EXTERNAL_VIDEO', 4, 'https://vimeo.com/1', 'VIMEO', 'https://player.vimeo.com/video/1')`, external, product)
	w.exec(t, `insert into metafield (id, owner_kind, owner_id, namespace, key, type, value) values ($1, 'PRODUCT', $2, 'custom', 'secret', 'color', '#000000')`, metafield, product)
	w.things["draft image"], w.things["draft video"], w.things["draft external video"] = image.String(), video.String(), external.String()
	w.things["draft model"], w.things["draft presentation"], w.things["draft metafield"] = model.String(), id.MediaPresentationID(model).String(), metafield.String()
	w.things["draft option"], w.things["draft option value"], w.things["draft collection"] = option.String(), value.String(), collection.String()
}

// giftsAndDiscounts puts a gift card into Ada's cart beside one that lies about, and makes promotions whose codes nobody
// has named.
func (w *world) giftsAndDiscounts(t *testing.T) {
	t.Helper()
	issued := map[string]promotions.Issued{}
	for _, name := range []string{"in the cart", "lying about"} {
		card, err := w.Promotions.Issue(t.Context(), access.SystemActor, "USD", promotions.GiftCardCreateInput{
			IdempotencyKey: name, InitialValue: money.MoneyInput{Amount: "5.00", CurrencyCode: "USD"},
		})
		if err != nil {
			t.Fatal(err)
		}
		issued[name] = card
	}
	added, err := w.Carts.AddGiftCards(t.Context(), access.Actor{}, w.cart, []string{issued["in the cart"].Code})
	if err != nil || len(added.UserErrors) > 0 {
		t.Fatal(added, err)
	}
	w.things["gift card"], w.things["applied gift card"] = issued["lying about"].Card.ID.String(), added.Cart.AppliedGiftCards[0].ID.String()
	for _, name := range []string{"promotion", "ended promotion"} {
		made, err := w.Promotions.Set(t.Context(), access.SystemActor, "USD", promotions.PromotionSetInput{
			Title: name, Kind: promotions.KindFreeShipping, Codes: []string{name},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.things[name] = made.ID.String()
	}
}

// says writes what the shop says, with a page and an article that are kept back.
func (w *world) says(t *testing.T) {
	t.Helper()
	page, blog, article, menu, item := id.NewPageID(), id.NewBlogID(), id.NewArticleID(), id.NewMenuID(), id.NewMenuItemID()
	w.exec(t, `insert into page (id, handle, title) values ($1, 'secret', 'Secret')`, page)
	w.exec(t, `insert into blog (id, handle, title) values ($1, 'news', 'News')`, blog)
	w.exec(t, `insert into article (id, blog_id, handle, title) values ($1, $2, 'secret', 'Secret')`, article, blog)
	w.exec(t, `insert into menu (id, handle, title) values ($1, 'main-menu', 'Main menu')`, menu)
	w.exec(t, `insert into menu_item (id, menu_id, position, title, type) values ($1, $2, 1, 'Search', 'SEARCH')`, item, menu)
	w.things["draft page"], w.things["draft article"], w.things["blog"] = page.String(), article.String(), blog.String()
	w.things["menu"], w.things["menu item"] = menu.String(), item.String()
}

// onPaper has a file that is to come in and one that is to go out.
func (w *world) onPaper(t *testing.T) {
	t.Helper()
	in, err := w.Files.StartImport(t.Context(), access.SystemActor, "USD", files.CatalogImportInput{Kind: files.Products})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Files.StartExport(t.Context(), access.SystemActor, "USD", files.CatalogExportInput{})
	if err != nil {
		t.Fatal(err)
	}
	w.things["import job"], w.things["export job"] = in.ID.String(), out.ID.String()
}

// onTheWay sends goods to the warehouse where the drafts lie, and where an order waits for more than there is.
func (w *world) onTheWay(t *testing.T) {
	t.Helper()
	var warehouse id.LocationID
	if err := w.Pool.QueryRow(t.Context(), `select id from location where name = 'Secret'`).Scan(&warehouse); err != nil {
		t.Fatal(err)
	}
	w.things["warehouse"] = warehouse.String()
	sent, err := w.Inventory.CreateTransfer(t.Context(), access.SystemActor, inventory.InventoryTransferCreateInput{
		IdempotencyKey: "sent", DestinationLocationID: warehouse.String(),
		Lines: []inventory.InventoryTransferLineInput{{VariantID: w.things["draft variant"], Quantity: 5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.things["transfer"] = sent.ID.String()
	variant, err := id.ParseProductVariantID(w.things["draft variant"])
	if err != nil {
		t.Fatal(err)
	}
	w.exec(t, `with promised as (
    insert into reservation (id, order_id, variant_id, location_id, quantity, method, state)
    values (gen_random_uuid(), gen_random_uuid(), $1, $2, 150, 'SHIPPING', 'CONFIRMED')
    returning variant_id, location_id, quantity)
update stock_level l set backorder_limit = 100, reserved = p.quantity
from promised p
where l.variant_id = p.variant_id and l.location_id = p.location_id`, variant, warehouse)
}

// account registers a customer and signs them in.
func (w *world) account(t *testing.T, email string) string {
	t.Helper()
	if _, err := w.Customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: email, Password: "difference"}); err != nil {
		t.Fatal(err)
	}
	token, err := w.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: email, Password: "difference"})
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

// book puts addresses into Ada's book, and asks for her data.
func (w *world) book(t *testing.T) {
	t.Helper()
	for name, street := range map[string]string{"book address": "1 Main St", "other book address": "2 Main St"} {
		country, city := "DE", "Berlin"
		kept, err := w.Customers.AddressCreate(t.Context(), w.tokens["customer"], address.MailingAddressInput{Address1: &street, City: &city, Country: &country})
		if err != nil {
			t.Fatal(err)
		}
		w.things[name] = kept.ID.String()
	}
	token := w.tokens["customer"]
	request, err := w.Privacy.AskExport(t.Context(), access.Actor{}, privacy.CustomerDataExportInput{CustomerAccessToken: &token})
	if err != nil {
		t.Fatal(err)
	}
	w.things["data request"] = request.ID.String()
}

// partner makes a partner of its own and gives its key.
func (w *world) partner(t *testing.T, scopes access.Scopes) string {
	t.Helper()
	_, text, err := w.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{Name: "k", Scopes: scopes.Strings()})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// place places an order and gives its id and its token.
func (w *world) place(t *testing.T, bearer, variant string) (order, token string) {
	t.Helper()
	var got struct {
		OrderPlace struct {
			Order       *struct{ ID string }
			AccessToken *string
			UserErrors  refusals
		}
	}
	w.want(t, bearer, `mutation($key: String!, $variant: ID!) { orderPlace(input: {
  idempotencyKey: $key, lines: [{ merchandiseId: $variant }], buyer: { email: "ada@example.com" },
  delivery: { shipping: { address: { firstName: "Ada", lastName: "Lovelace", address1: "1 Main St", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: [{ provider: "test", token: "approve" }] }) { order { id } accessToken userErrors { code field message } } }`,
		map[string]any{"key": uuid.NewString(), "variant": variant}, &got)
	if got.OrderPlace.Order == nil {
		t.Fatalf("the order was refused: %+v", got.OrderPlace.UserErrors)
	}
	return got.OrderPlace.Order.ID, *got.OrderPlace.AccessToken
}

// fromOrder names the things that belong to an order.
func (w *world) fromOrder(t *testing.T, text string) {
	t.Helper()
	order, err := id.ParseOrderID(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Payments.Authorize(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	var payment id.PaymentID
	var attempt id.PaymentAttemptID
	if err := w.Pool.QueryRow(t.Context(), `select id from payment where order_id = $1`, order).Scan(&payment); err != nil {
		t.Fatal(err)
	}
	if err := w.Pool.QueryRow(t.Context(), `select id from payment_attempt where order_id = $1`, order).Scan(&attempt); err != nil {
		t.Fatal(err)
	}
	placed, err := w.Orders.Visible(t.Context(), access.SystemActor, order, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.things["order line"] = placed.Lines[0].ID.String()
	w.things["payment"], w.things["attempt"], w.things["mailing address"] = payment.String(), attempt.String(), placed.ShippingAddress.ID.String()
}

// openCart makes a cart with one line and gives the ids of both.
func (w *world) openCart(t *testing.T, variant string) (cart, line string) {
	t.Helper()
	var got struct {
		CartCreate struct {
			Cart *struct {
				ID    string
				Lines struct{ Nodes []struct{ ID string } }
			}
		}
	}
	w.want(t, "", `mutation($variant: ID!) { cartCreate(input: { lines: [{ merchandiseId: $variant, quantity: 2 }] }) { cart { id lines(first: 1) { nodes { id } } } } }`,
		map[string]any{"variant": variant}, &got)
	return got.CartCreate.Cart.ID, got.CartCreate.Cart.Lines.Nodes[0].ID
}

// cartDelivery gives a cart an address, and tells the ids of that and of its delivery group.
func (w *world) cartDelivery(t *testing.T, cart string) (address, group string) {
	t.Helper()
	var got struct {
		CartDeliveryAddressesAdd struct {
			Cart *struct {
				Delivery       struct{ Addresses []struct{ ID string } }
				DeliveryGroups struct{ Nodes []struct{ ID string } }
			}
		}
	}
	w.want(t, "", `mutation($id: ID!) { cartDeliveryAddressesAdd(cartId: $id, addresses: [{ address: { deliveryAddress: { countryCode: US } } }]) {
  cart { delivery { addresses { id } } deliveryGroups(first: 1) { nodes { id } } } } }`, map[string]any{"id": cart}, &got)
	made := got.CartDeliveryAddressesAdd.Cart
	return made.Delivery.Addresses[0].ID, made.DeliveryGroups.Nodes[0].ID
}

// fingerprint tells whether anything that is Ada's, or the shop's, has changed.
func (w *world) fingerprint(t *testing.T) string {
	t.Helper()
	cart, err := id.Parse(w.cart)
	if err != nil {
		t.Fatal(err)
	}
	var printed string
	err = w.Pool.QueryRow(t.Context(), `select concat_ws(' / ',
    (select count(*) from event where kind <> 'api_key.created'),
    (select string_agg(id::text || version, ',' order by id) from orders),
    (select string_agg(c::text, ',') from cart c where id = $1),
    (select string_agg(l::text, ',' order by l.id) from cart_line l where cart_id = $1),
    (select string_agg(id::text || (revoked_at is null)::text, ',' order by id) from api_key where name <> 'k'),
    (select count(*) from api_key where name = 'x'),
    (select string_agg(c::text, ',' order by id) from customer c), (select string_agg(a::text, ',' order by id) from customer_address a),
    (select count(*) from customer_data_request), (select sum(reserved) from stock_level),
    (select string_agg(l::text, ',' order by variant_id, location_id) from stock_level l),
    (select string_agg(p::text, ',' order by id) from page p), (select string_agg(b::text, ',' order by id) from blog b),
    (select string_agg(a::text, ',' order by id) from article a), (select string_agg(m::text, ',' order by id) from menu m),
    (select string_agg(i::text, ',' order by id) from menu_item i), (select string_agg(p::text, ',' order by id) from product p),
    (select string_agg(v::text, ',' order by id) from product_variant v), (select string_agg(m::text, ',' order by id) from metafield m), (select count(*) from shop_policy),
    (select string_agg(g::text, ',' order by id) from collection g), (select count(*) from collection_product),
    (select string_agg(j::text, ',' order by id) from file_job j),
    (select string_agg(x::text, ',') from stock_transfer x))`, cart.UUID).Scan(&printed)
	if err != nil {
		t.Fatal(err)
	}
	return printed
}
