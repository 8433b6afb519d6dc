package graph_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// carry sends or fetches a file.
func (w writer) carry(method, address, token, body string) (int, string, http.Header) {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), method, address, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header
}

// worked works on all files that wait.
func (w writer) worked() {
	w.Helper()
	for {
		tasks, err := w.Files.Waiting(w.Context(), 100)
		if err != nil {
			w.Fatal(err)
		}
		if len(tasks) == 0 {
			return
		}
		for _, task := range tasks {
			if task.Fetch {
				err = w.Files.FetchSource(w.Context(), task.Job)
			} else {
				_, err = w.Files.Work(w.Context(), task.Job)
			}
			if err != nil {
				w.Fatal(err)
			}
		}
	}
}

// filed calls a mutation about files that must be content.
func (w writer) filed(token, name, kind, fields string, input map[string]any) any {
	w.Helper()
	data, _ := w.askAs(token, "mutation($input: "+kind+"Input!) { "+name+"(input: $input) { "+fields+" userErrors { code field message } } }", "input", input)
	if errs := under(w, data, name+".userErrors").([]any); len(errs) > 0 {
		w.Fatalf("%s(%v) refuses: %v", name, input, errs)
	}
	return data[name]
}

func TestFilesComeInAndGoOut(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	const fields = "importJob { id state uploadUrl total done skipped created updated problemsCount problemsUrl ignoredColumns failure problems { row line column message } }"
	made := w.filed(w.token, "catalogImport", "CatalogImport", fields, map[string]any{"kind": "PRODUCTS", "mode": "GOOD_ROWS", "externalId": "week-1"})
	holds(t, made, map[string]any{"importJob.state": "AWAITING_FILE", "importJob.problems": []any{}, "importJob.problemsUrl": nil})
	address := under(t, made, "importJob.uploadUrl").(string)
	if !strings.HasPrefix(address, w.api.URL+"/files/") {
		t.Fatalf("the file goes to %s", address)
	}
	const file = "Handle,Title,Variant Price,Note\nnew-lamp,New lamp,12.50,x\nbad-lamp,Bad,cheap,\n"
	for name, c := range map[string]struct {
		method, token, address, body string
		status                       int
		code                         string
	}{
		"anybody":               {http.MethodPost, "", address, file, 401, "UNAUTHENTICATED"},
		"a wrong token":         {http.MethodPost, "wharf_live_x_y", address, file, 401, "KEY_INVALID"},
		"without the scope":     {http.MethodPost, w.key("catalog:read"), address, file, 403, "FORBIDDEN"},
		"a job that is not":     {http.MethodPost, w.token, w.api.URL + "/files/x", file, 404, "NOT_FOUND"},
		"nothing":               {http.MethodPost, w.token, address, "", 400, "BLANK"},
		"a file without a link": {http.MethodGet, w.token, address + "/export", "", 404, "NOT_FOUND"},
	} {
		if status, text, _ := w.carry(c.method, c.address, c.token, c.body); status != c.status || !strings.Contains(text, `"code":"`+c.code+`"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text, _ := w.carry(http.MethodPost, address, w.token, file); status != 202 || !strings.Contains(text, `"state":"WAITING"`) {
		t.Fatalf("the file: %d %s", status, text)
	}
	if status, text, _ := w.carry(http.MethodPost, address, w.token, file); status != 409 || !strings.Contains(text, "HAS_FILE") {
		t.Errorf("the file again: %d %s", status, text)
	}
	w.worked()
	name := under(t, made, "importJob.id")
	data, _ := w.askAs(w.token, "query($id: ID!) { importJob(id: $id) { "+strings.TrimSuffix(strings.TrimPrefix(fields, "importJob { "), " }")+" } }", "id", name)
	holds(t, data, map[string]any{
		"importJob.state": "DONE", "importJob.uploadUrl": nil, "importJob.total": 2, "importJob.done": 2, "importJob.skipped": 1,
		"importJob.created": 1, "importJob.problemsCount": 1, "importJob.ignoredColumns": []any{"Note"}, "importJob.failure": nil,
		"importJob.problems": []any{map[string]any{"row": 3, "line": 3, "column": "Variant Price", "message": `"cheap" is no price in USD. Write it like 12.50.`}},
	})
	status, text, header := w.carry(http.MethodGet, under(t, data, "importJob.problemsUrl").(string), "", "")
	if status != 200 || !strings.HasPrefix(text, "Row,Line,Column,Message\n3,3,Variant Price,") || header.Get("Content-Type") != "text/csv; charset=utf-8" ||
		header.Get("Content-Disposition") != `attachment; filename="problems.csv"` {
		t.Errorf("the problems: %d %q %v", status, text, header)
	}
	at, _ := w.askAs(w.token, "query($id: ID!) { importJob(id: $id) { position } }", "id", name)
	const list = `query($at: String) { products(first: 5, query: "title:\"New lamp\"", minPosition: $at) { nodes { handle } } }`
	if _, errs, _ := w.try(list, "at", under(t, at, "importJob.position")); !strings.Contains(errs, `"LISTING_BEHIND"`) {
		t.Errorf("before what was imported is listed a list answers %s", errs)
	}
	w.Listed(t)
	shown, _ := w.ask(list, "at", under(t, at, "importJob.position"))
	holds(t, shown, map[string]any{"products.nodes": []any{map[string]any{"handle": "new-lamp"}}})
	found, _ := w.ask(`{ product(handle: "new-lamp") { title priceRange { minVariantPrice { amount } } } }`)
	holds(t, found, map[string]any{"product.title": "New lamp", "product.priceRange.minVariantPrice.amount": "12.50"})

	t.Run("what is exported comes back without a change", func(t *testing.T) {
		reader := w.key("catalog:read")
		out := w.filed(reader, "catalogExport", "CatalogExport", "exportJob { id state url }", map[string]any{})
		holds(t, out, map[string]any{"exportJob.state": "WAITING", "exportJob.url": nil})
		w.worked()
		data, _ := w.askAs(reader, "query($id: ID!) { exportJob(id: $id) { state url total done bytes failure firstPosition lastPosition } }", "id", under(t, out, "exportJob.id"))
		status, text, _ := w.carry(http.MethodGet, under(t, data, "exportJob.url").(string), "", "")
		holds(t, data, map[string]any{"exportJob.state": "DONE", "exportJob.total": 32, "exportJob.done": 32, "exportJob.bytes": len(text), "exportJob.failure": nil})
		if status != 200 || strings.Count(text, "\nlamp-") != 60 || !strings.Contains(text, "\nghost,Ghost,") {
			t.Errorf("%d %.300s", status, text)
		}
		if status, _, _ := w.carry(http.MethodGet, under(t, data, "exportJob.url").(string)+"0", "", ""); status != 404 {
			t.Errorf("another signature: %d", status)
		}
		back := w.filed(w.token, "catalogImport", "CatalogImport", "importJob { id uploadUrl }", map[string]any{"kind": "PRODUCTS"})
		if status, text, _ := w.carry(http.MethodPost, under(t, back, "importJob.uploadUrl").(string), w.token, text); status != 202 {
			t.Fatalf("%d %s", status, text)
		}
		w.worked()
		data, _ = w.askAs(w.token, "query($id: ID!) { importJob(id: $id) { state total unchanged created updated } }", "id", under(t, back, "importJob.id"))
		holds(t, data, map[string]any{"importJob.state": "DONE", "importJob.total": 32, "importJob.unchanged": 32, "importJob.created": 0, "importJob.updated": 0})
	})
	t.Run("lists, and who may", func(t *testing.T) {
		query := "{ importJobs(first: 5, reverse: true) { nodes { state problems { message } } } exportJobs(first: 5) { nodes { state } } }"
		w.askAs(w.token, query)
		data, n := w.askAs(w.token, query)
		holds(t, data, map[string]any{"importJobs.nodes.0.state": "DONE", "importJobs.nodes.1.problems.0.message": `"cheap" is no price in USD. Write it like 12.50.`})
		if n > 4 {
			t.Errorf("two lists take %d statements", n)
		}
		if _, errs, _ := w.try(query); !strings.Contains(errs, "UNAUTHENTICATED") {
			t.Errorf("anybody sees them: %s", errs)
		}
		if _, errs, _ := w.tryAs(w.key("catalog:read"), `mutation { catalogImport(input: { kind: PRODUCTS }) { importJob { id } } }`); !strings.Contains(errs, "FORBIDDEN") {
			t.Errorf("a reader imports: %s", errs)
		}
		if _, errs, _ := w.tryAs(w.token, `mutation { catalogImport(input: { kind: STOCK }) { importJob { id } } }`); !strings.Contains(errs, "FORBIDDEN") {
			t.Errorf("counts without inventory:write: %s", errs)
		}
	})
	t.Run("a file is fetched, and an address that leads inward is refused", func(t *testing.T) {
		data, _ := w.askAs(w.token, `mutation { catalogImport(input: { kind: PRODUCTS, url: "https://169.254.169.254/latest" }) { importJob { id } userErrors { code field message } } }`)
		holds(t, data, map[string]any{"catalogImport": map[string]any{"importJob": nil, "userErrors": []any{map[string]any{
			"code": "INVALID", "field": []any{"input", "url"},
			"message": "The address begins with https://, has no port and no password in it, and leads to a server that everybody can reach.",
		}}}})
		job := w.filed(w.token, "catalogImport", "CatalogImport", "importJob { id state uploadUrl }", map[string]any{"kind": "PRODUCTS", "url": "https://nobody.invalid/products.csv"})
		holds(t, job, map[string]any{"importJob.state": "FETCHING", "importJob.uploadUrl": nil})
		ended := w.filed(w.token, "catalogImportCancel", "CatalogImportCancel", "importJob { state }", map[string]any{"id": under(t, job, "importJob.id")})
		holds(t, ended, map[string]any{"importJob.state": "CANCELED"})
	})
	t.Run("stores come in, and stock goes out to who may see it", func(t *testing.T) {
		keeper := w.key("catalog:read", "catalog:write", "inventory:read", "inventory:write")
		in := w.filed(keeper, "catalogImport", "CatalogImport", "importJob { id uploadUrl }", map[string]any{"kind": "LOCATIONS"})
		if status, text, _ := w.carry(http.MethodPost, under(t, in, "importJob.uploadUrl").(string), keeper, `[{"id": "X-9", "name": "Pier"}, {"id": 10}]`); status != 202 {
			t.Fatalf("%d %s", status, text)
		}
		out := w.filed(keeper, "catalogExport", "CatalogExport", "exportJob { id kind }", map[string]any{"kind": "STOCK"})
		holds(t, out, map[string]any{"exportJob.kind": "STOCK"})
		w.worked()
		data, _ := w.askAs(keeper, "query($id: ID!) { importJob(id: $id) { state kind total failure problems { row column message } } }", "id", under(t, in, "importJob.id"))
		holds(t, data, map[string]any{
			"importJob.state": "FAILED", "importJob.kind": "LOCATIONS", "importJob.failure": "INVALID_FILE", "importJob.total": 2,
			"importJob.problems": []any{map[string]any{"row": 2, "column": "name", "message": "The name is missing."}},
		})
		const query = "query($id: ID!) { exportJob(id: $id) { state url } }"
		data, _ = w.askAs(keeper, query, "id", under(t, out, "exportJob.id"))
		status, text, _ := w.carry(http.MethodGet, under(t, data, "exportJob.url").(string), "", "")
		if status != 200 || !strings.HasPrefix(text, "Location,Handle,Option1 Value,Option2 Value,Option3 Value,SKU,On hand,Available,") {
			t.Errorf("%d %.200s", status, text)
		}
		data, _ = w.askAs(w.key("catalog:read"), query, "id", under(t, out, "exportJob.id"))
		holds(t, data, map[string]any{"exportJob.state": "DONE", "exportJob.url": nil})
		if _, errs, _ := w.tryAs(w.key("catalog:read"), `mutation { catalogExport(input: { kind: STOCK }) { exportJob { id } } }`); !strings.Contains(errs, "FORBIDDEN") {
			t.Errorf("a reader of the catalog exports stock: %s", errs)
		}
	})
	t.Run("a job is ended", func(t *testing.T) {
		job := w.filed(w.token, "catalogImport", "CatalogImport", "importJob { id uploadUrl }", map[string]any{"kind": "PRODUCTS"})
		ended := w.filed(w.token, "catalogImportCancel", "CatalogImportCancel", "importJob { state uploadUrl }", map[string]any{"id": under(t, job, "importJob.id")})
		holds(t, ended, map[string]any{"importJob.state": "CANCELED", "importJob.uploadUrl": nil})
		if status, _, _ := w.carry(http.MethodPost, under(t, job, "importJob.uploadUrl").(string), w.token, file); status != 409 {
			t.Errorf("a file for a job that has ended: %d", status)
		}
		data, _ := w.askAs(w.token, `mutation { catalogExportCancel(input: { id: "x" }) { exportJob { id } userErrors { code field } } }`)
		holds(t, data, map[string]any{"catalogExportCancel": map[string]any{"exportJob": nil, "userErrors": []any{map[string]any{"code": "NOT_FOUND", "field": []any{"input", "id"}}}}})
	})
}
