package stripesim

import "strings"

// pageWords are the words of the hosted page in one language.
type pageWords struct {
	Lang      string
	Bank      string // in the bar: says that this is no real bank
	NoMoney   string
	PayTitle  string
	Order     string
	Total     string
	CardTitle string
	Number    string
	Expiry    string
	ExpiryTip string
	CVC       string
	CVCTip    string
	Name      string
	Pay       string
	Hold      string // manual capture
	Back      string
	Wrong     string // heading over problems
	Cards     string
	CardsTip  string
	Use       string

	SecureTitle string
	SecureText  string
	Complete    string
	Fail        string

	DoneTitle    string
	DoneText     string
	DoneLink     string
	ExpiredTitle string
	ExpiredText  string
	GoneTitle    string
	GoneText     string

	Problems map[string]string // form problems and decline codes
	Groups   map[string]string // headings of the list of test cards
	Tests    map[string]string // what a test card does
}

// wordsFor finds the words of a session's locale; "auto" asks what the browser prefers.
func wordsFor(locale, accept string) pageWords {
	if locale == "" || locale == "auto" {
		locale = accept
	}
	lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(locale)), "-")
	if len(lang) > 2 {
		lang = lang[:2]
	}
	for _, w := range []pageWords{wordsIT, wordsFR, wordsDE, wordsES, wordsRO} {
		if w.Lang == lang {
			return w
		}
	}
	return wordsEN
}

// problem gives the sentence of a problem; an unknown one is a plain decline.
func (w pageWords) problem(key string) string {
	if key == "" {
		return ""
	}
	if s, ok := w.Problems[key]; ok {
		return s
	}
	return w.Problems[declineGeneric]
}

var wordsEN = pageWords{
	Lang: "en", Bank: "Offline test card bank", NoMoney: "No money moves here. Use a test card only.",
	PayTitle: "Pay at the offline test card bank", Order: "What you pay for", Total: "Total",
	CardTitle: "Card", Number: "Card number", Expiry: "Expiry date", ExpiryTip: "As on the card: 03 / 30",
	CVC: "Security code", CVCTip: "3 digits, on Amex 4", Name: "Name on card",
	Pay: "Pay", Hold: "The amount is only reserved now. The shop takes it later or releases it.",
	Back: "Cancel and go back to the shop", Wrong: "The payment did not go through",
	Cards: "Test cards", CardsTip: "One press fills the form.", Use: "Use this card",
	SecureTitle: "Confirm it is you", SecureText: "Your bank would ask you here to confirm this payment (3-D Secure).",
	Complete: "Complete", Fail: "Fail",
	DoneTitle: "This is already paid", DoneText: "The card was used once. Nothing more is charged.", DoneLink: "Back to the shop",
	ExpiredTitle: "This payment page has expired", ExpiredText: "Nothing was charged. Start again from the shop.",
	GoneTitle: "There is no such payment page", GoneText: "Check the address, or start again from the shop.",
	Problems: map[string]string{
		"bad_number": "Check the card number", "bad_month": "Enter the expiry date as month and year",
		"bad_year": "Enter the year of the expiry date", "past_expiry": "The card has expired by this date",
		"bad_cvc": "Enter the security code", "bad_name": "Enter the name on the card",
		declineGeneric:    "The card was declined. Try another card.",
		declineFunds:      "There is not enough money on the card. Try another card.",
		declineLost:       "The card was declined. Try another card.",
		declineStolen:     "The card was declined. Try another card.",
		declineExpired:    "The card has expired. Try another card.",
		declineCVC:        "The security code is wrong. Check it and try again.",
		declineProcessing: "The card could not be processed. Try again in a moment.",
		declineVelocity:   "The card was used too often. Try another card.",
		declineNotTest:    "This is not a test card. Choose one from the list.",
		declineSecure:     "The confirmation failed. Try again or use another card.",
		declineAbsent:     "The card's bank wants you to confirm. Try again.",
		declineBlocked:    "The payment was blocked as too risky. Try another card.",
	},
	Groups: map[string]string{
		"works": "Go through", "secure": "Ask for a confirmation", "declined": "Are declined",
		"after": "Bring something afterwards", "open": "Leave it open for a while",
	},
	Tests: map[string]string{
		"visa": "Visa, succeeds", "mastercard": "Mastercard, succeeds", "amex": "American Express, succeeds",
		"secure_ok": "3-D Secure, then succeeds", "secure_always": "3-D Secure every time, then succeeds",
		"secure_quiet": "3-D Secure without a question, succeeds", "secure_declined": "3-D Secure, then declined",
		"secure_insufficient": "3-D Secure, then not enough money", "secure_error": "3-D Secure lookup fails, declined",
		"declined": "Declined", "insufficient": "Not enough money", "lost": "Lost card", "stolen": "Stolen card",
		"expired": "Expired card", "bad_cvc": "Wrong security code", "processing": "Processing error", "velocity": "Used too often",
		"attach_declined": "Can be kept, then declined", "secure_unless_set_up": "3-D Secure unless set up before, succeeds",
		"secure_optional": "3-D Secure only if the shop asks, succeeds", "blocked": "Blocked as too risky",
		"reviewed": "Risky, succeeds and is reviewed", "disputed": "Succeeds, then disputed as fraud",
		"not_received": "Succeeds, then disputed as not received", "inquiry": "Succeeds, then the bank inquires",
		"fraud_warning": "Succeeds, then an early fraud warning", "disputed_multiple": "Succeeds, then disputed twice",
		"refund_pending": "Succeeds, refunds take an hour", "refund_fails": "Succeeds, refunds fail after an hour",
		"slow_ok": "Processes for a while, then succeeds", "slow_fails": "Processes for a while, then fails",
		"unknown_500": "Succeeds, but the answer is an error", "unknown_reset": "Succeeds, but the connection breaks",
		"unknown_hang": "Succeeds, but no answer comes",
	},
}

var wordsIT = pageWords{
	Lang: "it", Bank: "Banca carte di prova, fuori rete", NoMoney: "Qui non si muove denaro. Usa solo una carta di prova.",
	PayTitle: "Paga alla banca di prova fuori rete", Order: "Che cosa paghi", Total: "Totale",
	CardTitle: "Carta", Number: "Numero della carta", Expiry: "Scadenza", ExpiryTip: "Come sulla carta: 03 / 30",
	CVC: "Codice di sicurezza", CVCTip: "3 cifre, su Amex 4", Name: "Nome sulla carta",
	Pay: "Paga", Hold: "Per ora l'importo è solo bloccato. Il negozio lo incassa più tardi o lo libera.",
	Back: "Annulla e torna al negozio", Wrong: "Il pagamento non è riuscito",
	Cards: "Carte di prova", CardsTip: "Un clic compila il modulo.", Use: "Usa questa carta",
	SecureTitle: "Conferma che sei tu", SecureText: "Qui la tua banca ti chiederebbe di confermare il pagamento (3-D Secure).",
	Complete: "Conferma", Fail: "Rifiuta",
	DoneTitle: "Questo importo è già pagato", DoneText: "La carta è stata usata una volta. Non viene addebitato altro.", DoneLink: "Torna al negozio",
	ExpiredTitle: "Questa pagina di pagamento è scaduta", ExpiredText: "Non è stato addebitato nulla. Ricomincia dal negozio.",
	GoneTitle: "Questa pagina di pagamento non esiste", GoneText: "Controlla l'indirizzo o ricomincia dal negozio.",
	Problems: map[string]string{
		"bad_number": "Controlla il numero della carta", "bad_month": "Scrivi la scadenza come mese e anno",
		"bad_year": "Scrivi l'anno di scadenza", "past_expiry": "A questa data la carta è già scaduta",
		"bad_cvc": "Scrivi il codice di sicurezza", "bad_name": "Scrivi il nome sulla carta",
		declineGeneric:    "La carta è stata rifiutata. Prova un'altra carta.",
		declineFunds:      "Sulla carta non c'è abbastanza denaro. Prova un'altra carta.",
		declineLost:       "La carta è stata rifiutata. Prova un'altra carta.",
		declineStolen:     "La carta è stata rifiutata. Prova un'altra carta.",
		declineExpired:    "La carta è scaduta. Prova un'altra carta.",
		declineCVC:        "Il codice di sicurezza è sbagliato. Controllalo e riprova.",
		declineProcessing: "Non è stato possibile elaborare la carta. Riprova tra poco.",
		declineVelocity:   "La carta è stata usata troppo spesso. Prova un'altra carta.",
		declineNotTest:    "Questa non è una carta di prova. Scegline una dall'elenco.",
		declineSecure:     "La conferma non è riuscita. Riprova o usa un'altra carta.",
		declineAbsent:     "La banca della carta vuole una conferma. Riprova.",
		declineBlocked:    "Il pagamento è stato bloccato perché troppo rischioso. Prova un'altra carta.",
	},
	Groups: map[string]string{
		"works": "Vanno a buon fine", "secure": "Chiedono una conferma", "declined": "Vengono rifiutate",
		"after": "Hanno conseguenze dopo", "open": "Restano incerte per un po'",
	},
	Tests: map[string]string{
		"visa": "Visa, riesce", "mastercard": "Mastercard, riesce", "amex": "American Express, riesce",
		"secure_ok": "3-D Secure, poi riesce", "secure_always": "3-D Secure ogni volta, poi riesce",
		"secure_quiet": "3-D Secure senza domanda, riesce", "secure_declined": "3-D Secure, poi rifiutata",
		"secure_insufficient": "3-D Secure, poi denaro insufficiente", "secure_error": "3-D Secure non raggiungibile, rifiutata",
		"declined": "Rifiutata", "insufficient": "Denaro insufficiente", "lost": "Carta smarrita", "stolen": "Carta rubata",
		"expired": "Carta scaduta", "bad_cvc": "Codice di sicurezza errato", "processing": "Errore di elaborazione",
		"velocity":        "Usata troppo spesso",
		"attach_declined": "Si può conservare, poi rifiutata", "secure_unless_set_up": "3-D Secure salvo consenso precedente, riesce",
		"secure_optional": "3-D Secure solo se il negozio lo chiede, riesce", "blocked": "Bloccata, troppo rischiosa",
		"reviewed": "Rischiosa, riesce e viene esaminata", "disputed": "Riesce, poi contestata come frode",
		"not_received": "Riesce, poi contestata: merce non ricevuta", "inquiry": "Riesce, poi la banca chiede chiarimenti",
		"fraud_warning": "Riesce, poi avviso di frode", "disputed_multiple": "Riesce, poi contestata due volte",
		"refund_pending": "Riesce, i rimborsi richiedono un'ora", "refund_fails": "Riesce, i rimborsi falliscono dopo un'ora",
		"slow_ok": "In elaborazione per un po', poi riesce", "slow_fails": "In elaborazione per un po', poi fallisce",
		"unknown_500": "Riesce, ma la risposta è un errore", "unknown_reset": "Riesce, ma la connessione cade",
		"unknown_hang": "Riesce, ma non arriva risposta",
	},
}

var wordsFR = pageWords{
	Lang: "fr", Bank: "Banque de cartes de test, hors ligne", NoMoney: "Aucun argent ne circule ici. Utilisez uniquement une carte de test.",
	PayTitle: "Payer à la banque de test hors ligne", Order: "Ce que vous payez", Total: "Total",
	CardTitle: "Carte", Number: "Numéro de carte", Expiry: "Date d'expiration", ExpiryTip: "Comme sur la carte : 03 / 30",
	CVC: "Code de sécurité", CVCTip: "3 chiffres, 4 sur Amex", Name: "Nom sur la carte",
	Pay: "Payer", Hold: "Le montant est seulement réservé pour l'instant. Le magasin l'encaisse plus tard ou le libère.",
	Back: "Annuler et revenir au magasin", Wrong: "Le paiement n'a pas abouti",
	Cards: "Cartes de test", CardsTip: "Un clic remplit le formulaire.", Use: "Utiliser cette carte",
	SecureTitle: "Confirmez que c'est bien vous", SecureText: "Votre banque vous demanderait ici de confirmer ce paiement (3-D Secure).",
	Complete: "Confirmer", Fail: "Refuser",
	DoneTitle: "C'est déjà payé", DoneText: "La carte a servi une fois. Rien d'autre n'est débité.", DoneLink: "Revenir au magasin",
	ExpiredTitle: "Cette page de paiement a expiré", ExpiredText: "Rien n'a été débité. Recommencez depuis le magasin.",
	GoneTitle: "Cette page de paiement n'existe pas", GoneText: "Vérifiez l'adresse ou recommencez depuis le magasin.",
	Problems: map[string]string{
		"bad_number": "Vérifiez le numéro de carte", "bad_month": "Indiquez le mois et l'année d'expiration",
		"bad_year": "Indiquez l'année d'expiration", "past_expiry": "À cette date, la carte a déjà expiré",
		"bad_cvc": "Indiquez le code de sécurité", "bad_name": "Indiquez le nom sur la carte",
		declineGeneric:    "La carte a été refusée. Essayez une autre carte.",
		declineFunds:      "Il n'y a pas assez d'argent sur la carte. Essayez une autre carte.",
		declineLost:       "La carte a été refusée. Essayez une autre carte.",
		declineStolen:     "La carte a été refusée. Essayez une autre carte.",
		declineExpired:    "La carte a expiré. Essayez une autre carte.",
		declineCVC:        "Le code de sécurité est faux. Vérifiez-le et réessayez.",
		declineProcessing: "La carte n'a pas pu être traitée. Réessayez dans un instant.",
		declineVelocity:   "La carte a servi trop souvent. Essayez une autre carte.",
		declineNotTest:    "Ce n'est pas une carte de test. Choisissez-en une dans la liste.",
		declineSecure:     "La confirmation a échoué. Réessayez ou utilisez une autre carte.",
		declineAbsent:     "La banque de la carte demande une confirmation. Réessayez.",
		declineBlocked:    "Le paiement a été bloqué car trop risqué. Essayez une autre carte.",
	},
	Groups: map[string]string{
		"works": "Aboutissent", "secure": "Demandent une confirmation", "declined": "Sont refusées",
		"after": "Ont des suites", "open": "Restent incertaines un moment",
	},
	Tests: map[string]string{
		"visa": "Visa, réussit", "mastercard": "Mastercard, réussit", "amex": "American Express, réussit",
		"secure_ok": "3-D Secure, puis réussit", "secure_always": "3-D Secure à chaque fois, puis réussit",
		"secure_quiet": "3-D Secure sans question, réussit", "secure_declined": "3-D Secure, puis refusée",
		"secure_insufficient": "3-D Secure, puis fonds insuffisants", "secure_error": "3-D Secure injoignable, refusée",
		"declined": "Refusée", "insufficient": "Fonds insuffisants", "lost": "Carte perdue", "stolen": "Carte volée",
		"expired": "Carte expirée", "bad_cvc": "Code de sécurité faux", "processing": "Erreur de traitement",
		"velocity":        "Utilisée trop souvent",
		"attach_declined": "Peut être enregistrée, puis refusée", "secure_unless_set_up": "3-D Secure sauf accord préalable, réussit",
		"secure_optional": "3-D Secure seulement si le magasin le demande, réussit", "blocked": "Bloquée, trop risquée",
		"reviewed": "Risquée, réussit et est examinée", "disputed": "Réussit, puis contestée pour fraude",
		"not_received": "Réussit, puis contestée : produit non reçu", "inquiry": "Réussit, puis la banque demande des explications",
		"fraud_warning": "Réussit, puis alerte de fraude", "disputed_multiple": "Réussit, puis contestée deux fois",
		"refund_pending": "Réussit, les remboursements prennent une heure", "refund_fails": "Réussit, les remboursements échouent après une heure",
		"slow_ok": "En traitement un moment, puis réussit", "slow_fails": "En traitement un moment, puis échoue",
		"unknown_500": "Réussit, mais la réponse est une erreur", "unknown_reset": "Réussit, mais la connexion se coupe",
		"unknown_hang": "Réussit, mais aucune réponse ne vient",
	},
}

var wordsES = pageWords{
	Lang: "es", Bank: "Banco de tarjetas de prueba, sin conexión", NoMoney: "Aquí no se mueve dinero. Use solo una tarjeta de prueba.",
	PayTitle: "Pagar en el banco de prueba sin conexión", Order: "Qué paga", Total: "Total",
	CardTitle: "Tarjeta", Number: "Número de tarjeta", Expiry: "Fecha de caducidad", ExpiryTip: "Como en la tarjeta: 03 / 30",
	CVC: "Código de seguridad", CVCTip: "3 cifras, 4 en Amex", Name: "Nombre en la tarjeta",
	Pay: "Pagar", Hold: "De momento el importe solo se preautoriza. La tienda lo cobra más tarde o lo libera.",
	Back: "Cancelar y volver a la tienda", Wrong: "El pago no se ha realizado",
	Cards: "Tarjetas de prueba", CardsTip: "Un clic rellena el formulario.", Use: "Usar esta tarjeta",
	SecureTitle: "Confirme que es usted", SecureText: "Aquí su banco le pediría que confirmara este pago (3-D Secure).",
	Complete: "Confirmar", Fail: "Rechazar",
	DoneTitle: "Esto ya está pagado", DoneText: "La tarjeta se usó una vez. No se cobra nada más.", DoneLink: "Volver a la tienda",
	ExpiredTitle: "Esta página de pago ha caducado", ExpiredText: "No se ha cobrado nada. Empiece de nuevo desde la tienda.",
	GoneTitle: "Esta página de pago no existe", GoneText: "Revise la dirección o empiece de nuevo desde la tienda.",
	Problems: map[string]string{
		"bad_number": "Revise el número de tarjeta", "bad_month": "Introduzca la caducidad como mes y año",
		"bad_year": "Introduzca el año de caducidad", "past_expiry": "En esa fecha la tarjeta ya ha caducado",
		"bad_cvc": "Introduzca el código de seguridad", "bad_name": "Introduzca el nombre que figura en la tarjeta",
		declineGeneric:    "La tarjeta ha sido rechazada. Pruebe con otra.",
		declineFunds:      "La tarjeta no tiene saldo suficiente. Pruebe con otra.",
		declineLost:       "La tarjeta ha sido rechazada. Pruebe con otra.",
		declineStolen:     "La tarjeta ha sido rechazada. Pruebe con otra.",
		declineExpired:    "La tarjeta ha caducado. Pruebe con otra.",
		declineCVC:        "El código de seguridad no es correcto. Revíselo e inténtelo de nuevo.",
		declineProcessing: "No se ha podido procesar la tarjeta. Inténtelo de nuevo en un momento.",
		declineVelocity:   "La tarjeta se ha usado demasiadas veces. Pruebe con otra.",
		declineNotTest:    "Esta no es una tarjeta de prueba. Elija una de la lista.",
		declineSecure:     "La confirmación ha fallado. Inténtelo de nuevo o use otra tarjeta.",
		declineAbsent:     "El banco de la tarjeta pide una confirmación. Inténtelo de nuevo.",
		declineBlocked:    "El pago se ha bloqueado por ser demasiado arriesgado. Pruebe con otra tarjeta.",
	},
	Groups: map[string]string{
		"works": "Funcionan", "secure": "Piden una confirmación", "declined": "Se rechazan",
		"after": "Traen algo después", "open": "Quedan pendientes un rato",
	},
	Tests: map[string]string{
		"visa": "Visa, se acepta", "mastercard": "Mastercard, se acepta", "amex": "American Express, se acepta",
		"secure_ok": "3-D Secure, después se acepta", "secure_always": "3-D Secure siempre, después se acepta",
		"secure_quiet": "3-D Secure sin preguntar, se acepta", "secure_declined": "3-D Secure, después se rechaza",
		"secure_insufficient": "3-D Secure, después saldo insuficiente", "secure_error": "3-D Secure no responde, se rechaza",
		"declined": "Rechazada", "insufficient": "Saldo insuficiente", "lost": "Tarjeta perdida", "stolen": "Tarjeta robada",
		"expired": "Tarjeta caducada", "bad_cvc": "Código de seguridad incorrecto", "processing": "Error al procesar",
		"velocity":        "Usada demasiadas veces",
		"attach_declined": "Se puede guardar, luego rechazada", "secure_unless_set_up": "3-D Secure salvo consentimiento previo, funciona",
		"secure_optional": "3-D Secure solo si la tienda lo pide, funciona", "blocked": "Bloqueada, demasiado riesgo",
		"reviewed": "Con riesgo, funciona y se revisa", "disputed": "Funciona, luego disputada por fraude",
		"not_received": "Funciona, luego disputada: no recibido", "inquiry": "Funciona, luego el banco pide datos",
		"fraud_warning": "Funciona, luego aviso de fraude", "disputed_multiple": "Funciona, luego disputada dos veces",
		"refund_pending": "Funciona, los reembolsos tardan una hora", "refund_fails": "Funciona, los reembolsos fallan tras una hora",
		"slow_ok": "Se procesa un rato, luego funciona", "slow_fails": "Se procesa un rato, luego falla",
		"unknown_500": "Funciona, pero la respuesta es un error", "unknown_reset": "Funciona, pero se corta la conexión",
		"unknown_hang": "Funciona, pero no llega respuesta",
	},
}
