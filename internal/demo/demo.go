// Package demo is the shop that `wharf demo` opens: Fennwick Harbor Supply, an invented outfitter in an invented
// town, with its products, stores, stock and pictures.
//
// The files have the formats that any shop would bring, and go through the same importers. Texts, names, brands and
// drawings were made for Wharf and carry its license, as do the model of the mug and the film that shows it; coordinates
// are those of real towns, addresses are not. One product shows a film that is elsewhere: "Spring" by Blender Studio, on
// YouTube, under the license CC BY 4.0.
package demo

import (
	"bytes"
	_ "embed"
	"io"
)

var (
	//go:embed data/products.csv
	products []byte
	//go:embed data/stores.json
	stores []byte
	//go:embed data/stock.csv
	stock []byte
	//go:embed data/content.json
	content []byte
)

// ShopName is the demo's name, as shoppers know it.
const ShopName = "Fennwick Harbor Supply"

// Products is the catalog in the format of a Shopify product export. Images are named by paths of this binary.
func Products() io.ReadSeeker { return bytes.NewReader(products) }

// Stores are the pick-up locations, in the format of `wharf import locations`.
func Stores() io.ReadSeeker { return bytes.NewReader(stores) }

// Stock is what lies in the stores: one line per store and SKU.
func Stock() io.ReadSeeker { return bytes.NewReader(stock) }

// Content is what the shop says: pages, a blog, policies, menus, the brand, and what the file of products has no columns
// for, in the form of the inputs of the API;
// what a menu leads to is named by its handle, collections by their title.
func Content() io.Reader { return bytes.NewReader(content) }
