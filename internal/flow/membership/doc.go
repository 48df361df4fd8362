// Package membership lets dealers join a brand's pilot with their signature and leave it with notice. Until the last day a
// dealer that leaves is shown and answers as always. On that day offers that it has not answered go on to the buyer's next
// choice, or back to the buyer; orders that it has accepted stay with it until they are handed over: the buyer's contract
// does not end with the dealer's.
//
// It owns no table: pilot_memberships are network's. It refuses a site that was not invited, a second membership for the
// same flow, terms that are not the ones of today, and somebody who does not decide over the site's group. The last day
// is network.NoticeDays away and nobody can name an earlier one.
package membership
