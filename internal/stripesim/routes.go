package stripesim

import "net/http"

// routes mounts everything the bank answers: the API, the page of the card holder, the switches and
// the dashboard of the person who tests.
func (b *Bank) routes() (http.Handler, error) {
	pages, err := newPages(b)
	if err != nil {
		return nil, err
	}
	b.pages = pages
	mux := http.NewServeMux()
	for pattern, v := range apiRoutes {
		mux.HandleFunc(pattern, b.api(v))
	}
	mux.HandleFunc("/v1/", b.api(func(*tx, *call) (any, *apiError) { return nil, errNoRoute }))

	mux.HandleFunc("GET /c/pay/{id}", pages.showPay)
	mux.HandleFunc("POST /c/pay/{id}", pages.submitPay)
	mux.HandleFunc("GET /c/pay/{id}/challenge", pages.showChallenge)
	mux.HandleFunc("POST /c/pay/{id}/challenge", pages.answerChallenge)
	mux.HandleFunc("GET /c/secure/{id}", pages.showSecure)
	mux.HandleFunc("POST /c/secure/{id}", pages.answerSecure)
	mux.HandleFunc("GET /c/bank.css", pages.serveCSS)
	mux.HandleFunc("GET /c/bank.svg", pages.serveIcon)
	mux.HandleFunc("GET /{$}", pages.showDashboard)
	mux.HandleFunc("GET /payments/{id}", pages.showPayment)

	mux.HandleFunc("GET /_sandbox/ledger", b.showLedger)
	mux.HandleFunc("POST /_sandbox/clock/advance", b.advanceClock)
	mux.HandleFunc("POST /_sandbox/fault", b.orderFault)
	mux.HandleFunc("GET /_sandbox/fault", b.showFaults)
	mux.HandleFunc("POST /_sandbox/resend", b.resendEvent)
	mux.HandleFunc("POST /_sandbox/webhook", b.setEndpoint)
	mux.HandleFunc("POST /_sandbox/delivery", b.setDelivery)
	mux.HandleFunc("POST /_sandbox/dispute", b.orderDispute)
	mux.HandleFunc("POST /_sandbox/refund", b.turnRefund)
	mux.HandleFunc("POST /_sandbox/merchant", b.actAsMerchant)
	// A page of another site must not press the bank's buttons; programs send no Origin and pass.
	return http.NewCrossOriginProtection().Handler(mux), nil
}

var apiRoutes = map[string]verb{
	"POST /v1/checkout/sessions":                createSession,
	"GET /v1/checkout/sessions":                 listSessions,
	"GET /v1/checkout/sessions/{id}":            readSession,
	"GET /v1/checkout/sessions/{id}/line_items": listItems,
	"POST /v1/checkout/sessions/{id}/expire":    expireSession,
	"POST /v1/payment_intents":                  createIntent,
	"GET /v1/payment_intents":                   listIntents,
	"GET /v1/payment_intents/{id}":              readIntent,
	"POST /v1/payment_intents/{id}":             updateIntent,
	"POST /v1/payment_intents/{id}/confirm":     confirmIntent,
	"POST /v1/payment_intents/{id}/capture":     captureIntent,
	"POST /v1/payment_intents/{id}/cancel":      cancelIntent,
	"POST /v1/refunds":                          createRefund,
	"GET /v1/refunds":                           listRefunds,
	"GET /v1/refunds/{id}":                      readRefund,
	"POST /v1/refunds/{id}":                     updateRefund,
	"POST /v1/refunds/{id}/cancel":              cancelRefund,
	"GET /v1/charges":                           listCharges,
	"GET /v1/charges/{id}":                      readCharge,
	"POST /v1/customers":                        createCustomer,
	"GET /v1/customers":                         listCustomers,
	"GET /v1/customers/{id}":                    readCustomer,
	"POST /v1/customers/{id}":                   updateCustomer,
	"GET /v1/payment_methods":                   listMethods,
	"GET /v1/payment_methods/{id}":              readMethod,
	"POST /v1/payment_methods/{id}/attach":      attachMethod,
	"GET /v1/reviews":                           listReviews,
	"GET /v1/reviews/{id}":                      readReview,
	"POST /v1/reviews/{id}/approve":             approveReview,
	"GET /v1/disputes":                          listDisputes,
	"GET /v1/disputes/{id}":                     readDispute,
	"POST /v1/disputes/{id}":                    updateDispute,
	"POST /v1/disputes/{id}/close":              closeDispute,
	"GET /v1/radar/early_fraud_warnings":        listWarnings,
	"GET /v1/radar/early_fraud_warnings/{id}":   readWarning,
	"GET /v1/balance_transactions":              listBalance,
	"GET /v1/balance_transactions/{id}":         readBalanceLine,
	"GET /v1/events":                            listEvents,
	"GET /v1/events/{id}":                       readEvent,
	"POST /v1/webhook_endpoints":                createEndpoint,
	"GET /v1/webhook_endpoints":                 listEndpoints,
	"GET /v1/webhook_endpoints/{id}":            readEndpoint,
	"POST /v1/webhook_endpoints/{id}":           updateEndpoint,
}
