package stripesim

// kind is the type of an event. Only these are told; a test sees to it that each is.
type kind string

// Kinds of events, by the object that they tell of.
const (
	tellCheckoutSessionCompleted             kind = "checkout.session.completed"
	tellCheckoutSessionExpired               kind = "checkout.session.expired"
	tellCheckoutSessionAsyncPaymentSucceeded kind = "checkout.session.async_payment_succeeded"
	tellCheckoutSessionAsyncPaymentFailed    kind = "checkout.session.async_payment_failed"

	tellPaymentIntentCreated                 kind = "payment_intent.created"
	tellPaymentIntentRequiresAction          kind = "payment_intent.requires_action"
	tellPaymentIntentProcessing              kind = "payment_intent.processing"
	tellPaymentIntentAmountCapturableUpdated kind = "payment_intent.amount_capturable_updated"
	tellPaymentIntentSucceeded               kind = "payment_intent.succeeded"
	tellPaymentIntentPaymentFailed           kind = "payment_intent.payment_failed"
	tellPaymentIntentCanceled                kind = "payment_intent.canceled"

	tellChargePending   kind = "charge.pending"
	tellChargeSucceeded kind = "charge.succeeded"
	tellChargeCaptured  kind = "charge.captured"
	tellChargeFailed    kind = "charge.failed"
	tellChargeExpired   kind = "charge.expired"
	tellChargeRefunded  kind = "charge.refunded"
	tellChargeUpdated   kind = "charge.updated"

	tellChargeRefundUpdated kind = "charge.refund.updated"
	tellRefundCreated       kind = "refund.created"
	tellRefundUpdated       kind = "refund.updated"
	tellRefundFailed        kind = "refund.failed"

	tellChargeDisputeCreated         kind = "charge.dispute.created"
	tellChargeDisputeUpdated         kind = "charge.dispute.updated"
	tellChargeDisputeClosed          kind = "charge.dispute.closed"
	tellChargeDisputeFundsWithdrawn  kind = "charge.dispute.funds_withdrawn"
	tellChargeDisputeFundsReinstated kind = "charge.dispute.funds_reinstated"

	tellRadarEarlyFraudWarningCreated kind = "radar.early_fraud_warning.created"
	tellReviewOpened                  kind = "review.opened"
	tellReviewClosed                  kind = "review.closed"

	tellCustomerCreated       kind = "customer.created"
	tellCustomerUpdated       kind = "customer.updated"
	tellPaymentMethodAttached kind = "payment_method.attached"
)
