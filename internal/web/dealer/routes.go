package dealer

import (
	"forecourt/internal/identity"
	"forecourt/internal/web"
)

// Routes lists every door of the portal.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.GET("/dealer", identity.DealerQueue, h.showQueue),
		web.GET("/dealer/events", identity.DealerQueue, h.events),
		web.POST("/dealer/views", identity.DealerQueue, h.saveView),
		web.POST("/dealer/views/:view/drop", identity.DealerQueue, h.dropView),
		web.GET("/dealer/handovers", identity.DealerHandover, h.showHandovers),
		web.GET(statementPath, identity.DealerQueue, h.showStatement),
		web.GET(statementPath+"/:file", identity.DealerQueue, h.statementFile),
		web.GET("/dealer/find", identity.DealerHandover, h.find),
		web.GET("/dealer/orders/:number", identity.DealerQueue, h.showOrder),
		web.GET("/dealer/orders/:number/receipt", identity.DealerQueue, h.showReceipt),
		web.POST("/dealer/orders/:number/accept", identity.DealerQueue, h.accept),
		web.POST("/dealer/orders/:number/decline", identity.DealerQueue, h.decline),
		web.POST("/dealer/orders/:number/question", identity.DealerQueue, h.ask),
		web.POST("/dealer/orders/:number/step", identity.DealerQueue, h.step),
		web.POST("/dealer/orders/:number/checks", identity.DealerQueue, h.saveChecks),
		web.POST("/dealer/orders/:number/payments", identity.DealerQueue, h.recordPayment),
		web.POST("/dealer/orders/:number/returns/:payment", identity.DealerQueue, h.confirmReturn),
		web.GET("/dealer/orders/:number/papers/:paper", identity.DealerQueue, h.showPaper),
		web.GET("/dealer/orders/:number/papers/:paper/pdf", identity.DealerQueue, h.showPaperPDF),
		web.POST("/dealer/orders/:number/take-back", identity.DealerHandover, h.takeBack),
		web.POST("/dealer/orders/:number/interest", identity.DealerQueue, h.confirmInterest),
		web.GET("/dealer/orders/:number/handover", identity.DealerHandover, h.showHandover),
		web.POST("/dealer/orders/:number/handover", identity.DealerHandover, h.handOver),
	}
}
