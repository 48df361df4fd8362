// Package ordering owns the order: who buys what at which fixed price from which dealers, where it
// stands, and every step that led there. It owns the tables buyers, configurations, drafts, orders,
// order_dealers, order_history, order_changes, order_requests, deferrals, order_links, mails, leads, desks,
// basket_changes, vehicle_reports, status_imports and status_import_rows. Retention: orders with their history
// and vehicle_reports as long as the books; status_imports with their rows 30 days; buyers until erased; drafts and leads 90 days, and desks and basket_changes with their draft; mails with their order.
//
// The state machine is data in state.go and in the table order_edges.
package ordering
