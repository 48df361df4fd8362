package dealer

import (
	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/talk"
	"forecourt/internal/web"
)

// Routes lists every door of the portal.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.GET("/dealer", identity.DealerSee, h.showQueue),
		web.GET("/dealer/group", identity.DealerSee, h.showGroup),
		web.POST("/dealer/group/site", identity.DealerSee, h.switchSite),
		web.GET(exportPath, identity.DealerSee, h.exportQueue),
		web.GET(leadsPath, identity.DealerSee, h.exportLeads),
		web.GET("/dealer/orders/:number/lead.xml", identity.DealerSee, h.exportLead),
		web.GET("/dealer/events", identity.DealerSee, h.events),
		web.POST("/dealer/views", identity.DealerSee, h.saveView),
		web.POST("/dealer/views/:view/drop", identity.DealerSee, h.dropView),
		web.GET(scorecardPath, identity.DealerSee, h.showScorecard),
		web.POST(scorecardPath+"/remarks", identity.DealerQueue, h.remark),
		web.GET("/dealer/handovers", identity.DealerHandover, h.showHandovers),
		web.GET(statementPath, identity.DealerMoney, h.showStatement),
		web.GET(statementPath+"/:file", identity.DealerMoney, h.statementFile),
		web.GET(feesPath+"/:number", identity.DealerMoney, h.showFee),
		web.POST(feesPath+"/:number", identity.DealerMoney, h.objectFee),
		web.GET(feedPath, identity.DealerSee, h.showFeed),
		web.POST(feedPath, identity.DealerSee, h.makeFeed),
		web.POST(feedPath+"/end", identity.DealerSee, h.endFeed),
		web.GET(openFeed+":token", identity.Public, h.readFeed),
		web.GET("/dealer/find", identity.DealerHandover, h.find),
		web.GET("/dealer/orders/:number", identity.DealerSee, h.showOrder),
		web.GET("/dealer/orders/:number/receipt", identity.DealerSee, h.showReceipt),
		web.POST("/dealer/orders/:number/accept", identity.DealerQueue, h.accept),
		web.POST("/dealer/orders/:number/decline", identity.DealerQueue, h.decline),
		web.POST("/dealer/orders/:number/snooze", identity.DealerQueue, h.snooze),
		web.POST("/dealer/orders/:number/question", identity.DealerQueue, h.ask),
		web.GET(stockPath, identity.DealerSee, h.showStock),
		web.POST(stockPath+"/:car/ask", identity.DealerQueue, h.askForCar),
		web.POST(stockPath+"/:car/leave", identity.DealerQueue, h.leaveCar),
		web.GET("/dealer/preparation", identity.DealerSee, h.showPreparation),
		web.Route{Method: "POST", Path: "/dealer/orders/:number/messages", Perm: identity.DealerPrepare, Handler: h.answer, MaxBody: web.MaxThreadForm},
		web.GET("/dealer/orders/:number/messages/:photo", identity.DealerSee, h.photoOf(talk.PhotoOf)),
		web.POST("/dealer/orders/:number/news", identity.DealerPrepare, h.stillOnPlan),
		web.GET(reportsPath, identity.DealerPrepare, h.showReports),
		web.Route{Method: "POST", Path: reportsPath, Perm: identity.DealerPrepare, Handler: h.sendReports, MaxBody: web.MaxReportsForm},
		web.GET(reportsPath+"/:import", identity.DealerPrepare, h.showReport),
		web.POST(reportsPath+"/:import", identity.DealerPrepare, h.applyReports),
		web.GET(reportsPath+"/:import/rejects.csv", identity.DealerPrepare, h.reportRejects),
		web.POST("/dealer/orders/:number/step", identity.DealerPrepare, h.step),
		web.POST("/dealer/orders/:number/checks", identity.DealerPrepare, h.saveChecks),
		web.POST("/dealer/orders/:number/payments", identity.DealerMoney, h.recordPayment),
		web.POST("/dealer/orders/:number/deferral", identity.DealerDefer, h.deferRest),
		web.POST("/dealer/orders/:number/returns/:payment", identity.DealerMoney, h.confirmReturn),
		web.GET("/dealer/orders/:number/papers/:paper", identity.DealerSee, h.showPaper),
		web.GET("/dealer/orders/:number/papers/:paper/pdf", identity.DealerSee, h.showPaperPDF),
		web.POST("/dealer/orders/:number/take-back", identity.DealerHandover, h.takeBack),
		web.POST("/dealer/orders/:number/interest", identity.DealerMoney, h.confirmInterest),
		web.POST("/dealer/orders/:number/change/accept", identity.DealerQueue, h.allowCar),
		web.POST("/dealer/orders/:number/change/decline", identity.DealerQueue, h.refuseCar),
		web.GET("/dealer/requests/:number", identity.DealerSee, h.showRequest),
		web.POST("/dealer/requests/:number/accept", identity.DealerQueue, h.takeOver),
		web.POST("/dealer/requests/:number/decline", identity.DealerQueue, h.leaveOver),
		web.GET("/dealer/worker.js", identity.Public, h.showWorker),
		web.GET("/dealer/orders/:number/handover", identity.DealerHandover, h.showHandover),
		web.Route{Method: "POST", Path: "/dealer/orders/:number/handover", Perm: identity.DealerHandover, Handler: h.handOver, MaxBody: MaxHandoverForm},
		web.GET("/dealer/orders/:number/handover/:photo", identity.DealerSee, h.photoOf(allocation.HandoverPhotoOf)),
		web.POST("/dealer/orders/:number/signed", identity.DealerHandover, h.signOnPaper),
		web.POST("/dealer/orders/:number/undo", identity.DealerHandover, h.undoHandover),
	}
}
