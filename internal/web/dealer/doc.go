// Package dealer is the portal in which a dealer's staff answer new orders, follow each car from the factory to the site, and
// hand it over. The dealer is always that of the signed-in user, never one that the address names; an order of another
// dealer does not exist here.
//
// Begin with routes.go: every path with its handler and the permission that it needs. One file is one page or act, with a
// template of the same name under templates/dealer. queue.go is the list, order.go one order, act.go the buttons on it,
// handover.go the day itself, scorecard.go and statement.go what a site did and earned, events.go tells open pages to look
// again. samples.go shows each page to the test that checks templates against their structs.
//
// A site may sell more than one flow (sale.Service.Flows). Lists are of one: the one that ?flow= names, else the site's first;
// where it has one, nothing asks for it. An order's flow is its own (allocation.Row), and what differs is what its flow
// says: its steps (ordering.Machine), its checks and facts (sale.Flow), words with the flow as last part of their key. The
// pages of the stock, the reports, the showroom and another car belong to new cars.
//
// Handlers decide nothing: a verb of package sale or of the flow does, and its fault becomes the page (422) or the answer. It
// refuses a POST without a form key and a step that the role at this site may not do. It owns no table.
package dealer
