package stripesim

import "net/http"

// apiError is a refusal in Stripe's form.
type apiError struct {
	status  int
	Type    string
	Code    string
	Param   string
	Text    string
	failure *failure // of a declined card
	intent  *intent  // shown with a refusal that is about an intent's state
	early   bool     // refused before execution: the idempotency layer forgets it
}

func (e *apiError) object(st *state) obj {
	in := obj{"type": e.Type, "message": e.Text}
	if e.Code != "" {
		in["code"] = e.Code
		in["doc_url"] = "https://stripe.com/docs/error-codes/" + e.Code
	}
	if e.Param != "" {
		in["param"] = e.Param
	}
	if e.intent != nil {
		in["payment_intent"] = st.intentObject(e.intent, nil)
	}
	if e.failure != nil {
		for name, v := range e.failure.object() {
			in[name] = v
		}
	}
	return obj{"error": in}
}

// invalid refuses a parameter before anything is executed.
func invalid(code, param, text string) *apiError {
	return &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Param: param, Text: text, early: true,
	}
}

// refuse says no after looking at the object's state.
func refuse(code, param, text string, about *intent) *apiError {
	return &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Param: param, Text: text, intent: about,
	}
}

func missing(kind, id string) *apiError {
	return &apiError{
		status: http.StatusNotFound, Type: "invalid_request_error", Code: "resource_missing", Param: "id",
		Text: "No such " + kind + ": '" + id + "'", early: true,
	}
}

var (
	errUnsigned = &apiError{
		status: http.StatusUnauthorized, Type: "invalid_request_error",
		Text: "Invalid API Key provided. The card bank takes the test key that it was started with.",
	}
	errNoRoute = &apiError{
		status: http.StatusNotFound, Type: "invalid_request_error",
		Text: "Unrecognized request URL: the card bank knows no such method and path.",
	}
	errVersion = &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error",
		Text: "The card bank speaks the API version " + APIVersion + " only.",
	}
	errBody = &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error",
		Text: "The body is not a form that can be read.",
	}
	errTooLarge = &apiError{
		status: http.StatusRequestEntityTooLarge, Type: "invalid_request_error",
		Text: "The body is larger than 64 KB.",
	}
	errKeyReused = &apiError{
		status: http.StatusBadRequest, Type: "idempotency_error",
		Text: "Keys for idempotent requests can only be used with the same parameters they were first used with.",
	}
	errKeyInUse = &apiError{
		status: http.StatusConflict, Type: "invalid_request_error", Code: "idempotency_key_in_use",
		Text: "There is currently another in-progress request using this Idempotency-Key.",
	}
	errKeyLong = invalid("", "", "An idempotency key has 255 characters at most.")
	errDisk    = &apiError{
		status: http.StatusInternalServerError, Type: "api_error",
		Text: "The card bank cannot use its journal.",
	}
)
