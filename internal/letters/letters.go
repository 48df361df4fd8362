package letters

import (
	"fmt"
	"io/fs"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
	"forecourt/internal/sale"
)

// Config says who sends the letters.
type Config struct {
	Domain string // of the shop, such as "cars.example.com"
}

// Letters writes letters. Safe for concurrent use.
type Letters struct {
	words *i18n.Catalogue
	set   layouts
	from  Config
}

var _ sale.Letters = (*Letters)(nil)

// New reads the layouts mail/layout.html and mail/layout.txt.
func New(cat *i18n.Catalogue, templates fs.FS, from Config) (*Letters, error) {
	set, err := readLayouts(templates)
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	return &Letters{words: cat, set: set, from: from}, nil
}

// plan is who reads a letter and how it is written.
type plan struct {
	dealer  bool
	country bool // the market's own desk
	write   func(*writer) error
}

// staff tells letters that no buyer reads.
func (p plan) staff() bool { return p.dealer || p.country }

var plans = map[string]plan{
	"placed":            {write: placed},
	"reoffered":         {write: reoffered},
	"choose":            {write: choose},
	"accepted":          {write: accepted},
	"ordered":           {write: ordered},
	"built":             {write: step},
	"in_transit":        {write: inTransit},
	"arrived":           {write: step},
	"prepared":          {write: step},
	"ready":             {write: ready},
	"slot":              {write: slot},
	"renew":             {write: renew},
	"refund_failed":     {write: refundFailed},
	"transfer_in":       {write: transferIn},
	"card_payment":      {write: cardPayment},
	"desk_payment":      {write: deskPayment},
	"deferred":          {write: deferred},
	"overdue":           {write: overdue},
	"handed_over":       {write: handedOver},
	"handover_undone":   {write: handoverUndone},
	"cancelled":         {write: cancelled},
	"car_corrected":     {write: carCorrected},
	"payment_corrected": {write: paymentCorrected},

	"money_back":     {write: moneyBack},
	"second_payment": {write: secondPayment},
	"withdraw_link":  {write: withdrawLink},
	"withdrawn":      {write: withdrawn},
	"taken_back":     {write: takenBack},
	"changed":        {write: changed},
	"on_plan":        {write: onPlan},
	"silence":        {write: silence},
	"message":        {write: message},
	"change_refused": {write: changeRefused},
	"moved":          {write: moved},
	"move_proposed":  {write: moveProposed},
	"move_refused":   {write: moveRefused},
	"part_back":      {write: partBack},
	"part_failed":    {write: partFailed},

	"booked":             {write: visit},
	"visit_moved":        {write: visit},
	"extra_work":         {write: visit},
	"earlier_slot":       {write: visit},
	"dealer_booked":      {dealer: true, write: dealerVisit},
	"dealer_visit_moved": {dealer: true, write: dealerVisit},
	"extra_answered":     {dealer: true, write: dealerVisit},

	"dealer_offer":     {dealer: true, write: dealerOffer},
	"dealer_cancelled": {dealer: true, write: dealerCancelled},

	"question":        {write: question},
	"dealer_remind":   {dealer: true, write: rung("dealer_offer.next", "answer")},
	"offer_silent":    {dealer: true, write: rung("dealer_offer.next", "answer")},
	"dealer_answered": {dealer: true, write: rung("dealer_offer.next", "answer")},
	"offer_country":   {country: true, write: rung("offer_country.next", "receipt")},

	"dealer_asked":      {dealer: true, write: dealerAsked},
	"dealer_car_asked":  {dealer: true, write: dealerCarAsked},
	"dealer_moved":      {dealer: true, write: dealerMoved},
	"dealer_let_go":     {dealer: true, write: dealerLetGo},
	"dealer_changed":    {dealer: true, write: dealerChanged},
	"dealer_withdrawn":  {dealer: true, write: dealerWithdrawn},
	"dealer_refund_due": {dealer: true, write: dealerRefundDue},
	"dealer_silent":     {dealer: true, write: dealerSilent},
	"dealer_message":    {dealer: true, write: dealerMessage},
	"country_silent":    {country: true, write: countrySilent},
}

// Compose writes the letter. An error means that facts are missing without which it would be wrong.
func (s *Letters) Compose(l sale.Letter) (mail.Message, error) {
	p, ok := plans[l.Template]
	switch {
	case !ok:
		return mail.Message{}, fmt.Errorf("letters: no template %q", l.Template)
	case l.Order == nil || l.Market == nil || l.Dealer == nil || l.At.IsZero():
		return mail.Message{}, fmt.Errorf("letters: %s lacks its order, market, dealer or time", l.Template)
	}
	if p.dealer {
		l.Buyer = ordering.Buyer{Name: l.Dealer.Name, Email: l.Dealer.Email} // the reader; no buyer from here on
	}
	if p.country {
		l.Buyer = ordering.Buyer{Name: l.Market.Name, Email: l.Market.Access.Mail}
	}
	locale := l.Market.Locale
	if !p.staff() {
		o := *l.Order
		locale, o.Snapshot = l.Market.Speak(o.Locale), o.Snapshot.AsRead()
		l.Order = &o
	}
	w := newWriter(l, s.words.Printer(locale), s.from)
	if err := p.write(w); err != nil {
		return mail.Message{}, fmt.Errorf("letters: %s of %s: %w", l.Template, l.Order.ID, err)
	}
	w.foot(p.dealer, p.country)
	text, html, err := s.set.render(w.page)
	if err != nil {
		return mail.Message{}, fmt.Errorf("letters: %s: %w", l.Template, err)
	}
	var pictures []mail.Picture
	if w.page.car != nil {
		pictures = []mail.Picture{{ID: pictureID, Name: "car.png", PNG: w.page.car}}
	}
	return mail.Message{
		Pictures: pictures,
		ID:       fmt.Sprintf("%s.%d.%s", l.Template, l.Seq, l.Order.ID),
		To:       l.Buyer.Email, ToName: clean(l.Buyer.Name), Subject: w.page.Title, Text: text, HTML: html,
		Lang: w.page.Lang, Date: l.At,
		// Mail programs show all letters of one order as one conversation.
		Headers: map[string]string{"References": "<order." + string(l.Order.ID) + "@" + s.from.Domain + ">"},
	}, nil
}
