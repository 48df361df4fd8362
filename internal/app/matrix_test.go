package app

import (
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/identity"
)

// verdict is what a visitor gets at a door.
type verdict string

const (
	ok      verdict = "ok"       // 200, 303, or a refusal of the form's content
	toLogin verdict = "login"    // 303 to the sign-in page
	no401   verdict = "unsigned" // 401
	no403   verdict = "forbidden"
	no404   verdict = "unknown" // what is not his does not exist
	no410   verdict = "Gone"    // what was his is over
)

func verdictOf(a answer) verdict {
	switch {
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.to(), "/login?"):
		return toLogin
	case a.status == http.StatusUnauthorized:
		return no401
	case a.status == http.StatusForbidden:
		return no403
	case a.status == http.StatusNotFound:
		return no404
	case slices.Contains([]int{200, 303, 400, 409, 422}, a.status):
		return ok
	}
	return verdict(http.StatusText(a.status))
}

// visitors of the matrix, in the order of its columns.
var visitors = []string{"anonymous", "dealer A", "dealer B", "manager gb", "manager it", "hq"}

// The rows that many doors share. Orders of the matrix are those of dealer A, in gb.
var (
	everybody    = []verdict{ok, ok, ok, ok, ok, ok}
	dealersGet   = []verdict{toLogin, ok, ok, no403, no403, no403}
	ordersGet    = []verdict{toLogin, ok, no404, no403, no403, no403}
	ordersPost   = []verdict{no401, ok, no404, no403, no403, no403}
	officesGet   = []verdict{toLogin, no403, no403, ok, ok, ok}
	switchGet    = []verdict{toLogin, no403, no403, ok, no404, no403}
	switchPost   = []verdict{no401, no403, no403, ok, no404, no403}
	booksGet     = []verdict{toLogin, no403, no403, ok, no404, ok}
	ownGet       = []verdict{toLogin, ok, ok, ok, ok, ok}
	ownPost      = []verdict{no401, ok, ok, ok, ok, ok}
	unknown      = []verdict{no404, no404, no404, no404, no404, no404} // without the secret, or of no car
	machinesOnly = []verdict{no401, no401, no401, no401, no401, no401}
)

// matrix says who may pass each door. A route that is missing here fails the test: whoever adds a door
// says who may use it.
var matrix = map[string][]verdict{
	"GET /styleguide": everybody, "GET /styleguide/looks.css": everybody, "GET /styleguide/cars/:file": everybody, // the demo's alone
	"GET /login": everybody, "POST /login": everybody, "POST /logout": everybody,
	"GET /api/v1/openapi.json": everybody, "GET /api/v1/dealer/orders": machinesOnly,
	"POST /api/v1/token":   everybody,                                                    // a machine without credentials is refused for its form
	"POST /api/v1/signals": everybody, "GET /api/v1/vehicles/:vin/signals": machinesOnly, // the vehicle's signature decides; the matrix has none
	"POST /webhooks/stripe": everybody, // the signature decides; the matrix has none

	"GET /dealer/used": dealersGet, "GET /dealer/used/new": dealersGet, "POST /dealer/used": {no401, ok, ok, no403, no403, no403},
	"GET /dealer/used/stock.csv": dealersGet, "POST /dealer/used/:car/mileage": {no401, no404, no404, no403, no403, no403}, "GET /dealer/used/import": dealersGet, "GET /dealer/used/import/example.csv": dealersGet, "POST /dealer/used/import": {no401, ok, ok, no403, no403, no403}, // without a file
	"GET /dealer/used/import/:stock": ordersGet, "POST /dealer/used/import/:stock": ordersPost, "POST /dealer/used/import/:stock/columns": ordersPost, "POST /dealer/used/import/:stock/back": ordersPost, "GET /dealer/used/import/:stock/rejects.csv": ordersGet, // a file of dealer A
	"POST /api/v1/dealer/used-cars": machinesOnly,
	"POST /dealer/used/:car/list":   {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/price": {no401, ok, ok, no403, no403, no403}, // without a price
	"POST /dealer/used/:car/release": {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/withdraw": {no401, no404, no404, no403, no403, no403},
	"GET /dealer/used/:car": {toLogin, no404, no404, no403, no403, no403}, "GET /dealer/used/:car/photos/:photo/:file": {toLogin, no404, no404, no403, no403, no403}, // of no car, and those below
	"POST /dealer/used/:car/photos": {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/photos/:photo": {no401, no404, no404, no403, no403, no403},
	"POST /dealer/used/:car/faults": {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/faults/:fault/drop": {no401, no404, no404, no403, no403, no403},
	"POST /dealer/used/:car/checks": {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/past": {no401, no404, no404, no403, no403, no403}, "POST /dealer/used/:car/battery": {no401, no404, no404, no403, no403, no403},
	"GET /used-photo/:photo/:file": unknown,
	"GET /dealer/used/moves":       dealersGet, "GET /dealer/used/moves/:move": {toLogin, no404, no404, no403, no403, no403}, // of no car
	"POST /dealer/used/moves/:move": {no401, ok, ok, no403, no403, no403}, "POST /dealer/used/moves/:move/handover": {no401, ok, ok, no403, no403, no403}, // without an act
	"GET /manager/used": {toLogin, no403, no403, ok, ok, no403}, "POST /manager/used/:car/hold": {no401, no403, no403, ok, ok, no403}, "POST /manager/used/:car/release": {no401, no403, no403, no404, no404, no403}, // of no car
	"GET /:brand/:market/used/your-car": everybody, "POST /:brand/:market/used/your-car": everybody, "GET /:brand/:market/used/your-car/:token": unknown, "POST /:brand/:market/orders/:token/exchange": everybody, "POST /dealer/orders/:number/exchange": ordersPost,
	"GET /used-car/:look": everybody, "GET /:brand/:market/used": everybody, "GET /:brand/:market/used/:slug": unknown, "GET /:brand/:market/used/hold/:token": unknown,
	"POST /:brand/:market/used/:slug/hold": unknown, "POST /:brand/:market/used/:slug/line": unknown, "POST /:brand/:market/used/hold/:token": unknown, "POST /:brand/:market/used/hold/:token/pay": unknown,
	"GET /sitemap-used.xml": everybody, "GET /sitemap-used/:brand/:market/:part": unknown, "GET /:brand/:market/used/:slug/:model": unknown, "GET /:brand/:market/used/:slug/:model/:town": unknown,
	"GET /:brand/:market/used/save": everybody, "POST /:brand/:market/used/save": everybody, "GET /:brand/:market/used/alerts/:token": unknown, "POST /:brand/:market/used/alerts/:token": unknown,
	"GET /:brand/:market/used/alerts/:token/confirm": unknown, "POST /:brand/:market/used/alerts/:token/confirm": unknown, "GET /:brand/:market/used/alerts/:token/off": unknown, "POST /:brand/:market/used/alerts/:token/off": unknown,
	"GET /dealer/stock": dealersGet, "GET /manager/stock": officesGet,
	"POST /dealer/stock/:car/ask": {no401, no404, no404, no403, no403, no403}, "POST /dealer/stock/:car/leave": {no401, no404, no404, no403, no403, no403}, // of no car
	"GET /login/sso": everybody, "POST /login/sso": everybody, "GET /login/sso/:group/callback": everybody, // refused for what it says
	"GET /dealer/group/sso": {toLogin, no403, ok, no403, no403, no403}, "POST /dealer/group/sso": {no401, no403, ok, no403, no403, no403},
	"POST /dealer/group/sso/end": {no401, no403, no404, no403, no403, no403}, "POST /dealer/group/sso/unlink": {no401, no403, no404, no403, no403, no403}, // there is none

	"GET /login/invitation/:token":                      {no404, no404, no404, no404, no404, no404}, // of no invitation
	"POST /login/invitation/:token":                     {no404, no404, no404, no404, no404, no404},
	"GET /login/reset/:token":                           {no404, no404, no404, no404, no404, no404}, // of no reset
	"POST /login/reset/:token":                          {no404, no404, no404, no404, no404, no404},
	"POST /account/password":                            ownPost,   // without the password
	"GET /login/second":                                 everybody, // to the start: nobody owes one
	"POST /login/second":                                everybody,
	"POST /login/passkey/begin":                         everybody,
	"POST /login/passkey":                               everybody, // refused for what it says
	"GET /login/unlock":                                 everybody,
	"POST /login/unlock":                                everybody,
	"GET /account":                                      ownGet,
	"GET /account/app":                                  ownGet,
	"POST /account/app":                                 ownPost,
	"POST /account/app/end":                             ownPost,
	"POST /account/codes":                               ownPost,
	"POST /account/passkeys":                            ownPost,
	"POST /account/passkeys/begin":                      ownPost,
	"POST /account/passkeys/:passkey/end":               ownPost,                                    // without the password
	"POST /account/devices/end":                         {no401, no404, no404, no404, no404, no404}, // of none
	"GET /dealer/site":                                  dealersGet,
	"POST /dealer/site/plan":                            {no401, no404, no404, no403, no403, no403}, // of no site
	"POST /dealer/site/plan/drop":                       {no401, no404, no404, no403, no403, no403},
	"POST /dealer/site/day":                             {no401, no404, no404, no403, no403, no403},
	"POST /dealer/site/day/drop":                        {no401, no404, no404, no403, no403, no403},
	"GET /dealer/site/pilots":                           {toLogin, no403, ok, no403, no403, no403},  // a group's manager, as below
	"POST /dealer/site/pilots/join":                     {no401, no403, no404, no403, no403, no403}, // of no site
	"POST /dealer/site/pilots/notice":                   {no401, no403, no404, no403, no403, no403},
	"GET /dealer/site/hooks":                            dealersGet,
	"POST /dealer/site/hooks":                           {no401, no404, no404, no403, no403, no403}, // of no site
	"GET /dealer/site/hooks/:hook":                      ordersGet,
	"POST /dealer/site/hooks/:hook":                     ordersPost,
	"POST /dealer/site/hooks/:hook/secret":              ordersPost,
	"POST /dealer/site/hooks/:hook/rotate":              ordersPost,
	"POST /dealer/site/hooks/:hook/pause":               ordersPost,
	"POST /dealer/site/hooks/:hook/resume":              ordersPost,
	"POST /dealer/site/hooks/:hook/end":                 {no401, no404, no404, no403, no403, no403}, // of none
	"POST /dealer/site/hooks/:hook/since":               ordersPost,
	"GET /dealer/site/hooks/:hook/events/:event":        ordersGet,
	"POST /dealer/site/hooks/:hook/events/:event/again": ordersPost,
	"GET /dealer/group/settings":                        {toLogin, no403, ok, no403, no403, no403}, // a group's manager: dealer B is one of its own
	"POST /dealer/group/settings":                       {no401, no403, ok, no403, no403, no403},
	"GET /dealer/group":                                 dealersGet,
	"POST /dealer/group/site":                           {no401, no404, no404, no403, no403, no403}, // of no site
	"GET /dealer/staff":                                 dealersGet,
	"POST /dealer/staff":                                {no401, ok, ok, no403, no403, no403},
	"GET /dealer/staff/:user":                           ordersGet, // of a colleague of dealer A
	"POST /dealer/staff/:user":                          ordersPost,
	"POST /dealer/staff/:user/reset":                    ordersPost, "POST /dealer/staff/:user/reset/end": ordersPost,
	"POST /dealer/staff/invitations/:invitation/withdraw": {no401, no404, no404, no403, no403, no403}, // of none

	"GET /dealer": dealersGet, "GET /dealer/events": dealersGet, "GET /dealer/queue.csv": dealersGet, "GET /dealer/leads.xml": dealersGet, "GET /dealer/orders/:number/lead.xml": ordersGet, "GET /api/v1/dealer/orders/:number/adf": machinesOnly, "POST /api/v1/dealer/reports": machinesOnly, "POST /dealer/views": {no401, ok, ok, no403, no403, no403}, "POST /dealer/views/:view/drop": {no401, ok, ok, no403, no403, no403}, "GET /dealer/handovers": dealersGet, "GET /dealer/statement": dealersGet, "GET /dealer/statement/:file": dealersGet,
	"GET /manager/silences": officesGet, "GET /manager/forecasts": officesGet, "GET /hq": {toLogin, no403, no403, no403, no403, ok},
	"GET /manager/clock": {toLogin, no403, no403, ok, ok, no403}, "POST /manager/clock": {no401, no403, no403, ok, ok, no403}, // the demo's alone; without a length
	"GET /dealer/feed": dealersGet, "POST /dealer/feed": {no401, ok, ok, no403, no403, no403}, "POST /dealer/feed/end": {no401, ok, ok, no403, no403, no403},
	"GET /calendar/:token":     {no404, no404, no404, no404, no404, no404},                                                                            // of no secret
	"GET /dealer/fees/:number": {toLogin, no404, no404, no403, no403, no403}, "POST /dealer/fees/:number": {no401, no404, no404, no403, no403, no403}, // nothing was handed over
	"GET /manager/fees": officesGet, "GET /manager/fees/:number": {toLogin, no403, no403, no404, no404, no404},
	"POST /manager/fees/:number/answer": {no401, no403, no403, no404, no404, no403}, "POST /manager/fees/:number/settle": {no401, no403, no403, no404, no404, no403},
	"GET /dealer/scorecard": dealersGet, "POST /dealer/scorecard/remarks": {no401, no404, no404, no403, no403, no403}, // of no figure
	"GET /manager/scorecards": officesGet, "GET /manager/scorecards/:dealer": booksGet, "POST /manager/scorecards/:dealer/remarks": {no401, no403, no403, no404, no404, no403}, // of no figure
	"POST /:brand/:market/orders/:token/rating": everybody,
	"GET /manager/statements":                   officesGet, "GET /manager/statements/:dealer": booksGet, "GET /manager/statements/:dealer/:file": booksGet,
	"GET /dealer/reports": dealersGet, "POST /dealer/reports": {no401, ok, ok, no403, no403, no403}, // without a file
	"GET /dealer/reports/:import": ordersGet, "POST /dealer/reports/:import": ordersPost, "GET /dealer/reports/:import/rejects.csv": ordersGet, // a file of dealer A
	"GET /manager/reports": officesGet, "POST /manager/reports": {no401, no403, no403, ok, ok, ok},
	"GET /manager/reports/:import": {toLogin, no403, no403, no404, no404, no404}, "POST /manager/reports/:import": {no401, no403, no403, no404, no404, no404}, "GET /manager/reports/:import/rejects.csv": {toLogin, no403, no403, no404, no404, no404}, // of a dealer
	"GET /dealer/service": dealersGet, "POST /dealer/orders/:number/arrival": ordersPost, "POST /dealer/orders/:number/work": ordersPost, "POST /dealer/orders/:number/extra": ordersPost, "POST /dealer/orders/:number/no-show": ordersPost,
	"POST /dealer/orders/:number/time": ordersPost, "GET /dealer/orders/:number/found/:photo": {toLogin, no404, no404, no403, no403, no403}, // there is none
	"GET /:brand/:market/service": everybody, "GET /:brand/:market/service/times": everybody, "POST /:brand/:market/service/hold": everybody, "GET /:brand/:market/service/book/:token": unknown, "POST /:brand/:market/service/book/:token": unknown,
	"POST /:brand/:market/orders/:token/visit":       {no404, no404, no404, no404, no404, no404}, // the order is of a car
	"GET /:brand/:market/orders/:token/found/:photo": {no404, no404, no404, no404, no404, no404},
	"GET /dealer/preparation":                        dealersGet, "POST /dealer/orders/:number/news": ordersPost,
	"POST /dealer/orders/:number/messages": ordersPost, "GET /dealer/orders/:number/messages/:photo": {toLogin, no404, no404, no403, no403, no403}, // there is none
	"POST /:brand/:market/orders/:token/messages": everybody, "GET /:brand/:market/orders/:token/messages/:photo": {no404, no404, no404, no404, no404, no404},
	"GET /dealer/find":                                           {toLogin, no404, no404, no403, no403, no403}, // of no code
	"GET /dealer/orders/:number":                                 ordersGet,
	"GET /dealer/orders/:number/receipt":                         ordersGet,
	"GET /manager/orders/:number/receipt":                        {toLogin, no403, no403, ok, no404, ok},
	"GET /:brand/:market/orders/:token/receipt":                  everybody,
	"GET /dealer/orders/:number/papers/:paper":                   ordersGet,
	"GET /dealer/orders/:number/papers/:paper/pdf":               ordersGet,
	"GET /manager/orders/:number":                                {toLogin, no403, no403, ok, no404, ok},
	"GET /manager/orders/:number/move":                           {toLogin, no403, no403, ok, no404, no403}, // the head office looks and does not order
	"POST /manager/orders/:number/move":                          {no401, no403, no403, ok, no404, no403},
	"POST /manager/orders/:number/move/stop":                     {no401, no403, no403, ok, no404, no403},   // of none
	"GET /manager/orders/:number/papers/:paper":                  {toLogin, no403, no403, ok, no404, no403}, // it names the buyer
	"GET /manager/orders/:number/papers/:paper/pdf":              {toLogin, no403, no403, ok, no404, no403},
	"GET /dealer/orders/:number/handover":                        ordersGet,
	"POST /dealer/orders/:number/accept":                         ordersPost,
	"POST /dealer/orders/:number/decline":                        ordersPost,
	"POST /dealer/orders/:number/snooze":                         ordersPost,
	"POST /dealer/orders/:number/question":                       ordersPost,
	"POST /:brand/:market/orders/:token/answer":                  everybody,
	"POST /dealer/orders/:number/step":                           ordersPost,
	"POST /dealer/orders/:number/checks":                         ordersPost,
	"POST /dealer/orders/:number/payments":                       ordersPost,
	"POST /dealer/orders/:number/returns/:payment":               ordersPost,
	"POST /dealer/orders/:number/handover":                       ordersPost,
	"GET /dealer/worker.js":                                      everybody,
	"POST /dealer/orders/:number/signed":                         ordersPost,
	"POST /dealer/orders/:number/undo":                           ordersPost,
	"GET /dealer/orders/:number/correction":                      ordersGet,
	"POST /dealer/orders/:number/correction":                     ordersPost,
	"GET /dealer/orders/:number/correction/:payment":             {toLogin, no404, no404, no403, no403, no403}, // there is none
	"POST /dealer/orders/:number/correction/:payment":            {no401, no404, no404, no403, no403, no403},
	"GET /dealer/orders/:number/handover/:photo":                 {toLogin, no404, no404, no403, no403, no403}, // there is none
	"POST /:brand/:market/orders/:token/handover":                everybody,
	"GET /:brand/:market/orders/:token/handover/:photo":          {no404, no404, no404, no404, no404, no404},
	"GET /:brand/:market/collected/:code":                        {no404, no404, no404, no404, no404, no404}, // of no code
	"POST /dealer/orders/:number/change/accept":                  ordersPost,
	"POST /dealer/orders/:number/change/decline":                 ordersPost,
	"GET /dealer/requests/:number":                               {toLogin, no404, no404, no403, no403, no403}, // nobody is asked about A's order
	"POST /dealer/requests/:number/accept":                       {no401, no404, no404, no403, no403, no403},
	"POST /dealer/requests/:number/decline":                      {no401, no404, no404, no403, no403, no403},
	"POST /dealer/orders/:number/take-back":                      ordersPost,
	"POST /dealer/orders/:number/interest":                       ordersPost,
	"POST /dealer/orders/:number/deferral":                       ordersPost,
	"GET /manager":                                               officesGet,
	"GET /manager/orders":                                        officesGet,
	"GET /manager/audit":                                         officesGet,
	"GET /manager/refunds":                                       officesGet,
	"GET /manager/transfers":                                     officesGet,
	"POST /manager/transfers":                                    {no401, no403, no403, no404, no404, no403}, // of no market
	"POST /manager/transfers/:transfer/assign":                   {no401, no403, no403, ok, ok, no403},       // without a number
	"POST /manager/transfers/:transfer/back":                     {no401, no403, no403, no404, no404, no403},
	"POST /manager/transfers/:transfer/sent":                     {no401, no403, no403, no404, no404, no403},
	"POST /manager/transfers/payments/:payment/sent":             {no401, no403, no403, no404, no404, no403},
	"GET /manager/switch/:brand/:market/:flow":                   switchGet,
	"POST /manager/switch/:brand/:market/:flow":                  switchPost,
	"GET /manager/ranges":                                        officesGet,
	"GET /manager/ranges/:brand/:model":                          officesGet,
	"GET /manager/ranges/:brand/:model/try":                      officesGet,
	"GET /manager/ranges/:brand/:model/draft":                    officesGet,
	"GET /manager/ranges/:brand/:model/drafts/:draft":            {toLogin, no403, no403, no404, no404, no404}, // there is none
	"GET /manager/ranges/:brand/:model/drafts/:draft/publish":    {toLogin, no403, no403, no404, no404, no404},
	"POST /manager/ranges/:brand/:model/hold":                    {no401, no403, no403, no404, no404, no404}, // of no market
	"POST /manager/ranges/:brand/:model/release":                 {no401, no403, no403, no404, no404, no404},
	"POST /manager/ranges/:brand/:model/draft":                   {no401, no403, no403, no403, no403, ok}, // it takes all markets
	"POST /manager/ranges/:brand/:model/drafts/:draft/publish":   {no401, no403, no403, no403, no403, ok}, // a draft that is gone leads back
	"POST /manager/ranges/:brand/:model/drafts/:draft/drop":      {no401, no403, no403, no403, no403, ok},
	"GET /dealer/showroom":                                       dealersGet,
	"POST /dealer/showroom":                                      {no401, ok, ok, no403, no403, no403},
	"GET /dealer/showroom/new/:brand/:model":                     dealersGet,
	"POST /dealer/showroom/new/:brand/:model":                    {no401, ok, ok, no403, no403, no403},
	"GET /dealer/showroom/:desk":                                 {toLogin, no404, no404, no403, no403, no403}, // of none; whose it is, showroom_test.go asks
	"POST /dealer/showroom/:desk":                                {no401, no404, no404, no403, no403, no403},
	"GET /dealer/showroom/:desk/events":                          {toLogin, no404, no404, no403, no403, no403},
	"GET /dealer/showroom/:desk/car":                             {toLogin, no404, no404, no403, no403, no403},
	"POST /dealer/showroom/:desk/car":                            {no401, no404, no404, no403, no403, no403},
	"GET /:brand/:market/checkout/:token/showroom":               everybody,
	"POST /:brand/:market/checkout/:token/showroom":              everybody,
	"GET /:brand/:market/checkout/:token/events":                 {no410, no410, no410, no410, no410, no410}, // no desk has it open
	"GET /:brand/:market/checkout/:token/car":                    everybody,
	"POST /:brand/:market/checkout/:token/car":                   everybody,
	"GET /:brand/:market/showroom":                               everybody,
	"POST /:brand/:market/showroom":                              everybody,
	"GET /:brand/:market/guide":                                  everybody,
	"GET /:brand/:market/compare":                                everybody,
	"GET /":                                                      everybody,
	"GET /robots.txt":                                            everybody,
	"GET /sitemap.xml":                                           everybody,
	"GET /icons/:theme/:file":                                    everybody,
	"GET /:brand/:market/manifest.webmanifest":                   everybody,
	"GET /:brand/:market/worker.js":                              everybody,
	"GET /:brand/:market/offline":                                everybody,
	"GET /:brand/:market/new/:model/phone.svg":                   everybody,
	"GET /car/:brand/:model/:look":                               everybody,
	"GET /:brand/:market":                                        everybody,
	"GET /:brand/:market/new":                                    everybody,
	"GET /:brand/:market/new/:model":                             everybody,
	"GET /:brand/:market/new/:model/configure":                   everybody,
	"GET /:brand/:market/new/:model/nearest":                     everybody,
	"GET /:brand/:market/new/:model/save":                        everybody,
	"POST /:brand/:market/new/:model/save":                       everybody,
	"GET /:brand/:market/new/:model/dealer":                      everybody,
	"POST /:brand/:market/new/:model/dealer":                     everybody,
	"GET /:brand/:market/build":                                  everybody,
	"GET /:brand/:market/build/:code":                            everybody,
	"GET /:brand/:market/dealers":                                everybody,
	"GET /:brand/:market/leave-name":                             everybody,
	"POST /:brand/:market/leave-name":                            everybody,
	"GET /:brand/:market/legal/:name":                            everybody,
	"GET /:brand/:market/legal/accessibility":                    everybody,
	"GET /:brand/:market/legal/accessibility/report":             everybody,
	"POST /:brand/:market/legal/accessibility/report":            everybody,
	"GET /:brand/:market/checkout/:token/dealer":                 everybody,
	"POST /:brand/:market/checkout/:token/dealer":                everybody,
	"GET /:brand/:market/checkout/:token/details":                everybody,
	"POST /:brand/:market/checkout/:token/details":               everybody,
	"GET /:brand/:market/checkout/:token/check":                  everybody,
	"POST /:brand/:market/checkout/:token/factory":               everybody,
	"POST /:brand/:market/checkout/:token/pay":                   everybody,
	"GET /:brand/:market/orders/:token":                          everybody,
	"POST /:brand/:market/orders/:token/pay":                     everybody,
	"POST /:brand/:market/orders/:token/longer":                  everybody,
	"POST /:brand/:market/orders/:token/balance":                 everybody,
	"GET /:brand/:market/pay/:token/:number":                     {no404, no404, no404, no404, no404, no404}, // of another secret
	"POST /:brand/:market/pay/:token/:number":                    {no404, no404, no404, no404, no404, no404},
	"GET /:brand/:market/pay/:token/:number/paid":                {no404, no404, no404, no404, no404, no404},
	"GET /:brand/:market/pay/:token/:number/unpaid":              {no404, no404, no404, no404, no404, no404},
	"GET /:brand/:market/orders/:token/paid":                     everybody,
	"GET /:brand/:market/orders/:token/unpaid":                   everybody,
	"POST /:brand/:market/orders/:token/slot":                    everybody,
	"POST /:brand/:market/orders/:token/dealer":                  everybody,
	"GET /:brand/:market/orders/:token/cancel":                   everybody,
	"POST /:brand/:market/orders/:token/cancel":                  everybody,
	"GET /:brand/:market/orders/:token/change":                   everybody,
	"POST /:brand/:market/orders/:token/change":                  everybody,
	"GET /:brand/:market/orders/:token/change/confirm":           everybody,
	"GET /:brand/:market/orders/:token/change/dealer":            everybody,
	"POST /:brand/:market/orders/:token/change/dealer":           everybody,
	"POST /:brand/:market/orders/:token/request":                 everybody,
	"POST /:brand/:market/orders/:token/proposal":                everybody,
	"POST /:brand/:market/orders/:token/wish":                    everybody,
	"GET /:brand/:market/withdraw":                               everybody,
	"POST /:brand/:market/withdraw":                              everybody,
	"GET /:brand/:market/orders/:token/withdraw":                 everybody,
	"POST /:brand/:market/orders/:token/withdraw":                everybody,
	"GET /:brand/:market/orders/:token/calendar.ics":             {no404, no404, no404, no404, no404, no404}, // no time is booked
	"POST /:brand/:market/orders/:token/renew":                   everybody,
	"GET /manager/reconciliation":                                officesGet,
	"GET /manager/reconciliation/disputes/:dispute/evidence.zip": {toLogin, no403, no403, no404, no404, no403}, // of none
	"POST /manager/reconciliation/refunds/:payment/sent":         {no401, no403, no403, no404, no404, no403},
	"POST /manager/reconciliation/findings/:finding/close":       {no401, no403, no403, ok, ok, no403}, // without a reason

	"GET /:brand/:market/orders/:token/papers/:paper":     everybody,
	"GET /:brand/:market/orders/:token/papers/:paper/pdf": everybody,
	"GET /:brand/:market/orders/:token/proof.zip":         everybody,
	"GET /:brand/:market/price":                           everybody,
	"GET /evidence-key":                                   everybody,
	"GET /:brand/:market/orders/:token/texts/:name":       everybody,

	"GET /:brand/:market/orders/:token/documents/confirmation": everybody,
}

// colleague is somebody of dealer A's group. What he gets at a door is not written down but follows: what
// the manager of a site gets, as far as his own role goes. At another site of the group he is a stranger to
// the orders of dealer A, as everybody is.
type colleague struct {
	email  string
	column int // of the matrix: 1 for one at dealer A, 2 for one at another site
	role   identity.SiteRole
}

var colleagues = []colleague{
	{"imran@northgate-leeds.example.com", 1, identity.Sales},
	{"pawel@northgate-leeds.example.com", 1, identity.HandoverDesk},
	{"gillian@northgate-leeds.example.com", 1, identity.GroupManager},
	{"daniel@hollins-manchester.example.com", 2, identity.SiteManager},
}

// groups are doors that the manager of a group passes, and no manager of a site.
var groupDoors = map[string]verdict{"GET /dealer/group/settings": ok, "POST /dealer/group/settings": ok, "GET /dealer/site/pilots": ok, "POST /dealer/site/pilots/join": no404, "POST /dealer/site/pilots/notice": no404,
	"GET /dealer/group/sso": ok, "POST /dealer/group/sso": ok, "POST /dealer/group/sso/end": no404, "POST /dealer/group/sso/unlink": no404}
