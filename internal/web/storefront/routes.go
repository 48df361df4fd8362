package storefront

import (
	"forecourt/internal/identity"
	"forecourt/internal/web"
)

// Routes is the whole shop. Nobody signs in here: what belongs to one buyer lies behind a secret link.
func (h *Handlers) Routes() []web.Route {
	const s, p = "/:brand/:market", identity.Public
	return []web.Route{
		web.GET("/", p, h.showDoor),
		web.GET("/robots.txt", p, h.showRobots),
		web.GET("/sitemap.xml", p, h.showSitemap),
		web.GET("/evidence-key", p, h.showEvidenceKey),
		web.GET("/icons/:theme/:file", p, h.showIcon),
		web.GET("/car/:brand/:model/:look", p, h.showPicture),
		web.GET(s, p, h.showRange),
		web.GET(s+"/manifest.webmanifest", p, h.showManifest),
		web.GET(s+"/worker.js", p, h.showWorker),
		web.GET(s+"/offline", p, h.showOffline),
		web.GET(s+"/new", p, h.showRange),
		web.GET(s+"/new/:model", p, h.showModel),
		web.GET(s+"/new/:model/configure", p, h.showConfigure),
		web.GET(s+"/new/:model/phone.svg", p, h.showPhoneCode),
		web.GET(s+"/new/:model/nearest", p, h.showNearest),
		web.GET(s+"/new/:model/save", p, h.showSave),
		web.POST(s+"/new/:model/save", p, h.saveBuild),
		web.GET(s+"/build", p, h.findBuild),
		web.GET(s+"/build/:code", p, h.showBuild),
		web.GET(s+"/guide", p, h.showGuide),
		web.GET(s+"/compare", p, h.showCompare),
		web.GET(s+"/dealers", p, h.showDealers),
		web.GET(s+"/leave-name", p, h.showLeaveName),
		web.POST(s+"/leave-name", p, h.leaveName),
		web.GET(s+"/legal/accessibility", p, h.showStatement),
		web.GET(s+"/legal/accessibility/report", p, h.showReport),
		web.POST(s+"/legal/accessibility/report", p, h.sendReport),
		web.GET(s+"/legal/:name", p, h.showLegal),

		web.GET(s+"/new/:model/dealer", p, h.showDealerChoice),
		web.POST(s+"/new/:model/dealer", p, h.startCheckout),
		web.GET(s+"/checkout/:token/dealer", p, h.showDealerChange),
		web.POST(s+"/checkout/:token/dealer", p, h.changeDealer),
		web.GET(s+"/checkout/:token/details", p, h.showDetails),
		web.POST(s+"/checkout/:token/details", p, h.giveDetails),
		web.GET(s+"/checkout/:token/check", p, h.showCheck),
		web.POST(s+"/checkout/:token/factory", p, h.leaveCar),
		web.POST(s+"/checkout/:token/pay", p, h.placeOrder),

		web.GET(s+"/orders/:token", p, h.showOrder),
		web.POST(s+"/orders/:token/pay", p, h.toCardPage),
		web.POST(s+"/orders/:token/longer", p, h.prolong),
		web.POST(s+"/orders/:token/balance", p, h.payBalance),
		web.GET(s+"/pay/:token/:number", p, h.showPay),
		web.POST(s+"/pay/:token/:number", p, h.payByLink),
		web.GET(s+"/pay/:token/:number/paid", p, h.linkPaid),
		web.GET(s+"/pay/:token/:number/unpaid", p, h.linkUnpaid),
		web.GET(s+"/orders/:token/paid", p, h.backPaid),
		web.GET(s+"/orders/:token/unpaid", p, h.backUnpaid),
		web.POST(s+"/orders/:token/slot", p, h.bookSlot),
		web.POST(s+"/orders/:token/dealer", p, h.chooseDealer),
		web.GET(s+"/orders/:token/cancel", p, h.showCancel),
		web.POST(s+"/orders/:token/cancel", p, h.cancelOrder),
		web.GET(s+"/withdraw", p, h.showWithdrawDoor),
		web.POST(s+"/withdraw", p, h.askWithdrawLink),
		web.GET(s+"/orders/:token/withdraw", p, h.showWithdraw),
		web.POST(s+"/orders/:token/withdraw", p, h.withdrawOrder),
		web.GET(s+"/orders/:token/documents/confirmation", p, h.showConfirmation),
		web.GET(s+"/orders/:token/papers/:paper", p, h.showPaper),
		web.GET(s+"/orders/:token/papers/:paper/pdf", p, h.showPaperPDF),
		web.GET(s+"/orders/:token/proof.zip", p, h.showProof),
		web.GET(s+"/orders/:token/texts/:name", p, h.showAccepted),
		web.GET(s+"/orders/:token/calendar.ics", p, h.showCalendar),
	}
}
